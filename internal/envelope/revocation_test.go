package envelope_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// A revocation mark is seen within the check interval, by a process that goes on encrypting: records name another key
// from then on, and the old ones decrypt.
func TestRevocationIsSeenWithinTheInterval(t *testing.T) {
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		for _, sync := range []bool{false, true} {
			for _, step := range []time.Duration{time.Minute, 7 * time.Minute, 59 * time.Minute, time.Hour} {
				w := newWorld(t)
				w.change = func(o *envelope.Options) { o.SyncRefresh = sync }
				f := w.factory()
				s := openSession(t, f, partition)
				old := encrypt(t, s)
				w.store.revoke(t, id)
				for elapsed := time.Duration(0); ; {
					w.clock.advance(step)
					elapsed += step
					r := encrypt(t, s)
					within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
					if r.created(t) != old.created(t) {
						if earliest := 3 * time.Hour / 4; elapsed < earliest {
							t.Errorf("seen after %v: looks are not to be earlier than %v", elapsed, earliest)
						}
						decrypt(t, s, r)
						break
					}
					if elapsed >= w.policy.RevokeCheckInterval {
						t.Fatalf("%s, step %v: still in use after %v", id, step, elapsed)
					}
				}
				decrypt(t, s, old)
				// It stays so.
				if r := encrypt(t, s); r.created(t) == old.created(t) {
					t.Fatal("the revoked key is in use again")
				}
			}
		}
	}
}

// Other sessions and calls of the same factory learn of a revocation together, also through a decryption.
func TestRevocationSeenByDecryption(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s := openSession(t, f, partition)
	old := encrypt(t, s)
	w.store.revoke(t, intermediateKeyID)
	w.clock.advance(time.Hour)
	decrypt(t, openSession(t, f, partition), old)
	if r := encrypt(t, s); r.created(t) == old.created(t) {
		t.Fatal("a key that is known to be revoked encrypted")
	}
}

