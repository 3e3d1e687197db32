package envelope_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// askingKMS is a KMS that tells of two requests for each call, and keeps the contexts that it was called with.
type askingKMS struct {
	envelope.KMS
	mu       sync.Mutex
	contexts []context.Context
}

func (r *askingKMS) ask(ctx context.Context, what envelope.EventType) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.contexts = append(r.contexts, ctx)
	start := time.Now().Add(-time.Second)
	envelope.TellRequest(ctx, what, "west", start, errors.New("not today"))
	envelope.TellRequest(ctx, what, "east", start, nil)
}

func (r *askingKMS) EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error) {
	r.ask(ctx, envelope.DataKeyGenerated)
	return r.KMS.EncryptKey(ctx, key, created, revoked)
}

func (r *askingKMS) DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool,
) (*seccache.Secret, error) {
	r.ask(ctx, envelope.DataKeyDecrypted)
	return r.KMS.DecryptKey(ctx, blob, created, revoked)
}

func (r *askingKMS) last() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.contexts[len(r.contexts)-1]
}

func newAskingKMS(w *world) *askingKMS {
	r := &askingKMS{KMS: w.kms}
	w.change = func(o *envelope.Options) { o.KMS = r }
	return r
}

// regions are the events of requests so far, which are forgotten.
func (w *watched) regions() (list []envelope.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Region != "" {
			list = append(list, e)
		}
	}
	w.events = nil
	return list
}

// Each factory is told of the requests of its own calls, with what they were about, and of nothing when it has no
// watcher: the KMS then gets the context of the call as it is.
func TestRequestsAreToldToTheCallersFactory(t *testing.T) {
	w := newWorld(t)
	kms := newAskingKMS(w)
	first, second, silent := w.factory(), w.factory(), w.factory()
	one, two := watch(t, first), watch(t, second)
	r := encrypt(t, openSession(t, first, partition))
	told := one.regions()
	if len(told) != 2 {
		t.Fatalf("a new key: %d requests are told", len(told))
	}
	for i, want := range []envelope.Event{{Region: "west", Failed: true}, {Region: "east"}} {
		want.Type, want.System, want.Created = envelope.DataKeyGenerated, true, w.clock.minute()
		if want.Duration = told[i].Duration; told[i] != want || want.Duration < time.Second {
			t.Errorf("request %d is told as %+v", i, told[i])
		}
	}
	if told := two.regions(); len(told) != 0 {
		t.Errorf("another factory is told %+v", told)
	}
	decrypt(t, openSession(t, second, partition), r)
	if told := two.regions(); len(told) != 2 || told[0].Type != envelope.DataKeyDecrypted {
		t.Errorf("an opened key: %+v", told)
	}
	s := openSession(t, silent, partition)
	type mark struct{}
	ctx := context.WithValue(background, mark{}, true)
	if _, err := s.DecryptBytes(ctx, []byte(r)); err != nil {
		t.Fatal(err)
	}
	if told := append(one.regions(), two.regions()...); len(told) != 0 {
		t.Errorf("a factory without a watcher: %+v", told)
	}
	if got := kms.last(); envelope.Watched(got) {
		t.Error("without a watcher the KMS is given something to tell")
	}
}

// What comes after the call is told on a goroutine of its own, for which the KMS does not wait. Of a nested call it is
// not told.
func TestRequestsThatEndLate(t *testing.T) {
	w := newWorld(t)
	kms := newAskingKMS(w)
	f := w.factory()
	var others, north, south atomic.Int64
	hold := make(chan struct{})
	defer close(hold)
	err := f.Watch(&envelope.Watcher{Tell: func(e envelope.Event) {
		switch e.Region {
		case "north":
			north.Add(1)
			<-hold
		case "south":
			south.Add(1)
		case "":
		default:
			others.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	encrypt(t, openSession(t, f, partition))
	ended := kms.last()
	returns(t, "a late request", func() {
		for range 3 {
			envelope.TellRequest(ended, envelope.DataKeyEncrypted, "north", time.Now(), nil)
		}
	})
	within(t, "late requests are not told", func() bool { return north.Load() == 3 })

	w.clock.advance(w.policy.ExpireAfter + time.Minute)
	before := others.Load()
	s := openSession(t, f, partition)
	if _, err := s.EncryptBytes(envelope.Nested, []byte(secret)); err != nil {
		t.Fatal(err)
	}
	if n := others.Load() - before; n == 0 {
		t.Error("no request of a nested call is told")
	}
	for range 100 {
		envelope.TellRequest(kms.last(), envelope.DataKeyEncrypted, "south", time.Now(), nil)
	}
	envelope.TellRequest(ended, envelope.DataKeyEncrypted, "north", time.Now(), nil)
	within(t, "a late request is not told", func() bool { return north.Load() == 4 })
	if n := south.Load(); n != 0 {
		t.Errorf("%d late requests of a nested call are told", n)
	}
}
