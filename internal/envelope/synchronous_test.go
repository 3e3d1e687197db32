package envelope_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// synchronous are the two ways to have everything done by callers: an option, and a policy of the host's.
var synchronous = map[string]func(w *world){
	"option": func(w *world) {
		w.queue()
		w.change = func(o *envelope.Options) { o.SyncRefresh = true }
	},
	"host": func(w *world) {
		w.policy.ExpireAfter = 24 * time.Hour
		p := w.decide()
		p.yes["QueuedRotation"], p.interval = true, 100*time.Hour
	},
}

// One caller replaces an expired key and gets the new one, while the others use the old one.
func TestQueuedRotationByACaller(t *testing.T) {
	for name, prepare := range synchronous {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.policy.RevokeCheckInterval = 100 * time.Hour
			f := w.factory()
			s := openSession(t, f, partition)
			old := encrypt(t, s)
			w.clock.advance(25 * time.Hour)
			entered, release := make(chan struct{}, 10), make(chan struct{})
			w.store.fail(func(context.Context, call) error { entered <- struct{}{}; <-release; return nil })
			first := make(chan record)
			go func() {
				text, _ := s.EncryptBytes(background, []byte(secret))
				first <- record(text)
			}()
			<-entered
			for range 100 {
				if r := encrypt(t, openSession(t, f, partition)); r.created(t) != old.created(t) {
					t.Fatalf("the key created %d encrypts while it is made", r.created(t))
				}
			}
			close(release)
			if r := <-first; r.created(t) != w.clock.minute() {
				t.Errorf("who made the new key has a record under the one created %d", r.created(t))
			}
			if f.Rotators() != 0 {
				t.Error("there are goroutines for it")
			}
			w.store.calls()
			decrypt(t, s, encrypt(t, s))
			w.wantCalls("afterwards")
		})
	}
}

// A caller whose attempt fails uses the old key, and the attempt is not repeated at once.
func TestQueuedRotationByACallerThatFails(t *testing.T) {
	for name, prepare := range synchronous {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.policy.RevokeCheckInterval = 100 * time.Hour
			s := w.session()
			old := encrypt(t, s)
			w.clock.advance(25 * time.Hour)
			w.store.failing("Store SK", errDown)
			w.store.calls()
			for range 10 {
				if r := encrypt(t, s); r.created(t) != old.created(t) {
					t.Fatalf("the key created %d encrypts", r.created(t))
				}
			}
			w.wantCalls("ten calls", "LoadLatest IK", "LoadLatest SK", "Store SK")
			w.store.fail(nil)
			w.clock.advance(time.Second)
			if r := encrypt(t, s); r.created(t) == old.created(t) {
				t.Error("the rotation was not tried again")
			}
		})
	}
}

// A decision that fails while a caller replaces a key fails the call, and makes no key, also in a process that begins
// then, and where only the key's parent has expired.
func TestQueuedRotationUndecided(t *testing.T) {
	for _, decision := range []string{"QueuedRotation", "TruncateSystemKey", "TruncateIntermediateKey"} {
		for _, cold := range []bool{false, true} {
			for _, age := range []time.Duration{13 * time.Hour, 25 * time.Hour} { // of the intermediate key
				w := newWorld(t)
				w.policy.ExpireAfter = 24 * time.Hour
				p := w.decide()
				p.yes["QueuedRotation"], p.interval = true, 100*time.Hour
				f := w.factory()
				encrypt(t, openSession(t, f, "bob"))
				w.clock.advance(25*time.Hour - age)
				s := openSession(t, f, partition)
				old := encrypt(t, s)
				w.clock.advance(age)
				if cold {
					s = w.session()
				}
				intermediates := len(w.store.created(intermediateKeyID))
				p.set(func() { p.failing[decision] = errDown })
				wantCode(t, tryEncrypt(s), envelope.HostCallback)
				if n := len(w.store.created(intermediateKeyID)); n != intermediates {
					t.Errorf("%s: %d keys were made", decision, n-intermediates)
				}
				p.set(func() { clear(p.failing) })
				w.clock.advance(time.Second)
				if r := encrypt(t, s); r.created(t) == old.created(t) {
					t.Errorf("%s: not replaced later", decision)
				}
				decrypt(t, s, old)
			}
		}
	}
}

// A call that must not ask the metastore does not do so for others either: neither in the early window nor with an
// expired key that goes on encrypting.
func TestOnlyCachedDoesNoWorkForOthers(t *testing.T) {
	for name, prepare := range synchronous {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.policy.RevokeCheckInterval = 100 * time.Hour
			s := w.session()
			r := encrypt(t, s)
			decrypt(t, s, r)
			w.store.calls()
			for _, at := range []time.Duration{25 * time.Hour, 96 * time.Hour} {
				w.clock.nanos.Store(noon.UnixNano() + int64(at))
				for range 3 {
					text, err := s.EncryptBytes(envelope.OnlyCached, []byte(secret))
					wantCode(t, err, envelope.OK)
					if got := record(text).created(t); got != r.created(t) {
						t.Errorf("the key created %d encrypts", got)
					}
					_, err = s.DecryptBytes(envelope.OnlyCached, []byte(r))
					wantCode(t, err, envelope.OK)
				}
				w.wantCalls(at.String())
			}
			// Another does.
			decrypt(t, s, r)
			w.wantCalls("decrypt in the early window", "Load IK")
			encrypt(t, s)
			w.wantCalls("encrypt with an expired key in the early window", "LoadLatest IK", "Load SK", "LoadLatest IK", "LoadLatest SK", "Store SK", "Store IK")
		})
	}
}

// Whoever replaces a key for all is stopped with its own call: the next call does it.
func TestCancelledRotation(t *testing.T) {
	logged := captureLog(t)
	for name, prepare := range synchronous {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.policy.RevokeCheckInterval = 100 * time.Hour
			s := w.session()
			old := encrypt(t, s)
			w.clock.advance(25 * time.Hour)
			ctx, cancel := context.WithCancel(background)
			w.store.fail(func(ctx context.Context, _ call) error { cancel(); return ctx.Err() })
			text, err := s.EncryptBytes(ctx, []byte(secret))
			if err != nil || record(text).created(t) != old.created(t) {
				t.Fatalf("a call with an expired key: %v", err)
			}
			w.store.fail(nil)
			if r := encrypt(t, s); r.created(t) == old.created(t) {
				t.Error("the next call does not replace the key")
			}
			if n := logged("replacing the expired"); n != 0 {
				t.Errorf("%d lines about it", n)
			}
		})
	}
}

// Whoever looks at a key early for all is stopped with its own call, which is no failure of the metastore.
func TestCancelledLooker(t *testing.T) {
	logged := captureLog(t)
	for name, prepare := range synchronous {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.policy.RevokeCheckInterval, w.policy.ExpireAfter = 100*time.Hour, 1000*time.Hour
			s := w.session()
			r := encrypt(t, s)
			w.clock.advance(96 * time.Hour)
			ctx, cancel := context.WithCancel(background)
			var calls atomic.Int64
			w.store.fail(func(ctx context.Context, _ call) error {
				if calls.Add(1) == 1 {
					cancel()
				}
				return ctx.Err()
			})
			if _, err := s.DecryptBytes(ctx, []byte(r)); err != nil {
				t.Errorf("a call with a cached key: %v", err)
			}
			if n := logged("before its time is up failed") + logged("failed to load"); n != 0 {
				t.Errorf("%d lines about it", n)
			}
			decrypt(t, s, r)
			if n := calls.Load(); n != 2 {
				t.Errorf("%d looks, want another at once", n)
			}
		})
	}
}
