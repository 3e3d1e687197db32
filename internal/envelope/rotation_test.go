package envelope_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestCreatedIsTruncated(t *testing.T) {
	for _, test := range []struct {
		name              string
		precision, expire time.Duration
		want              func(c *clock) int64
	}{
		{"minute", time.Minute, 90 * 24 * time.Hour, (*clock).minute},
		{"hour", time.Hour, 90 * 24 * time.Hour, func(c *clock) int64 { return c.seconds() / 3600 * 3600 }},
		{"none", 0, 90 * 24 * time.Hour, (*clock).seconds},
		{"less than a second", time.Millisecond, 90 * 24 * time.Hour, (*clock).seconds},
		{"not of a second", 1500 * time.Millisecond, 90 * 24 * time.Hour, (*clock).seconds},
		{"longer than a key's life", time.Hour, 7 * time.Second, func(c *clock) int64 { return c.seconds() / 7 * 7 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.policy.CreatePrecision, w.policy.ExpireAfter = test.precision, test.expire
			w.clock.advance(1234*time.Second + 999*time.Millisecond)
			r := encrypt(t, w.session())
			want := []int64{test.want(w.clock)}
			if got := w.store.created(systemKeyID); !slices.Equal(got, want) {
				t.Errorf("system keys created %d, want %d", got, want)
			}
			if got := w.store.created(intermediateKeyID); !slices.Equal(got, want) {
				t.Errorf("intermediate keys created %d, want %d", got, want)
			}
			form := r.form(t)
			if form.Key.Created != w.clock.seconds() {
				t.Errorf("data row key created %d, want %d", form.Key.Created, w.clock.seconds())
			}
			if got := form.Key.ParentKeyMeta; got.KeyId != intermediateKeyID || got.Created != want[0] {
				t.Errorf("parent %v", got)
			}
			if parent := w.store.latest(t, intermediateKeyID).Parent; parent == nil || parent.ID != systemKeyID ||
				parent.Created != want[0] {
				t.Errorf("the intermediate key's parent is %v", parent)
			}
		})
	}
}

// A clock in the first minute of 1970, as a board without battery has it, must not make keys created at 0: records
// that name them are refused.
func TestClockAtEpoch(t *testing.T) {
	for _, at := range []time.Duration{
		0, 30 * time.Second, -time.Nanosecond, -30 * time.Second, -59 * time.Second,
		-time.Hour,
	} {
		w := newWorld(t)
		w.clock.nanos.Store(int64(at))
		s := w.session()
		r := encrypt(t, s)
		decrypt(t, s, r)
		decrypt(t, w.session(), r)
		w.store.revoke(t, systemKeyID)
		again := encrypt(t, w.session())
		decrypt(t, w.session(), again)
		if again.created(t) == r.created(t) {
			t.Errorf("%v: a key under a revoked one was used", at)
		}
	}
}

// An expired key encrypts nothing, whether it is cached or not; what it has sealed goes on decrypting. The boundary is
// that of canonical: a key may encrypt at exactly its age of expiry.
func TestExpiry(t *testing.T) {
	for _, warm := range []bool{true, false} {
		w := newWorld(t)
		w.policy.ExpireAfter = 24 * time.Hour
		f := w.factory()
		s := openSession(t, f, partition)
		old := encrypt(t, s)
		first := old.created(t)
		open := func() *envelope.Session {
			if warm {
				return s
			}
			return w.session()
		}

		w.clock.advance(24*time.Hour - 30*time.Second) // the keys began half a minute ago
		if got := encrypt(t, open()).created(t); got != first {
			t.Fatalf("warm %v: a key created %d replaced one of exactly the expiry's age", warm, got)
		}
		w.clock.advance(time.Nanosecond)
		w.store.calls()
		fresh := encrypt(t, open())
		if got := fresh.created(t); got != w.clock.minute() {
			t.Fatalf("warm %v: the record names a key created %d, at %d", warm, got, w.clock.seconds())
		}
		w.wantCalls("both keys expired", "LoadLatest IK", "LoadLatest SK", "Store SK", "Store IK")
		if got := w.store.latest(t, intermediateKeyID).Parent.Created; got != w.clock.minute() {
			t.Fatalf("the new key's parent was created %d", got)
		}
		for _, s := range []*envelope.Session{s, w.session()} {
			decrypt(t, s, old)
			decrypt(t, s, fresh)
		}
	}
}

