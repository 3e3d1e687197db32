package awskms

import (
	"os"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// TestLive asks AWS itself. ASHERAH_TEST_AWS_KMS holds ARNs of keys, separated by commas, the preferred one first; the
// credentials are those of the AWS SDK's environment.
func TestLive(t *testing.T) {
	arns := os.Getenv("ASHERAH_TEST_AWS_KMS")
	if arns == "" {
		t.Skip("ASHERAH_TEST_AWS_KMS is not set: AWS itself is not asked")
	}
	o := Options{
		AWS: awsconf.Options{Lookup: os.LookupEnv}, Memory: seccache.Open(seccache.Prefer), RequireAllRegions: true,
	}
	for _, arn := range strings.Split(arns, ",") {
		o.Regions = append(o.Regions, Region{KeyID: arn})
	}
	o.Preferred, _, _ = regionOfARN(o.Regions[0].KeyID)
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	key := newKey(t)
	text := wrap(t, k, key)
	if s := spell(t, text); len(s.KmsKeks) != len(o.Regions) {
		t.Errorf("wrapped in %s", s.in())
	}
	mustUnwrap(t, k, text, key)
	for _, r := range o.Regions {
		alone, err := New(Options{Regions: []Region{r}, AWS: o.AWS, Memory: o.Memory})
		if err != nil {
			t.Fatal(err)
		}
		mustUnwrap(t, alone, text, key)
		_ = alone.Close()
	}
	damaged := []byte(strings.ReplaceAll(string(text), `"encryptedKek":"AQ`, `"encryptedKek":"AR`))
	if _, err := k.DecryptKey(t.Context(), damaged, 0, false); envelope.CodeOf(err) != envelope.Authentication {
		t.Errorf("a damaged copy: %v", err)
	}
}
