package envelope_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// wantNoKeyOf runs a call that is to fail with a class, on a cold factory, twice, and checks that nothing was stored;
// then, with the fault mended, that the same session works.
func (w *world) wantNoKeyOf(name string, want envelope.Code, s *envelope.Session, do func() error, mend func()) {
	w.t.Helper()
	records := w.store.count()
	for range 2 {
		err := do()
		if got := envelope.CodeOf(err); got != want {
			w.t.Fatalf("%s: class %d (%v; %v), want %d", name, got, err, errors.Unwrap(err), want)
		}
		if strings.Contains(err.Error(), "db.example") {
			w.t.Errorf("%s: the message repeats the driver's words: %v", name, err)
		}
	}
	if n := w.store.count(); n != records {
		w.t.Fatalf("%s: %d records, %d before", name, n, records)
	}
	mend()
	if err := do(); err != nil {
		w.t.Fatalf("%s: after the fault was mended: %v", name, err)
	}
	decrypt(w.t, s, encrypt(w.t, s))
}

func TestStoreFailures(t *testing.T) {
	slow := context.DeadlineExceeded
	own := envelope.Errorf(envelope.MalformedRecord, nil, "broken row")
	for _, test := range []struct {
		call   string // that fails
		filled bool   // the metastore has keys
		err    error
		want   envelope.Code
	}{
		{"LoadLatest IK", false, errDown, envelope.MetastoreFailed},
		{"LoadLatest SK", false, errDown, envelope.MetastoreFailed},
		{"Store SK", false, errDown, envelope.MetastoreFailed},
		{"Store IK", false, errDown, envelope.MetastoreFailed},
		{"LoadLatest IK", true, errDown, envelope.MetastoreFailed},
		{"Load SK", true, errDown, envelope.MetastoreFailed},
		{"LoadLatest IK", true, slow, envelope.TimedOut},
		{"Load SK", true, slow, envelope.TimedOut},
		{"LoadLatest IK", true, own, envelope.MalformedRecord},
		{"Load SK", true, own, envelope.MalformedRecord},
		{"Store IK", false, own, envelope.MalformedRecord},
	} {
		w := newWorld(t)
		if test.filled {
			encrypt(t, w.session())
		}
		s := w.session()
		w.store.failing(test.call, test.err)
		if test.call == "Store IK" {
			// The system key has been stored by then, and is used later.
			wantCode(t, tryEncrypt(s), test.want)
		}
		w.wantNoKeyOf(test.call, test.want, s, func() error { return tryEncrypt(s) }, func() { w.store.fail(nil) })
		if n := len(w.store.created(systemKeyID)); n != 1 {
			t.Errorf("%s: %d system keys", test.call, n)
		}
	}
	for _, name := range []string{"Load IK", "Load SK"} {
		w := newWorld(t)
		r := encrypt(t, w.session())
		s := w.session()
		w.store.failing(name, errDown)
		w.wantNoKeyOf(name, envelope.MetastoreFailed, s, func() error { return tryDecrypt(s, r) },
			func() { w.store.fail(nil) })
	}
}

func TestKMSFailures(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want envelope.Code
	}{
		{"down", errDown, envelope.KMSFailed},
		{"slow", context.DeadlineExceeded, envelope.TimedOut},
		{"own", envelope.Errorf(envelope.Authentication, nil, "wrong master key"), envelope.Authentication},
		{"locked memory", seccache.ErrLockedMemory, envelope.LockedMemory},
	} {
		for _, filled := range []bool{false, true} {
			w := newWorld(t)
			var r record
			if filled {
				r = encrypt(t, w.session())
			}
			s := w.session()
			w.kms.fail(func(string) error { return test.err })
			w.wantNoKeyOf(test.name, test.want, s, func() error { return tryEncrypt(s) }, func() { w.kms.fail(nil) })
			if filled {
				w.kms.fail(func(string) error { return test.err })
				s := w.session()
				w.wantNoKeyOf(test.name, test.want, s, func() error { return tryDecrypt(s, r) }, func() { w.kms.fail(nil) })
			}
		}
	}
}

