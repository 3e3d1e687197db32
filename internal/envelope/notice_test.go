package envelope_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// countReads counts the measurements of expired keys in use for decryption, by the kind of key.
func countReads(t *testing.T) (systems, intermediates *atomic.Int64) {
	systems, intermediates = &atomic.Int64{}, &atomic.Int64{}
	hooks.SetMetrics(func(m hooks.MetricType, d time.Duration, name string) {
		switch {
		case m != hooks.ExpiredRead:
		case name == "system":
			systems.Add(1)
		case name == "intermediate" && d == 0:
			intermediates.Add(1)
		}
	}, 0, true)
	t.Cleanup(hooks.ClearMetrics)
	return systems, intermediates
}

// The use of an expired or revoked key for decryption is counted each time and logged once an interval, of the keys
// that the policy names, by Policy and host alike, cached or not. The use of a young key is not.
func TestExpiredKeysInUse(t *testing.T) {
	for _, test := range []struct {
		name                  string
		systems, intermediate bool
		host, revoked, cached bool
	}{
		{"none", false, false, false, false, true},
		{"intermediate", false, true, false, false, true},
		{"system", true, false, false, false, true},
		{"both", true, true, false, false, true},
		{"both, host", true, true, true, false, true},
		{"none, host", false, false, true, false, true},
		{"both, revoked", true, true, false, true, true},
		{"both, uncached", true, true, false, false, false},
		{"both, uncached, host", true, true, true, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			logged := captureLog(t)
			systems, intermediates := countReads(t)
			w := newWorld(t)
			w.policy.RevokeCheckInterval = time.Hour
			old := encrypt(t, w.session())
			if test.host {
				p := w.decide()
				p.yes["NotifyExpiredSystemKey"], p.yes["NotifyExpiredIntermediateKey"] = test.systems, test.intermediate
				p.yes["CacheSystemKeys"], p.yes["CacheIntermediateKeys"] = test.cached, test.cached
			} else {
				w.policy.NotifyExpiredSystemKey, w.policy.NotifyExpiredIntermediateKey = test.systems, test.intermediate
				w.policy.CacheSystemKeys, w.policy.CacheIntermediateKeys = test.cached, test.cached
			}
			f := w.factory()
			s := openSession(t, f, partition)
			decrypt(t, s, old)
			decrypt(t, s, encrypt(t, s))
			if n := systems.Load() + intermediates.Load(); n != 0 {
				t.Fatalf("%d notices of young keys", n)
			}
			if test.revoked {
				w.store.revoke(t, systemKeyID)
				w.store.revoke(t, intermediateKeyID)
			} else {
				w.clock.advance(w.policy.ExpireAfter)
			}
			f = w.factory()
			s = openSession(t, f, partition)
			const hours, times = 3, 50
			for range hours {
				w.clock.advance(time.Hour)
				for range times {
					decrypt(t, s, old)
				}
				within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
			}
			want := func(what string, got, want int64) {
				t.Helper()
				if got != want {
					t.Errorf("%d %s, want %d", got, what, want)
				}
			}
			wantLines := func(kind string, notified bool, lines int64) {
				t.Helper()
				if !notified {
					lines = 0
				}
				want("lines about the "+kind+" key", int64(logged("expired "+kind+" key")), lines)
			}
			uses := func(notified bool, n int64) int64 {
				if notified {
					return n
				}
				return 0
			}
			want("uses of the intermediate key", intermediates.Load(), uses(test.intermediate, hours*times))
			wantLines("intermediate", test.intermediate, hours)
			if test.cached { // the system key opens the intermediate key once
				want("uses of the system key", systems.Load(), uses(test.systems, 1))
				wantLines("system", test.systems, 1)
			} else {
				want("uses of the system key", systems.Load(), uses(test.systems, hours*times))
				wantLines("system", test.systems, hours)
			}
			// To encrypt, a new key is made; the old ones are not used.
			before := systems.Load() + intermediates.Load()
			encrypt(t, s)
			want("uses for encryption", systems.Load()+intermediates.Load()-before, 0)
		})
	}
}

// An expired key that is opened to go on encrypting is not in use for decryption.
func TestExpiredKeysInUseForEncryption(t *testing.T) {
	systems, intermediates := countReads(t)
	w := newWorld(t)
	w.queue()
	w.policy.NotifyExpiredSystemKey, w.policy.NotifyExpiredIntermediateKey = true, true
	old := encrypt(t, w.session())
	w.clock.advance(25 * time.Hour)
	w.store.failing("Store SK", errDown)
	f := w.factory()
	s := openSession(t, f, partition)
	if r := encrypt(t, s); r.created(t) != old.created(t) {
		t.Fatalf("the key created %d encrypts", r.created(t))
	}
	settled(t, f)
	if n := systems.Load() + intermediates.Load(); n != 0 {
		t.Errorf("%d notices", n)
	}
	decrypt(t, s, old)
	if n := intermediates.Load(); n != 1 {
		t.Errorf("%d notices of a decryption", n)
	}
}

// With an interval of nothing a line comes once a minute, not with each call.
func TestNoticesWithoutInterval(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	old := encrypt(t, w.session())
	p := w.decide()
	p.yes["NotifyExpiredIntermediateKey"], p.interval = true, 0
	w.clock.advance(w.policy.ExpireAfter + time.Minute)
	s := w.session()
	for range 120 {
		decrypt(t, s, old)
		w.clock.advance(time.Second)
	}
	if n := logged("expired intermediate key"); n != 2 {
		t.Errorf("%d lines in two minutes", n)
	}
}

// That a key is revoked is told once a key, by whatever call it is seen, cached or not.
func TestRevokedKeysAreToldOnce(t *testing.T) {
	for _, cached := range []bool{false, true} {
		logged := captureLog(t)
		w := newWorld(t)
		w.policy.CacheSystemKeys, w.policy.CacheIntermediateKeys = cached, cached
		old := encrypt(t, w.session())
		w.store.revoke(t, systemKeyID)
		w.store.revoke(t, intermediateKeyID)
		s := w.session()
		for range 3 {
			encrypt(t, s)
			decrypt(t, s, old)
			w.clock.advance(2 * w.policy.RevokeCheckInterval)
		}
		for _, id := range []string{systemKeyID, intermediateKeyID} {
			if n := logged(`"` + id + `" created`); n < 1 {
				t.Fatalf("no line about %s", id)
			}
			revoked := logged(id + `" created ` + strconv.FormatInt(old.created(t), 10) + " is revoked")
			if revoked != 1 {
				t.Errorf("cached %v: %d lines about %s, want 1", cached, revoked, id)
			}
		}
		// A process that begins now and only encrypts sees the newest.
		w.store.revoke(t, intermediateKeyID)
		encrypt(t, w.session())
		if n := logged("is revoked"); n != 3 {
			t.Errorf("cached %v: %d lines about three keys", cached, n)
		}
	}
}

// What is remembered of keys that were told of is bounded.
func TestRemindersAreBounded(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	for created := range int64(5000) {
		if !f.RevocationDue(envelope.KeyMeta{ID: systemKeyID, Created: created + 1}) {
			t.Fatalf("the key created %d has been told of", created+1)
		}
	}
	if f.RevocationDue(envelope.KeyMeta{ID: systemKeyID, Created: 5000}) {
		t.Error("told again at once")
	}
	if n := f.Reminders(); n != 1024 {
		t.Errorf("%d keys are remembered, want 1024", n)
	}
}
