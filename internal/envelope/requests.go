package envelope

import (
	"context"
	"sync"
	"time"
)

// requests are those of a KMS to its regions during one call of it. What is to be told of them waits for the end of the
// call, so that the watcher is called on the goroutine of the call and in the midst of nothing. What a region answers
// after that is told on a goroutine of its own: the watcher may close the factory, and the KMS with it, which waits for
// its requests. A call inside of others leaves that out, since such a goroutine does not know how deep it would be.
type requests struct {
	watcher *Watcher
	created int64 // of the system key
	nested  bool

	mu    sync.Mutex
	ended bool
	told  []Event
}

type requestsKey struct{}

// watchRequests returns the context for a call of the KMS about the system key created then, and what its end is to be
// told to. Without a watcher it is ctx itself, and nil.
func (o *events) watchRequests(ctx context.Context, created int64) (context.Context, *requests) {
	w := o.watcher.Load()
	if w == nil {
		return ctx, nil
	}
	r := &requests{watcher: w, created: created, nested: ctx.Value(nestedKey{}) != nil}
	return context.WithValue(ctx, requestsKey{}, r), r
}

// TellRequest tells how a request to a region ended that began at start: what is DataKeyGenerated, DataKeyEncrypted or
// DataKeyDecrypted. A KMS calls it with the context that it was called with, or one made of that, also when the call
// has ended. It does nothing where nobody watches.
func TellRequest(ctx context.Context, what EventType, region string, start time.Time, err error) {
	r, _ := ctx.Value(requestsKey{}).(*requests)
	if r == nil {
		return
	}
	e := Event{
		Type: what, System: true, Created: r.created, Region: region, Duration: time.Since(start), Failed: err != nil,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.ended:
		r.told = append(r.told, e)
	case !r.nested:
		go r.watcher.Tell(e)
	}
}

// end tells of the requests so far.
func (r *requests) end() {
	if r == nil {
		return
	}
	r.mu.Lock()
	told := r.told
	r.told, r.ended = nil, true
	r.mu.Unlock()
	for _, e := range told {
		r.watcher.Tell(e)
	}
}
