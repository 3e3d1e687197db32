package envelope_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// returns fails the test if f has not returned after a bound that only guards against hanging.
func returns(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: hangs", what)
	}
}

// A function of the host's that calls back for the very key that it is asked for does not wait for itself, whatever the
// call is that asks it.
func TestNestedCalls(t *testing.T) {
	for _, from := range []string{
		"Load", "LoadLatest", "Store", "EncryptKey", "DecryptKey", "KeyExpired", "RevokeCheckInterval",
	} {
		for name, prepare := range map[string]func(w *world, r *record){
			"empty metastore": nil,
			"filled metastore": func(w *world, r *record) {
				*r = encrypt(w.t, w.session())
			},
			"expired keys": func(w *world, r *record) {
				*r = encrypt(w.t, w.session())
				w.clock.advance(w.policy.ExpireAfter + time.Minute)
			},
		} {
			t.Run(from+" "+name, func(t *testing.T) {
				w := newWorld(t)
				var r record
				if prepare != nil {
					prepare(w, &r)
				}
				p := w.decide()
				f := w.factory()
				s := openSession(t, f, partition)
				var inside, nested atomic.Int64
				again := func() {
					if inside.Add(1) <= 1 {
						text, err := s.EncryptBytes(envelope.Nested, []byte(secret))
						if err != nil {
							t.Errorf("nested encrypt: %v", err)
						} else if _, err = s.DecryptBytes(envelope.Nested, text); err != nil {
							t.Errorf("nested decrypt: %v", err)
						}
						if r != "" {
							if _, err := s.DecryptBytes(envelope.Nested, []byte(r)); err != nil {
								t.Errorf("nested decrypt: %v", err)
							}
						}
						nested.Add(1)
					}
					inside.Add(-1)
				}
				w.store.fail(func(_ context.Context, c call) error {
					if c.op == from {
						again()
					}
					return nil
				})
				w.kms.fail(func(op string) error {
					if op == from {
						again()
					}
					return nil
				})
				p.hook = func(name string) {
					if name == from {
						again()
					}
				}
				returns(t, "a call from inside "+from, func() {
					for range 2 {
						decrypt(t, s, encrypt(t, s))
						if r != "" {
							decrypt(t, s, r)
						}
						w.clock.advance(58 * time.Minute) // to the early window
						decrypt(t, s, encrypt(t, s))
						w.clock.advance(time.Hour)
					}
				})
				makesNone := name == "filled metastore" && (from == "Store" || from == "EncryptKey")
				opensNone := r == "" && from == "DecryptKey"
				if nested.Load() == 0 && !makesNone && !opensNone {
					t.Error("no nested call")
				}
			})
		}
	}
}

// A nested call that may not ask the metastore answers at once.
func TestNestedOnlyCached(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	var got atomic.Int64
	w.store.fail(func(context.Context, call) error {
		_, err := s.EncryptBytes(envelope.NestedOnlyCached, []byte(secret))
		got.Store(int64(envelope.CodeOf(err)))
		return nil
	})
	r := encrypt(t, s)
	if got := envelope.Code(got.Load()); got != envelope.WouldBlock {
		t.Errorf("class %d, want %d", got, envelope.WouldBlock)
	}
	w.clock.advance(time.Hour)
	decrypt(t, s, r)
}

// Two calls whose functions of the host call back for each other's key do not wait for each other.
func TestNestedCallsThatCross(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	alice, bob := openSession(t, f, partition), openSession(t, f, "bob")
	var both sync.WaitGroup
	both.Add(2)
	var entered sync.Map
	w.store.fail(func(_ context.Context, c call) error {
		other := bob
		switch {
		case c.op != "LoadLatest" || c.id == systemKeyID:
			return nil
		case c.id != intermediateKeyID:
			other = alice
		}
		if _, again := entered.LoadOrStore(c.id, true); again {
			return nil
		}
		both.Done()
		both.Wait()
		_, err := other.EncryptBytes(envelope.Nested, []byte(secret))
		return err
	})
	returns(t, "calls that cross", func() {
		wantNone(t, together(2, func(i int) error { return tryEncrypt([]*envelope.Session{alice, bob}[i]) }))
	})
	decrypt(t, alice, encrypt(t, alice))
}

// A caller who replaces an expired key for all, and whose metastore calls back for that key, uses the old one there.
func TestNestedCallDuringRotation(t *testing.T) {
	for name, prepare := range synchronous {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.policy.RevokeCheckInterval = 100 * time.Hour
			s := w.session()
			old := encrypt(t, s)
			w.clock.advance(25 * time.Hour)
			var nested record
			w.store.fail(func(context.Context, call) error {
				text, err := s.EncryptBytes(envelope.Nested, []byte(secret))
				nested = record(text)
				return err
			})
			returns(t, "a nested call", func() {
				if r := encrypt(t, s); r.created(t) == old.created(t) {
					t.Error("the key was not replaced")
				}
			})
			if nested.created(t) != old.created(t) {
				t.Errorf("the nested call used the key created %d", nested.created(t))
			}
			w.store.fail(nil)
			decrypt(t, s, nested)
		})
	}
}

// Nested calls load for themselves and leave nothing behind.
func TestNestedCallsOfManyThreads(t *testing.T) {
	w := newWorld(t)
	w.policy.IntermediateKeyCacheSize = 2
	f := w.factory()
	before := seccache.ReadStats().LiveSecrets
	var depth sync.Map // by partition's key
	w.store.fail(func(_ context.Context, c call) error {
		if _, busy := depth.LoadOrStore(c.id, true); busy {
			return nil
		}
		defer depth.Delete(c.id)
		s, err := f.Session("nested")
		if err != nil {
			return err
		}
		defer s.Close()
		_, err = s.EncryptBytes(envelope.Nested, []byte(secret))
		return err
	})
	returns(t, "nested calls", func() {
		wantNone(t, together(64, func(i int) error {
			for n := range 20 {
				s, err := f.Session(string(rune('a' + (i+n)%8)))
				if err != nil {
					return err
				}
				text, err := s.EncryptBytes(background, []byte(secret))
				if err == nil {
					_, err = s.DecryptBytes(background, text)
				}
				s.Close()
				if err != nil {
					return err
				}
			}
			return nil
		}))
	})
	f.Close()
	checkSecrets(t, before)
}
