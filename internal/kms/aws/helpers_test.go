package awskms

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/awstest"
	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The regions of the tests, in the order in which they are asked.
const west, east, north = "us-west-2", "us-east-1", "eu-north-1"

var everywhere = []string{west, east, north}

// fixture is a cloud with a key in each region.
type fixture struct {
	*awstest.Cloud
	t    *testing.T
	arns map[string]string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	before := seccache.ReadStats().LiveSecrets
	t.Cleanup(func() {
		if after := seccache.ReadStats().LiveSecrets; after != before {
			t.Errorf("%d secrets are left", after-before)
		}
	})
	f := &fixture{Cloud: awstest.New(t, everywhere...), t: t, arns: map[string]string{}}
	for i, name := range everywhere {
		f.arns[name] = f.Region(name).AddKey("1234abcd-12ab-34cd-56ef-12345678900"+string(rune('a'+i)), "asherah")
	}
	return f
}

// options are those of a KMS in all regions, whose time limits no test should meet.
func (f *fixture) options() Options {
	o := Options{
		Preferred: west, AttemptTimeout: 30 * time.Second, Budget: time.Minute, HedgeDelay: 30 * time.Second,
		AWS: awsconf.Options{Lookup: f.Environment()}, Memory: seccache.Open(seccache.Prefer),
	}
	for _, name := range everywhere {
		o.Regions = append(o.Regions, Region{Name: name, KeyID: f.arns[name], Endpoint: f.Region(name).URL})
	}
	return o
}

// open makes a KMS, with what change says.
func (f *fixture) open(change func(*Options)) *KMS {
	f.t.Helper()
	o := f.options()
	if change != nil {
		change(&o)
	}
	k, err := New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if err := k.Close(); err != nil {
			f.t.Error(err)
		}
	})
	return k
}

func newKey(t *testing.T) *seccache.Secret {
	t.Helper()
	key, err := seccache.Open(seccache.Prefer).NewSecret(seccache.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(key.Destroy)
	_, _ = rand.Read(key.Bytes())
	return key
}

func wrap(t *testing.T, k *KMS, key *seccache.Secret) []byte {
	t.Helper()
	text, err := k.EncryptKey(t.Context(), key, 1_700_000_040, false)
	if err != nil {
		t.Fatalf("EncryptKey: %v (%v)", err, errors.Unwrap(err))
	}
	return text
}

// mustUnwrap fails the test if text does not open to key.
func mustUnwrap(t *testing.T, k *KMS, text []byte, key *seccache.Secret) {
	t.Helper()
	got, err := k.DecryptKey(t.Context(), text, 1_700_000_040, false)
	if err != nil {
		t.Fatalf("DecryptKey: %v (%v)", err, errors.Unwrap(err))
	}
	defer got.Destroy()
	if !bytes.Equal(got.Bytes(), key.Bytes()) {
		t.Fatal("DecryptKey gave another key")
	}
}

// mustFail fails the test if text opens, and returns the error, which has nothing in it that it must not have.
func mustFail(t *testing.T, k *KMS, text []byte, code envelope.Code) error {
	t.Helper()
	got, err := k.DecryptKey(t.Context(), text, 1_700_000_040, false)
	if err == nil {
		got.Destroy()
	}
	if err == nil || got != nil || envelope.CodeOf(err) != code {
		t.Fatalf("DecryptKey = %v, %v (%v); want class %d", got, err, errors.Unwrap(err), code)
	}
	discreet(t, err)
	return err
}

func discreet(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{
		awstest.Account, "arn:aws:kms:us", "arn:aws:kms:eu", "arn:aws:iam", awstest.AccessKeyID, awstest.SecretAccessKey,
		"127.0.0.1",
	} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in the error %q", secret, err)
		}
	}
}

// spelled is a blob as the standard library reads it.
type spelled struct {
	EncryptedKey []byte `json:"encryptedKey"`
	KmsKeks      []struct {
		Region       string `json:"region"`
		ARN          string `json:"arn"`
		EncryptedKek []byte `json:"encryptedKek"`
	} `json:"kmsKeks"`
}

func spell(t *testing.T, text []byte) (s spelled) {
	t.Helper()
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// in names the regions of a blob, in its order.
func (s spelled) in() string {
	var names []string
	for _, k := range s.KmsKeks {
		names = append(names, k.Region)
	}
	return strings.Join(names, " ")
}

func gcm(t *testing.T, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

// wrapByHand makes a blob of a key of any length for all regions, with the standard library.
func (f *fixture) wrapByHand(key, dataKey []byte) []byte {
	f.t.Helper()
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce)
	b := blob{sealed: append(gcm(f.t, dataKey).Seal(nil, nonce, key, nil), nonce...)}
	for _, name := range everywhere {
		b.keks = append(b.keks, kek{name, f.arns[name], f.Region(name).Wrap(f.arns[name], dataKey)})
	}
	return b.encode()
}

// eventually waits for something that happens in the background.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// logged collects the lines of a test.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func listen(t *testing.T, from hooks.Level) *logged {
	t.Helper()
	l := &logged{}
	hooks.SetLog(func(_ hooks.Level, target, message string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lines = append(l.lines, target+": "+message)
	}, 0, from, true)
	t.Cleanup(hooks.ClearLog)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = nil // those of earlier tests, which were kept
	return l
}

// with returns the lines that have all of these texts in them.
func (l *logged) with(texts ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.lines), func(line string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}
