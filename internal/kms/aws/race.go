package awskms

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
)

const (
	// attempts is how often a region is asked that fails for the moment.
	attempts = 3
	// Pauses before the second attempt; twice as long before each further one.
	pause          = 50 * time.Millisecond
	pauseThrottled = 150 * time.Millisecond
	// maxLingering bounds the attempts in one region whose outcome nobody waits for.
	maxLingering = 4
)

// lane is what one region does in a race.
type lane struct {
	*region
	attempts int
	together bool // starts with the first one: a probe
}

// lanes orders regions for a race: those that serve, in their order; with the first of them those of which nobody knows
// whether they are back; at last those that are down, in case all others fail. Where none serves, all start at once.
func lanes(regions []*region, now time.Time) []lane {
	var serving, probed, down []lane
	for _, r := range regions {
		switch r.breaker.admit(now) {
		case admitted:
			serving = append(serving, lane{r, attempts, false})
		case probe:
			probed = append(probed, lane{r, 1, true})
		case barred:
			down = append(down, lane{r, 1, false})
		}
	}
	if len(serving) > 0 {
		return slices.Concat(serving[:1], probed, serving[1:], down)
	}
	for i := range down {
		down[i].together = true
	}
	return append(probed, down...)
}

// race is one request to several regions, of which the first success is wanted. A region is started when the one before
// it has failed an attempt or been silent for a while; none is stopped when another wins, so that it is known whether
// it serves: what it gives then is discarded.
type race[T any] struct {
	kms     *KMS
	what    envelope.EventType
	try     func(context.Context, *region) (T, error)
	discard func(T)
	finally func() // when no attempt is under way any more; nil: nothing

	context context.Context // of the attempts
	abandon context.CancelFunc
	forget  func() bool  // that Close abandons the context
	inside  atomic.Int64 // lanes, and the one who waits; the last one cleans up
	events  chan event[T]
	decided chan struct{} // closed when nobody waits any more

	mu      sync.Mutex
	over    bool
	running map[int]*running
}

type running struct {
	region    *region
	cancel    context.CancelFunc
	lingering bool
}

type event[T any] struct {
	lane    int
	value   T
	failure *failure // nil: value is there
	last    bool     // the lane has ended
}

var errBudget = errors.New("no answer within the time limit for all regions")

// run races. It ends with a value and the region that it is from, with the failures of all regions, or when ctx or the
// budget does.
func (r *race[T]) run(ctx context.Context, list []lane, budget time.Duration) (value T, from *region, failed failures) {
	r.context, r.abandon = context.WithCancel(context.WithoutCancel(ctx))
	r.forget = context.AfterFunc(r.kms.closing, r.abandon)
	r.events = make(chan event[T], len(list)*(attempts+1)) // room for all: nobody may be reading
	r.decided, r.running = make(chan struct{}), map[int]*running{}
	r.inside.Store(1)
	defer r.leave()

	limit, hedge := time.NewTimer(budget), time.NewTimer(r.kms.options.HedgeDelay)
	defer limit.Stop()
	defer hedge.Stop()
	outcomes := make([]*failure, len(list))
	started, ended := 0, 0
	start := func() {
		for started < len(list) {
			r.start(started, list[started])
			if started++; started == len(list) || !list[started].together {
				break
			}
		}
		hedge.Reset(r.kms.options.HedgeDelay)
	}
	start()
	for ended < len(list) {
		select {
		case e := <-r.events:
			if e.failure == nil {
				r.decide(true)
				return e.value, list[e.lane].region, nil
			}
			outcomes[e.lane] = e.failure
			if e.last {
				ended++
			}
			start()
		case <-hedge.C:
			start()
		case <-limit.C:
			r.decide(false)
			return value, nil, settle(list[:started], outcomes, errBudget, awsconf.TimedOut)
		case <-ctx.Done():
			r.decide(false)
			return value, nil, settle(list[:started], outcomes, ctx.Err(), awsconf.Abandoned)
		}
	}
	r.decide(false)
	return value, nil, settle(list, outcomes, nil, "")
}

// settle lists the last failure of each lane; one that has none yet fails of err.
func settle(list []lane, outcomes []*failure, err error, c awsconf.Class) (failed failures) {
	for i, l := range list {
		f := outcomes[i]
		if f == nil {
			f = &failure{l.name, c, err}
		}
		failed = append(failed, f)
	}
	return failed
}

func (r *race[T]) start(i int, l lane) {
	ctx, cancel := context.WithCancel(r.context)
	r.mu.Lock()
	r.running[i] = &running{region: l.region, cancel: cancel}
	r.mu.Unlock()
	r.inside.Add(1)
	r.kms.running.Go(func() {
		defer r.leave()
		r.attempt(ctx, i, l)
		cancel()
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.running[i].lingering {
			l.lingering.Add(-1)
		}
		delete(r.running, i)
	})
}

func (r *race[T]) leave() {
	if r.inside.Add(-1) > 0 {
		return
	}
	r.forget()
	r.abandon()
	if r.finally != nil {
		r.finally()
	}
}

// attempt asks one region until it serves, fails for good, or nobody wants it to.
func (r *race[T]) attempt(ctx context.Context, i int, l lane) {
	for n := 1; ; n++ {
		start := time.Now()
		bounded, cancel := context.WithTimeout(ctx, r.kms.options.AttemptTimeout)
		value, err := r.try(bounded, l.region)
		cancel()
		envelope.TellRequest(ctx, r.what, l.name, start, err)
		l.note(err)
		if err == nil {
			r.offer(i, value)
			return
		}
		f := newFailure(l.region, err)
		again := f.class.Transient() && n < l.attempts && (f.class != awsconf.BadSignature || n == 1)
		r.events <- event[T]{lane: i, failure: f, last: !again}
		if !again {
			return
		}
		if !r.wait(ctx, f.class, n) {
			r.events <- event[T]{lane: i, failure: f, last: true}
			return
		}
	}
}

// wait waits before the next attempt; it is false if there is to be none.
func (r *race[T]) wait(ctx context.Context, c awsconf.Class, n int) bool {
	d := pause
	switch c {
	case awsconf.BadSignature:
		// At once: other credentials may be there, and the SDK has seen the clock of the server.
		r.kms.settings.ForgetCredentials()
		d = 0
	case awsconf.Throttled:
		d = pauseThrottled
	}
	if d <<= n - 1; d > 0 {
		d = d/2 + rand.N(d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.decided:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case <-r.decided:
		return false
	default:
		return true
	}
}

// offer hands a value over, or discards it if nobody wants it any more.
func (r *race[T]) offer(i int, value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		r.discard(value)
		return
	}
	r.over = true
	r.events <- event[T]{lane: i, value: value, last: true}
}

// decide ends the race. After a success the lanes that are still under way may go on for as long as an attempt takes,
// within bounds; otherwise they are stopped.
func (r *race[T]) decide(won bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !won && r.over {
		// A value came at the same moment as the end.
		for len(r.events) > 0 {
			if e := <-r.events; e.failure == nil {
				r.discard(e.value)
			}
		}
	}
	r.over = true
	close(r.decided)
	if !won {
		r.abandon()
		return
	}
	for _, other := range r.running {
		if other.lingering = true; other.region.lingering.Add(1) > maxLingering {
			other.cancel()
		}
	}
}