// A KMS that answers nonsense without an error. What it calls a wrapped key is not stored when it is empty.
func TestKMSNonsense(t *testing.T) {
	arena := seccache.Open(seccache.Prefer)
	for _, test := range []struct {
		name   string
		filled bool
		size   int // of the key; -1 for none
	}{
		{"no blob", false, 0},
		{"no key", true, -1},
		{"empty key", true, 0},
		{"short key", true, 31},
		{"long key", true, 33},
		{"AES-128 key", true, 16},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.filled {
				encrypt(t, w.session())
			}
			s := w.session()
			w.kms.answer(func(op string) ([]byte, *seccache.Secret, error) {
				if op == "EncryptKey" || test.size < 0 {
					return nil, nil, nil
				}
				key, err := arena.NewSecret(test.size)
				return nil, key, err
			})
			w.wantNoKeyOf(test.name, envelope.KMSFailed, s, func() error { return tryEncrypt(s) }, func() { w.kms.answer(nil) })
		})
	}
}

// Rows that are not what was asked for, or cannot be opened.
func TestRowsThatAreRefused(t *testing.T) {
	bob := "_IK_bob_billing_shop"
	for _, test := range []struct {
		name string
		call string
		edit func(r *envelope.KeyRecord)
		want envelope.Code
	}{
		{"another id", "LoadLatest IK", func(r *envelope.KeyRecord) { r.ID = bob }, envelope.MetastoreFailed},
		{
			"an id of other case", "LoadLatest IK", func(r *envelope.KeyRecord) { r.ID = strings.ToUpper(r.ID) },
			envelope.MetastoreFailed,
		},
		{"an id with a blank", "LoadLatest IK", func(r *envelope.KeyRecord) { r.ID += " " }, envelope.MetastoreFailed},
		{"another id", "Load SK", func(r *envelope.KeyRecord) { r.ID = bob }, envelope.MetastoreFailed},
		{"another id", "Load IK", func(r *envelope.KeyRecord) { r.ID = bob }, envelope.MetastoreFailed},
		{"another created", "Load SK", func(r *envelope.KeyRecord) { r.Created++ }, envelope.MetastoreFailed},
		{"another created", "Load IK", func(r *envelope.KeyRecord) { r.Created++ }, envelope.MetastoreFailed},
		{"no parent", "LoadLatest IK", func(r *envelope.KeyRecord) { r.Parent = nil }, envelope.MetadataMissing},
		{
			"no id of the parent", "LoadLatest IK", func(r *envelope.KeyRecord) { r.Parent = &envelope.KeyMeta{Created: 60} },
			envelope.MetadataMissing,
		},
		{
			"parent created at 0", "LoadLatest IK",
			func(r *envelope.KeyRecord) { r.Parent = &envelope.KeyMeta{ID: systemKeyID} }, envelope.MetadataMissing,
		},
		{"no parent", "Load IK", func(r *envelope.KeyRecord) { r.Parent = nil }, envelope.MetadataMissing},
		{"altered", "LoadLatest IK", func(r *envelope.KeyRecord) { r.Key[5] ^= 1 }, envelope.Authentication},
		{"altered", "Load IK", func(r *envelope.KeyRecord) { r.Key[5] ^= 1 }, envelope.Authentication},
		{"altered", "Load SK", func(r *envelope.KeyRecord) { r.Key[5] ^= 1 }, envelope.Authentication},
		{"cut", "LoadLatest IK", func(r *envelope.KeyRecord) { r.Key = r.Key[:59] }, envelope.MalformedRecord},
		{"cut to 27", "LoadLatest IK", func(r *envelope.KeyRecord) { r.Key = r.Key[:27] }, envelope.MalformedRecord},
		{"cut to a sealed nothing", "Load IK", func(r *envelope.KeyRecord) { r.Key = r.Key[:28] }, envelope.MalformedRecord},
		{"empty", "Load IK", func(r *envelope.KeyRecord) { r.Key = nil }, envelope.MalformedRecord},
		{"long", "LoadLatest IK", func(r *envelope.KeyRecord) { r.Key = append(r.Key, 0) }, envelope.MalformedRecord},
		{"long", "Load SK", func(r *envelope.KeyRecord) { r.Key = append(r.Key, 0) }, envelope.MalformedRecord},
	} {
		t.Run(test.call+" "+test.name, func(t *testing.T) {
			w := newWorld(t)
			r := encrypt(t, w.session())
			s := w.session()
			w.store.lie(func(c call, r *envelope.KeyRecord) *envelope.KeyRecord {
				if c.String() != test.call || r == nil {
					return r
				}
				lie := *r
				lie.Key = slices.Clone(r.Key)
				test.edit(&lie)
				return &lie
			})
			do := func() error { return tryEncrypt(s) }
			if test.call == "Load IK" {
				do = func() error { return tryDecrypt(s, r) }
			}
			w.wantNoKeyOf(test.name, test.want, s, do, func() { w.store.lie(nil) })
		})
	}
}