// When only the system key has expired, intermediate keys under it are replaced too.
func TestSystemKeyExpiry(t *testing.T) {
	w := newWorld(t)
	w.policy.ExpireAfter = 24 * time.Hour
	f := w.factory()
	alice := openSession(t, f, partition)
	encrypt(t, openSession(t, f, "bob")) // makes the system key
	w.clock.advance(12 * time.Hour)
	old := encrypt(t, alice)
	if got := w.store.latest(t, intermediateKeyID).Parent.Created; got != w.store.latest(t, systemKeyID).Created {
		t.Fatalf("the parent is %d", got)
	}
	w.clock.advance(12 * time.Hour)
	for _, s := range []*envelope.Session{alice, w.session()} {
		fresh := encrypt(t, s)
		if got := fresh.created(t); got != w.clock.minute() {
			t.Fatalf("the record names a key created %d, under an expired system key", got)
		}
		if got := w.store.latest(t, intermediateKeyID).Parent.Created; got != w.clock.minute() {
			t.Fatalf("the new key's parent was created %d", got)
		}
		decrypt(t, s, old)
	}
	if got := w.store.created(systemKeyID); len(got) != 2 {
		t.Fatalf("system keys %d", got)
	}
}

// A new intermediate key under a system key that goes on.
func TestIntermediateKeyExpiry(t *testing.T) {
	w := newWorld(t)
	w.policy.ExpireAfter = 24 * time.Hour
	s := w.session()
	old := encrypt(t, s)
	w.clock.advance(20 * time.Hour)
	w.store.revoke(t, systemKeyID)
	encrypt(t, w.session()) // a young system key, and a young intermediate key
	w.store.edit(t, intermediateKeyID, func(*envelope.KeyRecord) bool { return false })
	w.clock.advance(4 * time.Hour)
	systems := len(w.store.created(systemKeyID))
	fresh := encrypt(t, w.session())
	if got := fresh.created(t); got != w.clock.minute() || got == old.created(t) {
		t.Fatalf("the record names a key created %d", got)
	}
	if got := len(w.store.created(systemKeyID)); got != systems {
		t.Fatalf("%d system keys, want %d", got, systems)
	}
	decrypt(t, s, fresh)
}

// The precision is cut to the expiry, so that no key is born expired: through several lives, every record names a key
// that may encrypt, and one key is made a life.
func TestExpiryShorterThanPrecision(t *testing.T) {
	w := newWorld(t)
	w.policy.ExpireAfter, w.policy.CreatePrecision = 10*time.Second, time.Minute
	s := w.session()
	for range 100 {
		at := w.clock.now()
		r := encrypt(t, s)
		if created := time.Unix(r.created(t), 0); created.After(at) || at.Sub(created) > w.policy.ExpireAfter {
			t.Fatalf("at %v a key created %v encrypted", at, created)
		}
		decrypt(t, s, r)
		w.clock.advance(1234 * time.Millisecond)
	}
	// 124 seconds are 12 or 13 slots of 10 seconds.
	if n := len(w.store.created(intermediateKeyID)); n > 13 {
		t.Errorf("%d keys were made", n)
	}
}

// A key that is revoked in the minute of its creation has a successor with a later time of creation, at once.
func TestRotationWithinAMinute(t *testing.T) {
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		w := newWorld(t)
		var records []record
		used := map[int64]bool{}
		for range 4 {
			r := encrypt(t, w.session())
			if used[r.created(t)] {
				t.Fatalf("the record names a key under a revoked one, created %d", r.created(t))
			}
			used[r.created(t)] = true
			records = append(records, r)
			w.store.revoke(t, id)
			w.clock.advance(time.Second)
		}
		if created := w.store.created(intermediateKeyID); len(created) != 4 || !slices.IsSorted(created) {
			t.Errorf("keys %d", created)
		}
		s := w.session()
		for _, r := range records {
			decrypt(t, s, r)
		}
	}
}

// The newest key is revoked and was made by a machine whose clock is ahead: its successor has to be newer still, or it
// would never be found again, and each process would make another.
func TestRevokedKeyFromTheFuture(t *testing.T) {
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		w := newWorld(t)
		w.clock.advance(48 * time.Hour)
		encrypt(t, w.session())
		w.clock.advance(-48 * time.Hour)
		w.store.revoke(t, id)
		records := w.store.count()
		first := encrypt(t, w.session())
		made := w.store.count() - records
		for range 3 {
			w.clock.advance(10 * time.Minute)
			if r := encrypt(t, w.session()); r.created(t) != first.created(t) {
				t.Fatalf("%s: a process does not find the key that another made, created %d, and makes one created %d",
					id, first.created(t), r.created(t))
			}
		}
		if again := w.store.count() - records; again != made {
			t.Errorf("%s: %d keys were made, then %d", id, made, again-made)
		}
	}
}