// A key that is revoked is not used to encrypt although a slow answer from before the mark comes in late.
func TestLateAnswerDoesNotUndoRevocation(t *testing.T) {
	h := time.Hour
	for _, test := range []struct {
		name      string
		sightings []envelope.Sighting
		want      envelope.Sighting
	}{
		{"revoked", []envelope.Sighting{{1 * h, false}, {2 * h, true}}, envelope.Sighting{At: 2 * h, Revoked: true}},
		{
			"late answer",
			[]envelope.Sighting{{1 * h, false}, {3 * h, true}, {2 * h, false}},
			envelope.Sighting{At: 3 * h, Revoked: true},
		},
		{
			"late mark",
			[]envelope.Sighting{{1 * h, false}, {3 * h, false}, {2 * h, true}},
			envelope.Sighting{At: 3 * h, Revoked: true},
		},
		{"mark taken back", []envelope.Sighting{{1 * h, true}, {2 * h, false}}, envelope.Sighting{At: 2 * h}},
	} {
		if got := envelope.AfterSightings(test.sightings...); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// Without a successful look no key is used past the interval, for anything, whatever is cached. When the metastore is
// there again, all goes on.
func TestNoUsePastTheIntervalWhileTheStoreIsDown(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Minute, 30 * time.Minute, 5 * time.Hour} {
		for _, sync := range []bool{false, true} {
			w := newWorld(t)
			w.policy.RevokeCheckGrace = grace
			w.change = func(o *envelope.Options) { o.SyncRefresh = sync }
			f := w.factory()
			s := openSession(t, f, partition)
			r := encrypt(t, s)
			w.store.failing("", errDown)
			limit := w.policy.RevokeCheckInterval + grace

			for _, at := range []time.Duration{
				limit / 2, w.policy.RevokeCheckInterval - 1, w.policy.RevokeCheckInterval,
				limit - 1,
			} {
				if at >= limit {
					continue
				}
				w.clock.nanos.Store(noon.UnixNano() + int64(at))
				if err := tryEncrypt(s); err != nil {
					t.Fatalf("grace %v: encrypt after %v: %v", grace, at, err)
				}
				decrypt(t, s, r)
				decrypt(t, openSession(t, f, partition), r)
				within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
			}
			for _, at := range []time.Duration{limit, limit + time.Nanosecond, limit + time.Hour, 10 * limit} {
				w.clock.nanos.Store(noon.UnixNano() + int64(at))
				for _, s := range []*envelope.Session{s, openSession(t, f, partition)} {
					wantCode(t, tryEncrypt(s), envelope.MetastoreFailed)
					wantCode(t, tryDecrypt(s, r), envelope.MetastoreFailed)
				}
			}
			w.store.fail(nil)
			decrypt(t, s, r)
			if again := encrypt(t, s); again.created(t) != r.created(t) {
				t.Errorf("a new key after the outage")
			}
		}
	}
}

// Grace holds for a process that only decrypts, which has no reason to look at the system key, and ends for it as well.
func TestGraceOfReader(t *testing.T) {
	w := newWorld(t)
	w.policy.RevokeCheckGrace = 30 * time.Minute
	r := encrypt(t, w.session())
	f := w.factory()
	s := openSession(t, f, partition)
	for range 10 {
		decrypt(t, s, r)
		w.clock.advance(w.policy.RevokeCheckInterval)
	}
	decrypt(t, s, r)
	w.store.failing("", errDown)
	w.clock.advance(w.policy.RevokeCheckInterval + 29*time.Minute)
	decrypt(t, s, r)
	w.clock.advance(time.Minute)
	wantCode(t, tryDecrypt(s, r), envelope.MetastoreFailed)
}

// Grace is for a metastore or KMS that fails, not for what it says: a revocation mark counts, a missing key is missing.
func TestGraceIsForFailuresOnly(t *testing.T) {
	w := newWorld(t)
	w.policy.RevokeCheckGrace = 30 * time.Minute
	f := w.factory()
	s := openSession(t, f, partition)
	r := encrypt(t, s)
	w.clock.advance(w.policy.RevokeCheckInterval + time.Minute)
	w.store.fail(func(_ context.Context, c call) error {
		if c.op == "Store" {
			return errDown
		}
		return nil
	})
	w.store.revoke(t, intermediateKeyID)
	wantCode(t, tryEncrypt(s), envelope.MetastoreFailed)
	w.store.edit(t, intermediateKeyID, func(*envelope.KeyRecord) bool { return false })
	w.clock.advance(w.policy.RevokeCheckInterval)
	wantCode(t, tryDecrypt(s, r), envelope.MetadataMissing)
}

// In grace every call asks, so that the first answer counts, but calls at the same time ask together.
func TestGraceEndsWithTheOutage(t *testing.T) {
	w := newWorld(t)
	w.policy.RevokeCheckGrace = 30 * time.Minute
	s := w.session()
	old := encrypt(t, s)
	w.store.failing("", errDown)
	w.clock.advance(w.policy.RevokeCheckInterval + time.Minute)
	if r := encrypt(t, s); r.created(t) != old.created(t) {
		t.Fatal("a new key in grace")
	}
	w.store.revoke(t, intermediateKeyID)
	w.store.fail(nil)
	if r := encrypt(t, s); r.created(t) == old.created(t) {
		t.Fatal("a revoked key in use after the outage")
	}
}

// With an extreme policy nothing overflows: a key is good for ever.
func TestExtremeIntervals(t *testing.T) {
	const ever = time.Duration(1<<63 - 1)
	for _, grace := range []time.Duration{0, ever} {
		w := newWorld(t)
		w.policy.RevokeCheckInterval, w.policy.RevokeCheckGrace, w.policy.ExpireAfter = ever, grace, ever
		testCentury(t, w)
	}
}

func testCentury(t *testing.T, w *world) {
	f := w.factory()
	s := openSession(t, f, partition)
	r := encrypt(t, s)
	w.store.calls()
	w.clock.advance(100 * 365 * 24 * time.Hour)
	w.store.failing("", errDown)
	for _, s := range []*envelope.Session{s, openSession(t, f, partition)} {
		if again := encrypt(t, s); again.created(t) != r.created(t) {
			t.Error("a new key")
		}
		decrypt(t, s, r)
	}
	w.wantCalls("a century later")
}

func TestFreshness(t *testing.T) {
	const h = time.Hour
	for _, test := range []struct {
		name       string
		wall, mono time.Duration // since the key was seen
		want       string
	}{
		{"at once", 0, 0, "fresh"},
		{"before the early window", h * 3 / 4, h*3/4 - 1, "fresh"},
		{"after the early window began", h * 19 / 20, h*19/20 + 1, "early"},
		{"last moment", h - 1, h - 1, "early"},
		{"at the end", h, h, "stale"},
		{"wall clock set back", -24 * h, h, "stale"},
		{"wall clock set back, not yet", -24 * h, h - 1, "early"},
		{"wall clock set forward", 24 * h, 1, "stale"},
		{"slept: the monotonic clock stood still", h, 1, "stale"},
	} {
		wall := noon.UnixNano()
		if got := envelope.Freshness(wall, 5*h, wall+int64(test.wall), 5*h+test.mono, h); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// The time of the first early look is spread over the window, not the same for all keys.
func TestEarlyLooksAreSpread(t *testing.T) {
	const h = time.Hour
	early := map[time.Duration]int{}
	at := []time.Duration{h*3/4 + 1, h * 8 / 10, h * 85 / 100, h * 9 / 10, h*19/20 + 1}
	for range 1000 {
		for _, mono := range at {
			if envelope.Freshness(0, 0, 0, mono, h) == "early" {
				early[mono]++
			}
		}
	}
	for i, want := range []int{0, 250, 500, 750, 1000} {
		if got := early[at[i]]; got < want-100 || got > want+100 {
			t.Errorf("%d of 1000 keys are looked at before %v, want about %d", got, at[i], want)
		}
	}
}

// In the early window a metastore that hangs or fails is not felt, and not asked all the time.
func TestEarlyLooksDoNotDisturb(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s := openSession(t, f, partition)
	r := encrypt(t, s)
	entered, release := make(chan struct{}, 100), make(chan struct{})
	w.store.fail(func(context.Context, call) error {
		entered <- struct{}{}
		<-release
		return errDown
	})
	w.clock.advance(58 * time.Minute)
	start := time.Now()
	for range 1000 {
		encrypt(t, s)
		decrypt(t, s, r)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("2000 calls took %v", d)
	}
	<-entered
	if n := f.Refreshing(); n != 1 {
		t.Errorf("%d looks are under way, want 1", n)
	}
	close(release)
	within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
	for range 1000 {
		encrypt(t, s)
		decrypt(t, s, r)
	}
	within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
	if n := len(w.store.calls()); n > 5 {
		t.Errorf("%d calls of a metastore that is down", n)
	}
	// A minute later it is asked again, and found to be there.
	w.store.fail(nil)
	w.clock.advance(time.Minute + time.Second)
	encrypt(t, s)
	within(t, "no look", func() bool { return f.Refreshing() == 0 && len(w.store.calls()) > 0 })
	w.clock.advance(time.Minute)
	w.store.failing("", errDown)
	encrypt(t, s)
}

// A key that was loaded later than its parent becomes early by its parent's time: then too the metastore that is down
// is asked once a minute only.
func TestEarlyLooksByTheParentsTime(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	encrypt(t, openSession(t, f, "bob"))
	w.clock.advance(40 * time.Minute)
	s := openSession(t, f, partition)
	encrypt(t, s)
	w.clock.advance(18 * time.Minute)
	w.store.calls()
	w.store.failing("", errDown)
	for range 1000 {
		encrypt(t, s)
	}
	within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
	if n := len(w.store.calls()); n > 5 {
		t.Errorf("%d calls of a metastore that is down", n)
	}
	w.clock.advance(2 * time.Minute)
	wantCode(t, tryEncrypt(s), envelope.MetastoreFailed)
}

// Many keys whose time is up are looked at by a few goroutines, not by one each.
func TestEarlyLooksAreBounded(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	var sessions []*envelope.Session
	for i := range 50 {
		s := openSession(t, f, "partition-"+string(rune('A'+i)))
		encrypt(t, s)
		sessions = append(sessions, s)
	}
	w.store.calls()
	release := make(chan struct{})
	w.store.fail(func(context.Context, call) error { <-release; return nil })
	w.clock.advance(58 * time.Minute)
	for _, s := range sessions {
		encrypt(t, s)
	}
	if n := f.Refreshing(); n < 1 || n > 4 {
		t.Errorf("%d goroutines, want 1 to 4", n)
	}
	close(release)
	within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
}

// A panic in an early look ends no process: the factory refuses further work, and leaves nothing behind.
func TestPanicInAnEarlyLook(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s := openSession(t, f, partition)
	encrypt(t, s)
	w.store.fail(func(context.Context, call) error { panic("user code") })
	w.clock.advance(58 * time.Minute)
	encrypt(t, s)
	within(t, "not poisoned", func() bool { return f.Poisoned() && f.Refreshing() == 0 })
	w.store.fail(nil)
	w.clock.advance(time.Hour)
	wantCode(t, tryEncrypt(s), envelope.Internal)
	if !errors.As(tryEncrypt(s), new(*envelope.Error)) {
		t.Error("the error has no class of its own")
	}
}