// Only where an intermediate key's parent is gone from the metastore, so that the metastore has answered, is the key
// replaced, and that is said.
func TestMissingParent(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	old := encrypt(t, w.session())
	w.store.edit(t, systemKeyID, func(*envelope.KeyRecord) bool { return false })
	w.clock.advance(time.Minute)
	s := w.session()
	r := encrypt(t, s)
	if r.created(t) <= old.created(t) {
		t.Errorf("the new key was created %d, the old one %d", r.created(t), old.created(t))
	}
	if n := logged("its parent is gone"); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
	decrypt(t, w.session(), r)
	wantCode(t, tryDecrypt(s, old), envelope.MetadataMissing)
}

// A missing row on decryption makes no key.
func TestMissingRowOnDecryption(t *testing.T) {
	for _, id := range []string{intermediateKeyID, systemKeyID} {
		w := newWorld(t)
		r := encrypt(t, w.session())
		row := w.store.latest(t, id)
		w.store.edit(t, id, func(*envelope.KeyRecord) bool { return false })
		s := w.session()
		w.wantNoKeyOf(id, envelope.MetadataMissing, s, func() error { return tryDecrypt(s, r) }, func() { w.store.put(&row) })
	}
}

// A latest row without time of creation would be named by records that cannot be read.
func TestRowCreatedAtZero(t *testing.T) {
	w := newWorld(t)
	w.policy.ExpireAfter = 1<<63 - 1
	s := w.session()
	r := encrypt(t, s)
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		w.store.edit(t, id, func(r *envelope.KeyRecord) bool { r.Created = 0; return true })
	}
	s = w.session()
	wantCode(t, tryEncrypt(s), envelope.MalformedRecord)
	w.store.edit(t, intermediateKeyID, func(*envelope.KeyRecord) bool { return false })
	wantCode(t, tryEncrypt(s), envelope.MalformedRecord)
	wantCode(t, tryDecrypt(s, r), envelope.MetadataMissing)
}

// A call's time limit reaches metastore and KMS, and its passing has a class of its own, for whoever asks and whoever
// waits for another's question.
func TestTimeout(t *testing.T) {
	w := newWorld(t)
	w.change = func(o *envelope.Options) { o.Timeout = 30 * time.Millisecond }
	s := w.session()
	w.store.fail(func(ctx context.Context, _ call) error { <-ctx.Done(); return ctx.Err() })
	wantCode(t, tryEncrypt(s), envelope.TimedOut)
	wantCode(t, tryDecrypt(s, record(canonical(intermediateKeyID, 1, make([]byte, 60), make([]byte, 28)))),
		envelope.TimedOut)
	w.store.fail(nil)
	encrypt(t, s)
}

// OnlyCached asks nobody.
func TestOnlyCached(t *testing.T) {
	for _, sync := range []bool{false, true} {
		w := newWorld(t)
		w.change = func(o *envelope.Options) { o.SyncRefresh = sync }
		other := encrypt(t, w.session())
		f := w.factory()
		s := openSession(t, f, partition)
		w.store.calls()
		try := func(want envelope.Code) {
			t.Helper()
			_, err := s.EncryptBytes(envelope.OnlyCached, []byte(secret))
			wantCode(t, err, want)
			_, err = s.DecryptBytes(envelope.OnlyCached, []byte(other))
			wantCode(t, err, want)
			within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
		}
		try(envelope.WouldBlock)
		w.wantCalls("cold")
		encrypt(t, s)
		decrypt(t, s, other)
		w.store.calls()
		try(envelope.OK)
		w.wantCalls("warm")
		w.clock.advance(w.policy.RevokeCheckInterval)
		try(envelope.WouldBlock)
		w.wantCalls("stale")
	}
}