// There is nothing after the last time that can be stored.
func TestRevokedKeyAtTheEndOfTime(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	encrypt(t, s)
	r := w.store.latest(t, intermediateKeyID)
	r.Created, r.Revoked = 1<<63-1, true
	w.store.put(&r)
	records := w.store.count()
	wantCode(t, tryEncrypt(w.session()), envelope.MetastoreFailed)
	if n := w.store.count(); n != records {
		t.Errorf("%d keys were made", n-records)
	}
}

// The records of a key are opened with the parent that its record names, not with the newest system key.
func TestOldParentOpensOldKeys(t *testing.T) {
	w := newWorld(t)
	old := encrypt(t, w.session())
	w.store.revoke(t, systemKeyID)
	w.clock.advance(time.Minute)
	encrypt(t, w.session())
	w.store.calls()
	s := w.session()
	decrypt(t, s, old)
	w.wantCalls("decrypt", "Load IK", "Load SK")
	// And when it is gone, so are they.
	w.store.mu.Lock()
	w.store.records[systemKeyID] = w.store.records[systemKeyID][1:]
	w.store.mu.Unlock()
	wantCode(t, tryDecrypt(w.session(), old), envelope.MetadataMissing)
}

// Counted seals: a warning, then a new key before the limit.
func TestKeyThatHasSealedEnough(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	f := w.factory()
	f.SetSealLimits(10, 20, 1)
	s := openSession(t, f, partition)
	first := encrypt(t, s)
	for range 8 {
		encrypt(t, s)
	}
	if logged("shorten ExpireAfter") != 0 {
		t.Fatal("a warning after nine records")
	}
	for i := range 10 {
		encrypt(t, s)
		if n := logged("shorten ExpireAfter"); n != 1 {
			t.Fatalf("%d warnings after %d records, want 1", n, 10+i)
		}
	}
	if last := encrypt(t, s); last.created(t) != first.created(t) {
		t.Fatal("a new key before the limit")
	}
	w.store.calls()
	next := encrypt(t, s)
	if next.created(t) <= first.created(t) {
		t.Fatalf("after 20 records the next names the key created %d, the first %d", next.created(t), first.created(t))
	}
	if n := logged("a new one is made"); n != 1 {
		t.Fatalf("%d messages, want 1", n)
	}
	w.wantCalls("used up", "LoadLatest IK", "Store IK")
	for range 5 {
		if got := encrypt(t, s).created(t); got != next.created(t) {
			t.Fatalf("the key created %d was followed by one created %d", next.created(t), got)
		}
	}
	decrypt(t, s, first)
	decrypt(t, s, next)
	w.wantCalls("afterwards")
}

// A newer key that another process made is used from the early look on that finds it, by sessions that hold the old
// one.
func TestNewerKeyOfAnotherProcess(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s := openSession(t, f, partition)
	old := encrypt(t, s)
	busy := w.factory()
	busy.SetSealLimits(1, 1, 1)
	other := openSession(t, busy, partition)
	encrypt(t, other)
	newer := encrypt(t, other)
	if newer.created(t) == old.created(t) {
		t.Fatal("no newer key")
	}
	w.clock.advance(58 * time.Minute)
	encrypt(t, s)
	within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
	if got := encrypt(t, s).created(t); got != newer.created(t) {
		t.Errorf("after the look the key created %d is used, the newest was created %d", got, newer.created(t))
	}
	decrypt(t, s, old)
}

// A row whose sealed key was replaced, as by a drill that rewraps or a restored backup, is opened anew at the next
// look.
func TestReplacedRow(t *testing.T) {
	w, elsewhere := newWorld(t), newWorld(t)
	s := w.session()
	encrypt(t, s)
	r := encrypt(t, elsewhere.session()) // keys of the same names under the same master key
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		row := elsewhere.store.latest(t, id)
		w.store.edit(t, id, func(r *envelope.KeyRecord) bool { r.Key = row.Key; return true })
	}
	wantCode(t, tryDecrypt(s, r), envelope.Authentication)
	w.clock.advance(w.policy.RevokeCheckInterval)
	decrypt(t, s, r)
	decrypt(t, w.session(), encrypt(t, s))
}

// A revoked key is not opened to be replaced: that it cannot be opened any more is no hindrance.
func TestRevokedKeyThatCannotBeOpened(t *testing.T) {
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		w := newWorld(t)
		encrypt(t, w.session())
		w.clock.advance(time.Minute)
		if id == systemKeyID {
			w.store.edit(t, intermediateKeyID, func(*envelope.KeyRecord) bool { return false })
		}
		w.store.edit(t, id, func(r *envelope.KeyRecord) bool { r.Key, r.Revoked = []byte("gone"), true; return true })
		s := w.session()
		decrypt(t, s, encrypt(t, s))
	}
}

var errDown = errors.New("connection refused by db.example")
