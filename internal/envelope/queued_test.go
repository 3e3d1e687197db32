package envelope_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// queue has a world's factories queue rotations.
func (w *world) queue() { w.policy.QueuedRotation, w.policy.ExpireAfter = true, 24*time.Hour }

// settled waits until no rotation is under way or waits.
func settled(t testing.TB, f *envelope.Factory) {
	t.Helper()
	within(t, "a rotation does not end", func() bool { busy, _ := f.Rotations(); return busy == 0 && f.Rotators() == 0 })
}

// An expired key goes on encrypting while its successor is made, which the calls after that use, in this process and
// in one that starts in the middle.
func TestQueuedRotation(t *testing.T) {
	for _, test := range []struct {
		name         string
		systems      int // system keys to be made; 0: another process has made one
		cold, cached bool
	}{
		{"intermediate key", 0, false, true},
		{"both keys", 1, false, true},
		{"intermediate key, cold", 0, true, true},
		{"both keys, cold", 1, true, true},
		{"both keys, nothing cached", 1, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			logged := captureLog(t)
			w := newWorld(t)
			w.queue()
			w.policy.CacheSystemKeys, w.policy.CacheIntermediateKeys = test.cached, test.cached
			w.policy.RevokeCheckInterval = 100 * time.Hour
			f := w.factory()
			s := openSession(t, f, partition)
			old := encrypt(t, s)
			w.clock.advance(25 * time.Hour)
			if test.systems == 0 {
				w.policy.QueuedRotation = false
				encrypt(t, openSession(t, w.factory(), "bob"))
				w.policy.QueuedRotation = true
			}
			systems, intermediates := len(w.store.created(systemKeyID)), len(w.store.created(intermediateKeyID))
			if test.cold {
				f = w.factory()
				s = openSession(t, f, partition)
			}
			release := make(chan struct{})
			w.store.fail(func(_ context.Context, c call) error {
				if c.op == "Store" {
					<-release
				}
				return nil
			})
			for range 100 {
				if r := encrypt(t, s); r.created(t) != old.created(t) {
					t.Fatalf("the record names the key created %d while it is made", r.created(t))
				}
			}
			if busy, _ := f.Rotations(); busy != 1 {
				t.Errorf("%d rotations, want 1", busy)
			}
			close(release)
			settled(t, f)
			next := encrypt(t, s)
			if next.created(t) != w.clock.minute() {
				t.Errorf("after the rotation a record names the key created %d", next.created(t))
			}
			decrypt(t, s, old)
			decrypt(t, s, next)
			decrypt(t, w.session(), next)
			if n := len(w.store.created(intermediateKeyID)) - intermediates; n != 1 {
				t.Errorf("%d intermediate keys were made, want 1", n)
			}
			if n := len(w.store.created(systemKeyID)) - systems; n != test.systems {
				t.Errorf("%d system keys were made, want %d", n, test.systems)
			}
			if n := logged("rotated intermediate key"); n < 1 {
				t.Error("no line about the rotation")
			}
			if _, all := f.Rotations(); all != 0 {
				t.Errorf("%d rotations are remembered that succeeded", all)
			}
		})
	}
}

// A revoked key, and one under a revoked key, is replaced by the call that finds it, expired or not.
func TestRevokedKeyIsNotQueued(t *testing.T) {
	for _, id := range []string{systemKeyID, intermediateKeyID} {
		w := newWorld(t)
		w.queue()
		s := w.session()
		old := encrypt(t, s)
		w.store.revoke(t, id)
		w.clock.advance(25 * time.Hour)
		if r := encrypt(t, s); r.created(t) == old.created(t) {
			t.Errorf("%s: a revoked key that has expired too encrypts", id)
		}
	}
}

