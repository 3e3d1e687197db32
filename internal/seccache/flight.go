package seccache

import (
	"context"
	"errors"
	"sync"
)

// errFlightFailed is what the others get when the one who did the work did not come back from it.
var errFlightFailed = errors.New("the call that loaded this key was aborted")

// Flight lets one caller per key do a piece of work while the others wait for its result.
type Flight[K comparable, V any] struct {
	mu    sync.Mutex
	calls map[K]*flightCall[V]
}

type flightCall[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// Do returns what work returns, running it unless a call for the same key is under way already. A caller whose context
// ends stops waiting; work runs with its first caller's context and is not stopped by the others'.
func (f *Flight[K, V]) Do(ctx context.Context, key K, work func() (V, error)) (V, error) {
	f.mu.Lock()
	if c, running := f.calls[key]; running {
		f.mu.Unlock()
		select {
		case <-c.done:
			return c.value, c.err
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
	c := &flightCall[V]{done: make(chan struct{}), err: errFlightFailed}
	if f.calls == nil {
		f.calls = map[K]*flightCall[V]{}
	}
	f.calls[key] = c
	f.mu.Unlock()

	// Deferred, so that a panic in work leaves nobody waiting.
	defer func() {
		f.mu.Lock()
		delete(f.calls, key)
		f.mu.Unlock()
		close(c.done)
	}()
	c.value, c.err = work()
	return c.value, c.err
}
