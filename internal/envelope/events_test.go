package envelope_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// watched are the events of a factory.
type watched struct {
	mu     sync.Mutex
	events []envelope.Event
	ended  int
}

func watch(t *testing.T, f *envelope.Factory) *watched {
	t.Helper()
	w := &watched{}
	err := f.Watch(&envelope.Watcher{
		Tell: func(e envelope.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
		End: func() { w.ended++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// take returns the types of the events so far, of keys of one level, and forgets them all.
func (w *watched) take(system bool) (types []envelope.EventType) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.System == system {
			types = append(types, e.Type)
		}
	}
	w.events = nil
	return types
}

// What happens to expired keys is told: a rotation when it is queued and when it is done, and each use for decryption.
func TestEventsOfExpiredKeys(t *testing.T) {
	w := newWorld(t)
	w.queue()
	w.policy.RevokeCheckInterval = 100 * time.Hour
	w.policy.NotifyExpiredIntermediateKey = true
	f := w.factory()
	seen := watch(t, f)
	s := openSession(t, f, partition)
	old := encrypt(t, s)
	if types := seen.take(false); !slices.Contains(types, envelope.KeyCached) {
		t.Errorf("the events of a first use are %v", types)
	}
	decrypt(t, s, old)
	if types := seen.take(false); len(types) != 0 {
		t.Errorf("a use of cached keys is told: %v", types)
	}
	w.clock.advance(25 * time.Hour)
	for range 3 {
		decrypt(t, s, old)
	}
	if types := seen.take(false); !slices.Equal(types, slices.Repeat([]envelope.EventType{envelope.ExpiredKeyRead}, 3)) {
		t.Errorf("the events of three uses of an expired key are %v", types)
	}
	encrypt(t, s)
	settled(t, f)
	types := seen.take(false)
	if n := len(types); n < 2 || types[0] != envelope.RotationQueued || types[n-1] != envelope.RotationDone {
		t.Errorf("the events of a rotation are %v", types)
	}
	if err := f.Watch(&envelope.Watcher{}); envelope.CodeOf(err) != envelope.InvalidArgument {
		t.Errorf("a second watcher: %v", err)
	}
	s.Close()
	f.Close()
	if seen.ended != 1 {
		t.Errorf("the watcher was ended %d times", seen.ended)
	}
}
