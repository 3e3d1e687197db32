package envelope_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// The host is asked in each call, for what the call has to decide, and a host that answers as the Policy does changes
// nothing of what metastore and KMS are asked.
func TestHostIsAskedInEachCall(t *testing.T) {
	w := newWorld(t)
	p := w.decide()
	s := w.session()
	r := encrypt(t, s)
	w.wantCalls("cold encrypt, empty metastore", "LoadLatest IK", "LoadLatest SK", "Store SK", "Store IK")
	p.wantAsked(t, "cold encrypt, empty metastore", map[string]int{
		"RevokeCheckInterval": 1, "CacheIntermediateKeys": 1, "CacheSystemKeys": 1,
		"TruncateIntermediateKey": 1, "TruncateSystemKey": 1, "KeyExpired": 1,
	})
	for range 3 {
		encrypt(t, s)
		p.wantAsked(t, "warm encrypt", map[string]int{"RevokeCheckInterval": 1, "CacheIntermediateKeys": 1, "KeyExpired": 1})
		decrypt(t, s, r)
		p.wantAsked(t, "warm decrypt", map[string]int{
			"RevokeCheckInterval": 1, "CacheIntermediateKeys": 1, "NotifyExpiredIntermediateKey": 1,
		})
	}
	w.wantCalls("warm")
	w.wantKMS("all", 1, 0)

	s = w.session()
	encrypt(t, s)
	w.wantCalls("cold encrypt, filled metastore", "LoadLatest IK", "Load SK")
	s = w.session()
	p.set(func() { clear(p.asked) })
	decrypt(t, s, r)
	w.wantCalls("cold decrypt", "Load IK", "Load SK")
	p.wantAsked(t, "cold decrypt", map[string]int{
		"RevokeCheckInterval": 1, "CacheIntermediateKeys": 1, "CacheSystemKeys": 1,
		"NotifyExpiredIntermediateKey": 1, "NotifyExpiredSystemKey": 1,
	})
}

// What the host does not decide is decided by the Policy, and not asked.
func TestHostThatDecidesNothing(t *testing.T) {
	w := newWorld(t)
	w.policy.ExpireAfter = time.Hour
	w.change = func(o *envelope.Options) { o.Decisions = &envelope.Decisions{} }
	s := w.session()
	r := encrypt(t, s)
	w.clock.advance(2 * time.Hour)
	if next := encrypt(t, s); next.created(t) != w.clock.minute() || next.created(t) == r.created(t) {
		t.Errorf("a record names the key created %d", next.created(t))
	}
	p := w.decide()
	all := p.decisions()
	w.change = func(o *envelope.Options) {
		o.Decisions = &envelope.Decisions{NotifyExpiredSystemKey: all.NotifyExpiredSystemKey}
	}
	w.clock.advance(2 * time.Hour)
	s = w.session()
	if next := encrypt(t, s); next.created(t) != w.clock.minute() {
		t.Errorf("a record names the key created %d", next.created(t))
	}
	decrypt(t, w.session(), r)
	p.wantAsked(t, "all", map[string]int{"NotifyExpiredSystemKey": 1})
}

// A key that the host calls expired is replaced at the next call, cached or not, whatever its age.
func TestHostExpiresKeys(t *testing.T) {
	for _, cached := range []bool{false, true} {
		w := newWorld(t)
		p := w.decide()
		p.yes["CacheSystemKeys"], p.yes["CacheIntermediateKeys"] = cached, cached
		s := w.session()
		old := encrypt(t, s)
		w.store.calls()
		w.clock.advance(time.Second)
		limit := w.clock.seconds()
		p.set(func() { p.expired = func(created int64) bool { return created < limit } })
		next := encrypt(t, s)
		if next.created(t) <= old.created(t) {
			t.Fatalf("the key created %d encrypts, which the host calls expired", old.created(t))
		}
		w.wantCalls("expired", "LoadLatest IK", "LoadLatest SK", "Store SK", "Store IK")
		decrypt(t, s, old)
		if again := encrypt(t, s); again.created(t) != next.created(t) {
			t.Errorf("a second key was made, at once")
		}
		// And one that the Policy would call expired is not.
		p.set(func() { p.expired = func(int64) bool { return false } })
		w.clock.advance(2 * w.policy.ExpireAfter)
		if again := encrypt(t, s); again.created(t) != next.created(t) {
			t.Errorf("a key was replaced that the host does not call expired")
		}
	}
}