// A rotation that fails is tried again by calls, later each time, and told once a minute; meanwhile the key goes on.
func TestQueuedRotationThatFails(t *testing.T) {
	logged := captureLog(t)
	var failed, rotated atomic.Int64
	hooks.SetMetrics(func(m hooks.MetricType, _ time.Duration, name string) {
		switch m {
		case hooks.RotationFailed:
			failed.Add(1)
		case hooks.Rotated:
			rotated.Add(1)
		default:
			return
		}
		if name != "intermediate" {
			t.Errorf("a rotation of %q", name)
		}
	}, 0, true)
	t.Cleanup(hooks.ClearMetrics)
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	f := w.factory()
	s := openSession(t, f, partition)
	old := encrypt(t, s)
	w.clock.advance(25 * time.Hour)
	w.store.failing("Store SK", errDown)
	var tries []time.Duration // since the first
	start := w.clock.now()
	for at := time.Duration(0); at < 20*time.Minute; at += time.Second {
		before := failed.Load()
		for range 3 {
			if r := encrypt(t, s); r.created(t) != old.created(t) {
				t.Fatal("a key that was not stored encrypts")
			}
			settled(t, f)
		}
		if n := failed.Load() - before; n > 1 {
			t.Fatalf("%d tries at once", n)
		} else if n == 1 {
			tries = append(tries, w.clock.now().Sub(start))
		}
		w.clock.advance(time.Second)
	}
	want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(tries, want) {
		t.Errorf("tries after %v, want %v", tries, want)
	}
	if n := logged("replacing the expired intermediate key"); n != 7 { // of twelve, which were in seven minutes
		t.Errorf("%d lines about %d tries in 20 minutes, want 7", n, len(tries))
	}
	w.store.fail(nil)
	w.clock.advance(5 * time.Minute)
	encrypt(t, s)
	settled(t, f)
	if r := encrypt(t, s); r.created(t) == old.created(t) || rotated.Load() != 1 {
		t.Errorf("after the outage the key created %d encrypts; %d rotations", r.created(t), rotated.Load())
	}
	decrypt(t, s, old)
}

// Keys of many partitions that expire together are replaced by a few goroutines, each key once, and none is forgotten.
// What there is no room for is found by a later call.
func TestQueuedRotationsAreBounded(t *testing.T) {
	const partitions, room = 1100, 1024
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	w.policy.IntermediateKeyCacheSize = 2 * partitions
	f := w.factory()
	var sessions []*envelope.Session
	for i := range partitions {
		sessions = append(sessions, openSession(t, f, fmt.Sprint("partition ", i)))
		encrypt(t, sessions[i])
	}
	w.clock.advance(25 * time.Hour)
	w.store.calls()
	var inside, most atomic.Int64
	release := make(chan struct{})
	w.store.fail(func(context.Context, call) error {
		n := inside.Add(1)
		defer inside.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-release
		return nil
	})
	for range 3 {
		for _, s := range sessions {
			encrypt(t, s)
		}
	}
	if busy, all := f.Rotations(); busy != room || all != room || f.Rotators() > 4 {
		t.Errorf("%d rotations, %d remembered, %d goroutines, want %d, %[4]d and 4", busy, all, f.Rotators(), room)
	}
	close(release)
	settled(t, f)
	if n := most.Load(); n > 4 {
		t.Errorf("%d keys were replaced at once", n)
	}
	w.store.fail(nil)
	for _, s := range sessions {
		encrypt(t, s)
	}
	settled(t, f)
	for i, s := range sessions {
		if r := encrypt(t, s); r.created(t) != w.clock.minute() {
			t.Fatalf("partition %d: the key created %d encrypts", i, r.created(t))
		}
	}
	stores := slices.DeleteFunc(w.store.calls(), func(c string) bool { return c != "Store IK" && c != "Store SK" })
	if len(stores) != partitions+1 {
		t.Errorf("%d keys were made, want %d and a system key", len(stores), partitions)
	}
}

