package envelope_test

import (
	"slices"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// wantCalls fails the test unless these were the calls of the metastore since the last look, in this order.
func (w *world) wantCalls(what string, want ...string) {
	w.t.Helper()
	if got := w.store.calls(); !slices.Equal(got, want) {
		w.t.Fatalf("%s: calls %q, want %q", what, got, want)
	}
}

func (w *world) wantKMS(what string, encrypts, decrypts int64) {
	w.t.Helper()
	if e, d := w.kms.encrypts.Swap(0), w.kms.decrypt.Swap(0); e != encrypts || d != decrypts {
		w.t.Fatalf("%s: the KMS encrypted %d and decrypted %d keys, want %d and %d", what, e, d, encrypts, decrypts)
	}
}

func TestCallsAreCanonical(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	w.wantCalls("opening a session")
	r := encrypt(t, s)
	w.wantCalls("cold encrypt, empty metastore", "LoadLatest IK", "LoadLatest SK", "Store SK", "Store IK")
	w.wantKMS("cold encrypt, empty metastore", 1, 0)
	decrypt(t, s, r)
	for range 1000 {
		decrypt(t, s, encrypt(t, s))
	}
	w.wantCalls("warm")
	w.wantKMS("warm", 0, 0)

	s = w.session()
	encrypt(t, s)
	w.wantCalls("cold encrypt, filled metastore", "LoadLatest IK", "Load SK")
	w.wantKMS("cold encrypt, filled metastore", 0, 1)
	decrypt(t, s, r)
	w.wantCalls("decrypt after encrypt")

	s = w.session()
	decrypt(t, s, r)
	w.wantCalls("cold decrypt", "Load IK", "Load SK")
	w.wantKMS("cold decrypt", 0, 1)
	decrypt(t, s, r)
	w.wantCalls("second decrypt")
	encrypt(t, s)
	w.wantCalls("encrypt after decrypt", "LoadLatest IK")
	w.wantKMS("encrypt after decrypt", 0, 0)
}

func TestSecondPartitionSharesSystemKey(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	encrypt(t, openSession(t, f, partition))
	w.store.calls()
	encrypt(t, openSession(t, f, "bob"))
	w.wantCalls("second partition", "LoadLatest IK", "Store IK")
	w.wantKMS("both", 1, 0)
}

func TestUncachedKeys(t *testing.T) {
	for _, test := range []struct {
		name                  string
		systems, intermediate bool
		encrypt, decrypt      []string
		kms                   int64 // decryptions for one of each
	}{
		{"no system keys", false, true, nil, nil, 0},
		{"no intermediate keys", true, false, []string{"LoadLatest IK"}, []string{"Load IK"}, 0},
		{"no keys", false, false, []string{"LoadLatest IK", "Load SK"}, []string{"Load IK", "Load SK"}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.policy.CacheSystemKeys, w.policy.CacheIntermediateKeys = test.systems, test.intermediate
			s := w.session()
			r := encrypt(t, s)
			w.store.calls()
			w.wantKMS("cold", 1, 0)
			for range 3 {
				encrypt(t, s)
				w.wantCalls("encrypt", test.encrypt...)
				decrypt(t, s, r)
				w.wantCalls("decrypt", test.decrypt...)
				w.wantKMS("both", 0, test.kms)
			}
			// Time passing makes no other calls: there is nothing cached to look at early.
			if !test.intermediate {
				w.clock.advance(w.policy.RevokeCheckInterval * 97 / 100)
				encrypt(t, s)
				time.Sleep(20 * time.Millisecond)
				if !test.systems {
					w.wantCalls("late encrypt", test.encrypt...)
				}
			}
		})
	}
}

// A busy process over three check intervals: every key is looked at once an interval, early, and the KMS is not asked
// again, since no key has changed.
func TestCallsPerInterval(t *testing.T) {
	for _, test := range []struct {
		name string
		sync bool
		step time.Duration
	}{
		{"background", false, time.Minute},
		{"synchronous", true, time.Minute},
		{"few calls", true, 25 * time.Minute},
		{"one call an interval", true, 61 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.change = func(o *envelope.Options) { o.SyncRefresh = test.sync }
			f := w.factory()
			s := openSession(t, f, partition)
			r := encrypt(t, s)
			w.store.calls()
			w.wantKMS("cold", 1, 0)
			const intervals = 3
			for d := time.Duration(0); d < intervals*w.policy.RevokeCheckInterval; d += test.step {
				w.clock.advance(test.step)
				encrypt(t, s)
				decrypt(t, s, r)
				within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
			}
			// Each of the two keys is looked at when three quarters of an interval have passed, or at the first call
			// after that: at most twice an interval begun.
			calls := w.store.calls()
			if most := 2 * (intervals*4/3 + 1); len(calls) < 2*intervals-2 || len(calls) > most {
				t.Errorf("%d calls, want %d to %d: %q", len(calls), 2*intervals-2, most, calls)
			}
			for _, c := range calls {
				if c != "LoadLatest IK" && c != "Load SK" && c != "Load IK" {
					t.Errorf("unexpected call %s", c)
				}
			}
			w.wantKMS("three intervals", 0, 0)
		})
	}
}

// A process that only decrypts, with a key that is not the newest, or has expired, looks once an interval as well, and
// makes no key.
func TestCallsPerIntervalOfReader(t *testing.T) {
	for _, test := range []struct {
		name   string
		expire bool
		newer  bool
	}{{"newest", false, false}, {"not newest", false, true}, {"expired", true, false}} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			r := encrypt(t, w.session())
			if test.newer {
				w.store.revoke(t, intermediateKeyID)
				w.clock.advance(time.Minute)
				encrypt(t, w.session())
			}
			if test.expire {
				w.clock.advance(w.policy.ExpireAfter + time.Hour)
			}
			f := w.factory()
			s := openSession(t, f, partition)
			decrypt(t, s, r)
			w.store.calls()
			w.kms.decrypt.Store(0)
			records := w.store.count()
			for range 3 * 60 {
				w.clock.advance(time.Minute)
				decrypt(t, s, r)
				within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
			}
			calls := w.store.calls()
			if len(calls) < 3 || len(calls) > 4 || slices.ContainsFunc(calls, func(c string) bool { return c != "Load IK" }) {
				t.Errorf("calls in three intervals, want Load IK three or four times: %q", calls)
			}
			if n := w.store.count(); n != records {
				t.Errorf("decrypting made %d keys", n-records)
			}
			w.wantKMS("three intervals", w.kms.encrypts.Load(), 0)
		})
	}
}

// Without cached system keys one is opened for each look, which is once an interval too.
func TestCallsPerIntervalWithoutSystemKeyCache(t *testing.T) {
	w := newWorld(t)
	w.policy.CacheSystemKeys = false
	f := w.factory()
	s := openSession(t, f, partition)
	encrypt(t, s)
	w.store.calls()
	w.kms.decrypt.Store(0)
	for range 3 * 60 {
		w.clock.advance(time.Minute)
		encrypt(t, s)
		within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
	}
	if calls := w.store.calls(); len(calls) > 10 {
		t.Errorf("%d calls in three intervals, want at most 10: %q", len(calls), calls)
	}
	if n := w.kms.decrypt.Load(); n > 5 {
		t.Errorf("the KMS was asked %d times in three intervals", n)
	}
}