// A policy by which every key is expired has a key made a second at most, none of them long before its time.
func TestHostByWhichEveryKeyIsExpired(t *testing.T) {
	w := newWorld(t)
	p := w.decide()
	p.set(func() { p.expired = func(int64) bool { return true } })
	sessions := []*envelope.Session{w.session(), w.session()}
	const seconds = 5
	for range seconds {
		for range 100 {
			for _, s := range sessions {
				decrypt(t, sessions[0], encrypt(t, s))
			}
		}
		w.clock.advance(time.Second)
	}
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		created := w.store.created(id)
		if len(created) < seconds || len(created) > 2*seconds+2 {
			t.Errorf("%s: %d keys in %d seconds", id, len(created), seconds)
		}
		if last := created[len(created)-1]; last > w.clock.seconds()+1 {
			t.Errorf("%s: a key created %d s from now", id, last-w.clock.seconds())
		}
	}
}

// The interval is the host's at each call: one that becomes shorter has a key looked at, 0 has it looked at each time,
// without asking the KMS again.
func TestHostsInterval(t *testing.T) {
	w := newWorld(t)
	p := w.decide()
	s := w.session()
	r := encrypt(t, s)
	w.clock.advance(10 * time.Minute)
	encrypt(t, s)
	w.store.calls()
	p.set(func() { p.interval = time.Minute })
	encrypt(t, s)
	decrypt(t, s, r)
	w.wantCalls("shorter", "LoadLatest IK", "Load SK")
	p.set(func() { p.interval = 0 })
	w.wantKMS("before", 1, 0)
	for range 3 {
		w.clock.advance(time.Millisecond)
		encrypt(t, s)
		w.wantCalls("encrypt, no interval", "LoadLatest IK", "Load SK")
		decrypt(t, s, r)
		w.wantCalls("decrypt, no interval", "Load IK")
		_, err := s.EncryptBytes(envelope.OnlyCached, []byte(secret))
		wantCode(t, err, envelope.WouldBlock)
	}
	w.wantKMS("no interval", 0, 0)
	w.store.revoke(t, intermediateKeyID)
	w.clock.advance(time.Millisecond)
	if next := encrypt(t, s); next.created(t) == r.created(t) {
		t.Error("a revoked key encrypts although there is no interval")
	}
	records := w.store.count()
	p.set(func() { p.interval = -1 })
	wantCode(t, tryEncrypt(s), envelope.HostCallback)
	wantCode(t, tryEncrypt(w.session()), envelope.HostCallback)
	if n := w.store.count(); n != records {
		t.Errorf("%d keys were made", n-records)
	}
	p.set(func() { p.interval = 1000 * time.Hour })
	encrypt(t, s)
	w.clock.advance(700 * time.Hour)
	w.store.calls()
	encrypt(t, s)
	w.wantCalls("longer, unused for long")
}

// While the host says that keys may not be cached those that are there are not used and not kept.
func TestHostForbidsCaching(t *testing.T) {
	for _, level := range []string{"CacheSystemKeys", "CacheIntermediateKeys"} {
		w := newWorld(t)
		p := w.decide()
		f := w.factory()
		s := openSession(t, f, partition)
		r := encrypt(t, s)
		other := encrypt(t, openSession(t, f, "bob"))
		held := seccache.ReadStats().LiveSecrets
		w.store.calls()
		p.set(func() { p.yes[level] = false })
		// A system key is only asked for where an intermediate key is not there.
		wantEncrypt, wantDecrypt, left := []string{"LoadLatest IK"}, []string{"Load IK"}, held-2
		if level == "CacheSystemKeys" {
			wantEncrypt, wantDecrypt, left = nil, nil, held
		}
		for range 2 {
			encrypt(t, s)
			w.wantCalls("encrypt without "+level, wantEncrypt...)
			decrypt(t, s, r)
			w.wantCalls("decrypt without "+level, wantDecrypt...)
		}
		if n := seccache.ReadStats().LiveSecrets; n != left {
			t.Errorf("without %s %d secrets are live, want %d", level, n, left)
		}
		if level == "CacheSystemKeys" {
			w.kms.decrypt.Store(0)
			carol := openSession(t, f, "carol")
			encrypt(t, carol)
			w.wantCalls("first encrypt without "+level, "LoadLatest IK", "LoadLatest SK", "Store IK")
			if n := w.kms.decrypt.Load(); n != 1 {
				t.Errorf("without %s the KMS was asked %d times for a new intermediate key", level, n)
			}
			// carol's key came, the system key went.
			if n := seccache.ReadStats().LiveSecrets; n != held {
				t.Errorf("without %s %d secrets are live, want %d", level, n, held)
			}
		}
		p.set(func() { p.yes[level] = true })
		encrypt(t, s)
		decrypt(t, openSession(t, f, "bob"), other)
		w.store.calls()
		encrypt(t, s)
		decrypt(t, openSession(t, f, "bob"), other)
		w.wantCalls("cached again")
	}
}