// Rotations that failed of keys that nobody uses any more do not take the room of others.
func TestForgottenRotations(t *testing.T) {
	const room = 1024
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	w.policy.IntermediateKeyCacheSize = 2 * room
	f := w.factory()
	var sessions []*envelope.Session
	for i := range room + 1 {
		sessions = append(sessions, openSession(t, f, fmt.Sprint("partition ", i)))
		encrypt(t, sessions[i])
	}
	w.clock.advance(25 * time.Hour)
	w.store.failing("", errDown)
	for _, s := range sessions[:room] {
		encrypt(t, s)
	}
	settled(t, f)
	if _, all := f.Rotations(); all != room {
		t.Fatalf("%d rotations are remembered, want %d", all, room)
	}
	w.store.fail(nil)
	last := sessions[room]
	encrypt(t, last)
	settled(t, f)
	if r := encrypt(t, last); r.created(t) == w.clock.minute() {
		t.Fatal("there was room for another")
	}
	w.clock.advance(time.Second)
	encrypt(t, last)
	settled(t, f)
	if r := encrypt(t, last); r.created(t) != w.clock.minute() {
		t.Errorf("the key created %d encrypts", r.created(t))
	}
}

// When the last session is closed the rotations under way end, and those that wait are not begun.
func TestCloseDuringQueuedRotations(t *testing.T) {
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	closed := w.closes()
	f := w.factory()
	var sessions []*envelope.Session
	for i := range 50 {
		sessions = append(sessions, openSession(t, f, fmt.Sprint("partition ", i)))
		encrypt(t, sessions[i])
	}
	w.clock.advance(25 * time.Hour)
	release := make(chan struct{})
	var begun atomic.Int64
	w.store.fail(func(_ context.Context, c call) error {
		if c.op == "Store" {
			begun.Add(1)
			<-release
		}
		return nil
	})
	for _, s := range sessions {
		encrypt(t, s)
	}
	within(t, "no rotation begins", func() bool { return begun.Load() > 0 })
	f.Close()
	for _, s := range sessions {
		s.Close()
	}
	if closed.Load() != 0 {
		t.Error("the factory was closed while rotations are under way")
	}
	close(release)
	within(t, "the factory stays open", func() bool { return closed.Load() == 1 && f.Rotators() == 0 })
	if n := begun.Load(); n > 5 { // four intermediate keys and their parent
		t.Errorf("%d keys were made", n)
	}
	checkSecrets(t, w.kms.secrets)
}

// A rotation that panics ends no process: the factory refuses further work.
func TestPanicInAQueuedRotation(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	f := w.factory()
	s := openSession(t, f, partition)
	encrypt(t, s)
	w.clock.advance(25 * time.Hour)
	w.store.fail(func(context.Context, call) error { panic("user code") })
	encrypt(t, s)
	within(t, "not poisoned", f.Poisoned)
	settled(t, f)
	if n := logged("the rotation was aborted"); n != 1 {
		t.Errorf("%d lines about it, want 1", n)
	}
	w.store.fail(nil)
	wantCode(t, tryEncrypt(s), envelope.Internal)
}

// A metastore that does not answer in time fails a rotation, and holds no goroutine for ever.
func TestQueuedRotationTimesOut(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	w.change = func(o *envelope.Options) { o.Timeout = 20 * time.Millisecond }
	f := w.factory()
	s := openSession(t, f, partition)
	encrypt(t, s)
	w.clock.advance(25 * time.Hour)
	w.store.fail(func(ctx context.Context, _ call) error { <-ctx.Done(); return ctx.Err() })
	encrypt(t, s)
	settled(t, f)
	if n := logged("the time limit passed"); n < 1 {
		t.Error("no line about it")
	}
}

// What nobody waits for has a time limit, also where the factory has none.
func TestWorkInTheBackgroundIsBounded(t *testing.T) {
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	f := w.factory()
	s := openSession(t, f, partition)
	encrypt(t, s)
	var unbounded, calls atomic.Int64
	w.store.fail(func(ctx context.Context, _ call) error {
		calls.Add(1)
		if _, bounded := ctx.Deadline(); !bounded {
			unbounded.Add(1)
		}
		return errDown
	})
	for _, at := range []time.Duration{25 * time.Hour, 96 * time.Hour} { // expired, and in the early window
		w.clock.nanos.Store(noon.UnixNano() + int64(at))
		encrypt(t, s)
		within(t, "work in the background does not end", func() bool { return f.Refreshing() == 0 })
		settled(t, f)
	}
	if calls.Load() < 2 || unbounded.Load() != 0 {
		t.Errorf("%d of %d calls have no time limit", unbounded.Load(), calls.Load())
	}
}
