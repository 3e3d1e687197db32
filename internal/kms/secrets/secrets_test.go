package secrets

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/awstest"
	"github.com/libasherah/libasherah/internal/kms/kmstest"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region = "eu-west-1"

var (
	master = []byte("0123456789abcdef0123456789\x00\xff\"\\\n\t")
	other  = []byte("another master key of 32 bytes..")
)

func options(c *awstest.Cloud, id string, pairs ...string) Options {
	return Options{
		SecretID: id, AttemptTimeout: 30 * time.Second, Budget: time.Minute, Memory: seccache.Open(seccache.Prefer),
		AWS: awsconf.Options{
			Lookup: c.Environment(append([]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER", c.Region(region).URL}, pairs...)...),
		},
	}
}

func newStatic(t *testing.T, key []byte) *static.KMS {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	secret, err := arena.NewSecret(len(key))
	if err != nil {
		t.Fatal(err)
	}
	copy(secret.Bytes(), key)
	k, err := static.New(arena, secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestForms: the secret is hex or bytes, found by name or ARN, and works as the static KMS does with the same key.
func TestForms(t *testing.T) {
	c := awstest.New(t, region)
	r := c.Region(region)
	r.AddSecret("hex", hex.EncodeToString(master))
	r.AddSecret("capitals", "\n "+strings.ToUpper(hex.EncodeToString(master))+"\r\n")
	arn := r.AddBinarySecret("binary", master)
	before := seccache.ReadStats().LiveSecrets
	for _, id := range []string{"hex", "capitals", "binary", arn, " " + arn + "\n"} {
		k, err := Open(t.Context(), options(c, id, "AWS_REGION", region))
		if err != nil {
			t.Errorf("%s: %v (%v)", id, err, errors.Unwrap(err))
			continue
		}
		kmstest.Run(t, kmstest.Harness{
			Open: func(t *testing.T) envelope.KMS {
				k, err := Open(t.Context(), options(c, id, "AWS_REGION", region))
				if err != nil {
					t.Fatal(err)
				}
				return k
			},
			Stranger: func(t *testing.T) envelope.KMS { return newStatic(t, other) },
			Wrap: func(t *testing.T, key []byte) []byte {
				return wrapAnyLength(t, key)
			},
		})
		same := newStatic(t, master)
		key, _ := seccache.Open(seccache.Prefer).NewSecret(seccache.KeySize)
		copy(key.Bytes(), other)
		text, err := k.EncryptKey(t.Context(), key, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := same.DecryptKey(t.Context(), text, 0, false)
		if err != nil || !bytes.Equal(opened.Bytes(), other) {
			t.Errorf("%s: it is another key, or %v", id, err)
		}
		opened.Destroy()
		key.Destroy()
		_ = k.Close()
		_ = same.Close()
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
	// The region of an ARN needs no other.
	k, err := Open(t.Context(), options(c, arn, "AWS_REGION", "us-west-2"))
	if err != nil {
		t.Fatal(err)
	}
	_ = k.Close()
}

func TestOtherForms(t *testing.T) {
	c := awstest.New(t, region)
	r := c.Region(region)
	r.AddSecret("empty", "")
	r.AddSecret("short", hex.EncodeToString(master[:31]))
	r.AddSecret("long", hex.EncodeToString(master)+"00")
	r.AddSecret("no hex", strings.Repeat("g", 64))
	r.AddSecret("raw", string(master[:26])+"123456")
	r.AddSecret("JSON", `{"key":"`+hex.EncodeToString(master)+`"}`)
	r.AddBinarySecret("short bytes", master[:31])
	r.AddBinarySecret("hex bytes", []byte(hex.EncodeToString(master)))
	before := seccache.ReadStats().LiveSecrets
	for _, id := range []string{"short", "long", "no hex", "raw", "JSON", "short bytes", "hex bytes"} {
		k, err := Open(t.Context(), options(c, id, "AWS_REGION", region))
		if k != nil || envelope.CodeOf(err) != envelope.Configuration || strings.Contains(err.Error(), "0123") {
			t.Errorf("%s: %v, %v", id, k, err)
		}
	}
	if k, err := Open(t.Context(), options(c, "empty", "AWS_REGION", region)); k != nil || err == nil {
		t.Errorf("empty: %v, %v", k, err)
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
	for name, o := range map[string]Options{
		"no id": options(c, " ", "AWS_REGION", region), "no region": options(c, "hex"),
		"malformed ARN":  options(c, "arn:aws:secretsmanager:"+region+":secret:x"),
		"ARN of another": options(c, "arn:aws:kms:"+region+":"+awstest.Account+":key/1:x"),
	} {
		if k, err := Open(t.Context(), o); k != nil || envelope.CodeOf(err) != envelope.Configuration {
			t.Errorf("%s: %v, %v", name, k, err)
		} else if name == "no region" && !strings.Contains(err.Error(), "PreferredRegion") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFailures(t *testing.T) {
	c := awstest.New(t, region)
	r := c.Region(region)
	r.AddSecret("master", hex.EncodeToString(master))
	for name, tc := range map[string]struct {
		fault *awstest.Fault
		class string
		code  envelope.Code
	}{
		"denied":     {awstest.AccessDenied, "access denied (request ", envelope.KMSFailed},
		"decryption": {&awstest.Fault{Status: 400, Code: "DecryptionFailure"}, "wrong key (request ", envelope.KMSFailed},
		"silent":     {awstest.Silent, "timed out", envelope.TimedOut},
		"throttled":  {awstest.Throttled, "throttled (request ", envelope.KMSFailed},
		"internal":   {awstest.Internal, "unavailable (request ", envelope.KMSFailed},
		"missing":    {nil, "not found (request ", envelope.KMSFailed},
	} {
		t.Run(name, func(t *testing.T) {
			id := "master"
			if tc.fault == nil {
				id = "none"
			}
			r.Fail(tc.fault)
			defer r.Fail(nil)
			o := options(c, id, "AWS_REGION", region)
			o.AttemptTimeout, o.Budget = 100*time.Millisecond, time.Second
			if tc.class != "timed out" {
				o.AttemptTimeout, o.Budget = 30*time.Second, 500*time.Millisecond
			}
			k, err := Open(t.Context(), o)
			if k != nil || envelope.CodeOf(err) != tc.code || !strings.Contains(err.Error(), region+": "+tc.class) {
				t.Errorf("%v, %v", k, err)
			}
			if err != nil && (strings.Contains(err.Error(), awstest.Account) || strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("%v", err)
			}
		})
	}
	// What fails for the moment is asked again.
	n := 0
	r.FailOn(func(awstest.Call) *awstest.Fault {
		if n++; n < 3 {
			return awstest.Reset
		}
		return nil
	})
	k, err := Open(t.Context(), options(c, "master", "AWS_REGION", region))
	if err != nil {
		t.Fatal(err)
	}
	_ = k.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if k, err := Open(ended, options(c, "master", "AWS_REGION", region)); k != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", k, err)
	}
}

// TestClockSkew: a machine whose clock is wrong is told the time by AWS.
func TestClockSkew(t *testing.T) {
	c := awstest.New(t, region)
	c.Region(region).AddBinarySecret("master", master)
	c.Region(region).SetClock(-time.Hour)
	k, err := Open(t.Context(), options(c, "master", "AWS_REGION", region))
	if err != nil {
		t.Fatal(err)
	}
	_ = k.Close()
}

// TestLive asks AWS itself for the secret that ASHERAH_TEST_AWS_SECRET names.
func TestLive(t *testing.T) {
	id := os.Getenv("ASHERAH_TEST_AWS_SECRET")
	if id == "" {
		t.Skip("ASHERAH_TEST_AWS_SECRET is not set: AWS itself is not asked")
	}
	k, err := Open(t.Context(), Options{SecretID: id, AWS: awsconf.Options{Lookup: os.LookupEnv}})
	if err != nil {
		t.Fatal(err)
	}
	_ = k.Close()
}