// The Policy's switch counts where the host has none, and its size in any case.
func TestHostCannotCacheWithoutRoom(t *testing.T) {
	w := newWorld(t)
	p := w.decide()
	w.policy.CacheIntermediateKeys, w.policy.SystemKeyCacheSize = false, 0
	s := w.session()
	encrypt(t, s)
	p.set(func() { clear(p.asked) })
	w.store.calls()
	encrypt(t, s)
	w.wantCalls("the host has keys cached that the Policy does not")
	p.wantAsked(t, "warm", map[string]int{"RevokeCheckInterval": 1, "CacheIntermediateKeys": 1, "KeyExpired": 1})
	encrypt(t, w.session())
	p.set(func() {
		if n := p.asked["CacheSystemKeys"]; n != 0 {
			t.Errorf("asked %d times about a cache without room", n)
		}
	})
}

// The host rounds times of creation. An answer that cannot be is refused and makes no key; one that would hide the new
// key behind the old one, or have it born expired, is not followed.
func TestHostTruncates(t *testing.T) {
	w := newWorld(t)
	p := w.decide()
	day := func(created int64) int64 { return created / 86400 * 86400 }
	p.set(func() { p.truncate = day })
	s := w.session()
	if got := encrypt(t, s).created(t); got != day(w.clock.seconds()) {
		t.Errorf("created %d, the host said %d", got, day(w.clock.seconds()))
	}
	if got := w.store.latest(t, systemKeyID).Created; got != day(w.clock.seconds()) {
		t.Errorf("system key created %d", got)
	}
	w.store.revoke(t, intermediateKeyID)
	if got := encrypt(t, w.session()).created(t); got != w.clock.seconds() {
		t.Errorf("after a revoked key of the same day: created %d, want %d", got, w.clock.seconds())
	}
	w.store.revoke(t, intermediateKeyID)
	if got := encrypt(t, w.session()).created(t); got != w.clock.seconds()+1 {
		t.Errorf("after a revoked key of the same second: created %d, want %d", got, w.clock.seconds()+1)
	}

	for name, truncate := range map[string]func(int64) int64{
		"0": func(int64) int64 { return 0 }, "negative": func(int64) int64 { return -5 },
		"later": func(created int64) int64 { return created + 1 },
	} {
		fresh := newWorld(t)
		fresh.change = w.change
		p.set(func() { p.truncate = truncate })
		s := fresh.session()
		wantCode(t, tryEncrypt(s), envelope.HostCallback)
		if n := fresh.store.count(); n != 0 {
			t.Errorf("%s: %d keys were made", name, n)
		}
		p.set(func() { p.truncate = day })
		decrypt(t, s, encrypt(t, s))
	}

	fresh := newWorld(t)
	fresh.change = w.change
	p.set(func() { p.expired = func(created int64) bool { return fresh.clock.seconds()-created > 3600 } })
	if got := encrypt(t, fresh.session()).created(t); got != fresh.clock.seconds() {
		t.Errorf("created %d, expired at birth; want %d", got, fresh.clock.seconds())
	}
}

// Where nobody's look counts for another, those that want the same key do not take turns.
func TestLooksWithoutIntervalRunTogether(t *testing.T) {
	const callers = 8
	w := newWorld(t)
	p := w.decide()
	s := w.session()
	encrypt(t, s)
	p.set(func() { p.interval = 0 })
	w.clock.advance(time.Second)
	var mu sync.Mutex
	inside, together := 0, make(chan struct{})
	w.store.fail(func(_ context.Context, c call) error {
		if c.String() != "LoadLatest IK" {
			return nil
		}
		mu.Lock()
		inside++
		first := inside == 1
		if inside == callers {
			close(together)
		}
		mu.Unlock()
		if first { // of the flight that the others wait for
			time.Sleep(20 * time.Millisecond)
			return nil
		}
		select {
		case <-together:
		case <-time.After(10 * time.Second):
			return errDown
		}
		return nil
	})
	errs := make(chan error, callers)
	for range callers {
		go func() { errs <- tryEncrypt(s) }()
	}
	for range callers {
		if err := <-errs; err != nil {
			t.Fatalf("the looks of %d callers take turns: %v", callers, err)
		}
	}
}
