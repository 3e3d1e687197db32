package envelope_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var background = context.Background()

const (
	service = "billing"
	product = "shop"

	systemKeyID       = "_SK_billing_shop"
	intermediateKeyID = "_IK_alice_billing_shop" // of partition
	partition         = "alice"
)

// clock is a wall clock that tests move. It begins half a minute into a minute, so that truncation shows.
type clock struct{ nanos atomic.Int64 }

var noon = time.Date(2026, 1, 2, 12, 0, 30, 0, time.UTC)

func newClock() *clock {
	c := &clock{}
	c.nanos.Store(noon.UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) seconds() int64          { return c.now().Unix() }
func (c *clock) minute() int64           { return c.seconds() / 60 * 60 }
func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

// world is what factories of a test share: a clock, a metastore and a KMS that can be told to fail.
type world struct {
	t      testing.TB
	clock  *clock
	store  *fakeStore
	kms    *fakeKMS
	policy envelope.Policy
	change func(*envelope.Options)
}

// newWorld makes a world whose test ends with as many live secrets as it began with.
func newWorld(t testing.TB) *world {
	t.Helper()
	before := seccache.ReadStats().LiveSecrets
	t.Cleanup(func() { checkSecrets(t, before) })
	w := &world{t: t, clock: newClock(), store: newFakeStore(), policy: envelope.DefaultPolicy()}
	w.kms = newFakeKMS(t)
	return w
}

// checkSecrets fails a test unless so many secrets are live, now or when work in the background has ended.
func checkSecrets(t testing.TB, want int64) {
	t.Helper()
	within(t, "secrets are left", func() bool { return seccache.ReadStats().LiveSecrets == want })
}

func within(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 10 s: %s; stack of all: see goleak; %+v", what, seccache.ReadStats())
		}
	}
}

func (w *world) options() envelope.Options {
	o := envelope.Options{
		Service: service, Product: product, Metastore: w.store, KMS: w.kms, Policy: w.policy, Clock: w.clock.now,
	}
	if w.change != nil {
		w.change(&o)
	}
	return o
}

// factory makes a factory with caches of its own, as another process would have.
func (w *world) factory() *envelope.Factory {
	w.t.Helper()
	f, err := envelope.NewFactory(w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(f.Close)
	return f
}

// session makes a session of a factory of its own.
func (w *world) session() *envelope.Session {
	w.t.Helper()
	return openSession(w.t, w.factory(), partition)
}

func openSession(t testing.TB, f *envelope.Factory, partition string) *envelope.Session {
	t.Helper()
	s, err := f.Session(partition)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

const secret = "the quick brown fox"

// encrypt returns a record of secret.
func encrypt(t testing.TB, s *envelope.Session) record {
	t.Helper()
	text, err := s.EncryptBytes(background, []byte(secret))
	if err != nil {
		t.Fatalf("encrypt: %v (%v)", err, errors.Unwrap(err))
	}
	return record(text)
}

// decrypt fails the test unless the record is one of secret.
func decrypt(t testing.TB, s *envelope.Session, r record) {
	t.Helper()
	got, err := s.DecryptBytes(background, []byte(r))
	if err != nil || string(got) != secret {
		t.Fatalf("decrypt: %q, %v (%v), from %s", got, err, errors.Unwrap(err), r)
	}
}

// wantCode fails the test unless err has the class.
func wantCode(t testing.TB, err error, want envelope.Code) {
	t.Helper()
	if got := envelope.CodeOf(err); got != want {
		t.Fatalf("class %d (%v), want %d", got, err, want)
	}
}

func tryEncrypt(s *envelope.Session) error {
	_, err := s.EncryptBytes(background, []byte(secret))
	return err
}

func tryDecrypt(s *envelope.Session, r record) error {
	_, err := s.DecryptBytes(background, []byte(r))
	return err
}

// record is the text of a data row record.
type record string

// recordForm is the canonical struct of a record.
type recordForm struct {
	Key struct {
		Created       int64
		Key           []byte
		ParentKeyMeta struct {
			KeyId   string //nolint:revive // the format's name
			Created int64
		}
	}
	Data []byte
}

func (r record) form(t testing.TB) (form recordForm) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(r)))
	d.DisallowUnknownFields()
	if err := d.Decode(&form); err != nil {
		t.Fatalf("%v: %s", err, r)
	}
	return form
}

// created returns when the key that the record names was created.
func (r record) created(t testing.TB) int64 {
	t.Helper()
	return r.form(t).Key.ParentKeyMeta.Created
}

// fakeKMS is the static KMS with counts and faults.
type fakeKMS struct {
	inner             envelope.KMS
	secrets           int64 // live in the process when it alone is open
	encrypts, decrypt atomic.Int64
	fault             atomic.Pointer[func(op string) error]
	instead           atomic.Pointer[func(op string) ([]byte, *seccache.Secret, error)]
}

func newFakeKMS(t testing.TB) *fakeKMS {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	master, err := arena.NewSecret(32)
	if err != nil {
		t.Fatal(err)
	}
	copy(master.Bytes(), "thisIsAStaticMasterKeyForTesting")
	inner, err := static.New(arena, master)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	return &fakeKMS{inner: inner, secrets: seccache.ReadStats().LiveSecrets}
}

// fail has every call return what f returns, if that is an error. nil ends it.
func (k *fakeKMS) fail(f func(op string) error) {
	if f == nil {
		k.fault.Store(nil)
		return
	}
	k.fault.Store(&f)
}

// answer has every call return this. nil ends it.
func (k *fakeKMS) answer(f func(op string) ([]byte, *seccache.Secret, error)) {
	if f == nil {
		k.instead.Store(nil)
		return
	}
	k.instead.Store(&f)
}

func (k *fakeKMS) EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error) {
	k.encrypts.Add(1)
	if f := k.fault.Load(); f != nil {
		if err := (*f)("EncryptKey"); err != nil {
			return nil, err
		}
	}
	if f := k.instead.Load(); f != nil {
		blob, _, err := (*f)("EncryptKey")
		return blob, err
	}
	return k.inner.EncryptKey(ctx, key, created, revoked)
}

func (k *fakeKMS) DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool) (*seccache.Secret, error) {
	k.decrypt.Add(1)
	if f := k.fault.Load(); f != nil {
		if err := (*f)("DecryptKey"); err != nil {
			return nil, err
		}
	}
	if f := k.instead.Load(); f != nil {
		_, key, err := (*f)("DecryptKey")
		return key, err
	}
	return k.inner.DecryptKey(ctx, blob, created, revoked)
}
