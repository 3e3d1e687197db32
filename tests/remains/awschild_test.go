//go:build !race

package remains

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	awskms "github.com/libasherah/libasherah/internal/kms/aws"
	"github.com/libasherah/libasherah/internal/kms/secrets"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/seccache"
)

// awsVariable is set in a process that uses AWS; its value is an awsSetting.
const awsVariable = "REMAINS_TEST_AWS"

// awsSetting is where the child finds AWS, and how it is to use it.
type awsSetting struct {
	Environment map[string]string
	Regions     []awskms.Region
	Secret      string
	Plainly     bool // with the SDK alone
}

const awsPartitions = 6

// TestAWSChild is the process that uses AWS.
func TestAWSChild(t *testing.T) {
	text := os.Getenv(awsVariable)
	if text == "" {
		return
	}
	var s awsSetting
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	options := awsconf.Options{Lookup: func(name string) (string, bool) { v, ok := s.Environment[name]; return v, ok }}
	if s.Plainly {
		plainly(t, &s, options)
		return
	}
	arena := seccache.Open(seccache.Require)
	k, err := awskms.New(awskms.Options{
		Regions: s.Regions, Preferred: s.Regions[0].Name, AWS: options, Memory: arena,
		HedgeDelay: 200 * time.Millisecond, AttemptTimeout: 20 * time.Second, Budget: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	var now atomic.Int64
	now.Store(1_700_000_000)
	var records [][]byte
	making := newAWSFactory(t, k, store, &now)
	for range generations {
		records = append(records, everyPartition(t, making, nil)...)
		now.Add(7200)
	}
	opening := newAWSFactory(t, k, store, &now)
	everyPartition(t, opening, records)
	stage(t, "working")

	// The parent has the regions fail.
	failing := newAWSFactory(t, k, store, &now)
	everyPartition(t, failing, nil)
	everyPartition(t, failing, records)
	stage(t, "failed")

	own := options
	own.Endpoint = s.Environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"]
	static, err := secrets.Open(context.Background(), secrets.Options{SecretID: s.Secret, AWS: own, Memory: arena})
	if err != nil {
		t.Fatal(err)
	}
	fromSecret := newAWSFactory(t, static, memory.New(), &now)
	everyPartition(t, fromSecret, nil)
	stage(t, "secret")

	for _, f := range []*envelope.Factory{making, opening, failing, fromSecret} {
		f.Close()
	}
	_ = k.Close()
	_ = static.Close()
	if s := seccache.ReadStats(); s.LiveSecrets != 0 || s.LockedBytes != 0 {
		t.Fatalf("%+v after everything was closed", s)
	}
	stage(t, "closed")
}

// plainly makes a data key as a program does that uses the SDK with its own client, and wipes what it is given.
func plainly(t *testing.T, s *awsSetting, options awsconf.Options) {
	settings, err := awsconf.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	defer settings.Close()
	client := kms.New(kms.Options{
		Region: s.Regions[0].Name, BaseEndpoint: &s.Regions[0].Endpoint, Credentials: settings.Credentials,
		HTTPClient: settings.HTTP,
	})
	out, err := client.GenerateDataKey(context.Background(), &kms.GenerateDataKeyInput{
		KeyId: &s.Regions[0].KeyID, KeySpec: types.DataKeySpecAes256,
	})
	if err != nil {
		t.Fatal(err)
	}
	seccache.Wipe(out.Plaintext)
	stage(t, "working")
}

func newAWSFactory(t *testing.T, k envelope.KMS, m envelope.Metastore, now *atomic.Int64) *envelope.Factory {
	policy := envelope.DefaultPolicy()
	policy.ExpireAfter = time.Hour
	f, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: m, KMS: k, Policy: policy, Memory: seccache.Open(seccache.Require),
		Clock: func() time.Time { return time.Unix(now.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// everyPartition opens records, or makes one for each partition if there are none, all at the same time and on stacks
// of different depth.
func everyPartition(t *testing.T, f *envelope.Factory, records [][]byte) [][]byte {
	count := len(records)
	if count == 0 {
		count = awsPartitions
	}
	made := make([][]byte, count)
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			err := deep(i%4*10, func() (err error) {
				s, err := f.Session(fmt.Sprint("partition", i%awsPartitions))
				if err != nil {
					return err
				}
				defer s.Close()
				if records == nil {
					made[i], err = s.EncryptBytes(context.Background(), []byte("text"))
				} else {
					_, err = s.DecryptBytes(context.Background(), records[i])
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return made
}
