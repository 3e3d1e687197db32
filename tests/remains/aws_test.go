//go:build !race

package remains

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	awskms "github.com/libasherah/libasherah/internal/kms/aws"
	"github.com/libasherah/libasherah/internal/kms/awstest"
)

// handedOut are the patterns of everything that KMS has given in the clear so far, as bytes, as a cipher has them, and
// in base64 as they travel.
func handedOut(t *testing.T, cloud *awstest.Cloud) *patterns {
	t.Helper()
	look := &patterns{}
	for i, key := range cloud.Plaintexts() {
		addKey(t, look, fmt.Sprint("data key ", i), key)
		look.add(fmt.Sprint("data key ", i, " in base64"), []byte(base64.StdEncoding.EncodeToString(key)), 8)
	}
	return look
}

func addKey(t *testing.T, look *patterns, name string, key []byte) {
	t.Helper()
	look.add(name, key, patternSize)
	for i, part := range expanded(t, key) {
		look.add(fmt.Sprintf("%s, expanded, part %d", name, i), part, patternSize)
	}
}

func startAWS(t *testing.T, plainly bool) (*awstest.Cloud, []byte, *process) {
	t.Helper()
	names := []string{"us-west-2", "us-east-1", "eu-north-1"}
	cloud := awstest.New(t, names...)
	master := make([]byte, keySize)
	_, _ = rand.Read(master)
	s := awsSetting{Plainly: plainly, Secret: "master", Environment: map[string]string{
		"AWS_ACCESS_KEY_ID": awstest.AccessKeyID, "AWS_SECRET_ACCESS_KEY": awstest.SecretAccessKey,
		"AWS_CA_BUNDLE": cloud.CABundle(), "AWS_REGION": names[0],
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": cloud.Region(names[0]).URL,
	}}
	for _, name := range names {
		arn := cloud.Region(name).AddKey("1234", "")
		s.Regions = append(s.Regions, awskms.Region{Name: name, KeyID: arn, Endpoint: cloud.Region(name).URL})
	}
	cloud.Region(names[0]).AddSecret("master", hex.EncodeToString(master))
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return cloud, master, start(t, "TestAWSChild", awsVariable+"="+string(text))
}

// TestNothingRemainsOfAWS: no data key of KMS is anywhere in memory after the call that used it, whether it served, was
// too late or was wrong, nor a master key of Secrets Manager but in locked memory.
func TestNothingRemainsOfAWS(t *testing.T) {
	cloud, master, p := startAWS(t, false)
	p.expect("working")
	made, opened := len(cloud.Calls("GenerateDataKey")), len(cloud.Calls("Decrypt"))
	if made != generations || opened != generations {
		t.Fatalf("%d data keys made, %d opened", made, opened)
	}
	found := scan(t, p.pid, handedOut(t, cloud))
	report(t, "after use", append(found.ordinary, found.locked...))

	// The preferred region is slower than the others; one gives a key that is too long, another a wrong one.
	late := &awstest.Fault{Delay: time.Second}
	cloud.Region("us-west-2").Fail(late)
	cloud.Region("us-east-1").FailOn(func(c awstest.Call) *awstest.Fault {
		if c.Op == "Decrypt" {
			return &awstest.Fault{Plaintext: []byte("a key of forty-eight bytes, which is far too long")}
		}
		return awstest.Throttled
	})
	p.next()
	p.expect("failed")
	cloud.Region("us-west-2").Fail(nil)
	cloud.Region("us-east-1").Fail(nil)
	time.Sleep(2 * late.Delay) // attempts that nobody waits for have ended
	look := handedOut(t, cloud)
	found = scan(t, p.pid, look)
	report(t, "after calls that failed or were late", append(found.ordinary, found.locked...))
	p.next()

	p.expect("secret")
	look = handedOut(t, cloud)
	addKey(t, look, "master key", master)
	look.add("master key in hex", []byte(hex.EncodeToString(master)), 8)
	found = scan(t, p.pid, look)
	report(t, "with a master key of Secrets Manager", found.ordinary)
	if !strings.Contains(strings.Join(found.locked, "\n"), "master key") {
		t.Errorf("the master key is not found in locked memory, where it is: %v", found.locked)
	}
	p.next()

	p.expect("closed")
	found = scan(t, p.pid, look)
	report(t, "after the end", append(found.ordinary, found.locked...))
	p.next()
}

// TestPlainSDK shows what the test above sees: with the SDK alone the data key stays in memory, although what the SDK
// returned is wiped.
func TestPlainSDK(t *testing.T) {
	cloud, _, p := startAWS(t, true)
	p.expect("working")
	if found := scan(t, p.pid, handedOut(t, cloud)); len(found.ordinary) == 0 {
		t.Error("nothing is found: this test sees nothing")
	} else {
		t.Logf("%d places", len(found.ordinary))
	}
	p.next()
}
