package hooks

import (
	"sync"
	"sync/atomic"
)

// sinks counts the sinks that run, of all hooks, by thread.
var sinks struct {
	synchronous atomic.Int64
	mu          sync.Mutex
	threads     map[int]running
}

type running struct{ all, synchronous int }

func enterSink(thread int, synchronous bool) { countSink(thread, 1, synchronous) }

func leaveSink(thread int, synchronous bool) { countSink(thread, -1, synchronous) }

func countSink(thread, change int, synchronous bool) {
	sinks.mu.Lock()
	defer sinks.mu.Unlock()
	r := sinks.threads[thread]
	r.all += change
	if synchronous {
		r.synchronous += change
		sinks.synchronous.Add(int64(change))
	}
	switch {
	case r.all == 0:
		delete(sinks.threads, thread)
		return
	case sinks.threads == nil:
		sinks.threads = map[int]running{}
	}
	sinks.threads[thread] = r
}

// InSink says whether a synchronous sink runs on this thread: the call then comes from the hook of another call, and
// must not wait for what that one is doing. While no such sink runs anywhere it is one atomic load.
func InSink() bool {
	if sinks.synchronous.Load() == 0 {
		return false
	}
	thread := threadID()
	sinks.mu.Lock()
	defer sinks.mu.Unlock()
	return sinks.threads[thread].synchronous > 0
}

// anySink says whether a sink runs on this thread, on which the caller has locked its goroutine.
func anySink(thread int) bool {
	sinks.mu.Lock()
	defer sinks.mu.Unlock()
	return sinks.threads[thread].all > 0
}
