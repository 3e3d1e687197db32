package hooks

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// hook carries values to one sink: from a queue and a goroutine of its own, or on the thread that delivers. A closed
// hook never calls its sink again and is not reopened.
type hook[T any] struct {
	sink    func(T)
	dropped *atomic.Uint64
	inline  bool // on the delivering thread

	mu       sync.Mutex
	changed  sync.Cond // something was queued, a call of the sink ended, or the hook was closed
	queue    queue[T]
	inside   map[int]struct{} // threads that are in the sink now
	draining bool             // the goroutine of an asynchronous hook is alive
	closed   bool
}

// newHook returns a hook; capacity is that of the queue and means nothing where inline is true.
func newHook[T any](sink func(T), capacity int, inline bool, dropped *atomic.Uint64) *hook[T] {
	h := &hook[T]{sink: sink, dropped: dropped, inline: inline, inside: make(map[int]struct{})}
	h.changed.L = &h.mu
	h.queue.capacity = capacity
	if !inline {
		h.draining = true
		go h.drain()
	}
	return h
}

// deliver hands value to the sink or its queue. It is false only if the hook is closed, in which case the sink has not
// seen the value. A value that finds the queue full is dropped and counted.
func (h *hook[T]) deliver(value T) bool {
	if h.inline {
		return h.callInline(value)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	if !h.queue.push(value) {
		h.dropped.Add(1)
		return true
	}
	h.changed.Broadcast()
	return true
}

// callInline drops what the sink causes itself by calling the library: it would never come to an end.
func (h *hook[T]) callInline(value T) bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := threadID()
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return false
	}
	if _, nested := h.inside[thread]; nested {
		h.mu.Unlock()
		h.dropped.Add(1)
		return true
	}
	h.inside[thread] = struct{}{}
	h.mu.Unlock()
	h.call(thread, value)
	return true
}

// call runs the sink, with the thread entered in h.inside by the caller, and takes it out again.
func (h *hook[T]) call(thread int, value T) {
	enterSink(thread, h.inline)
	defer func() {
		if recover() != nil {
			h.dropped.Add(1)
		}
		leaveSink(thread, h.inline)
		h.mu.Lock()
		delete(h.inside, thread)
		h.mu.Unlock()
		h.changed.Broadcast()
	}()
	h.sink(value)
}

// drain calls the sink from a thread that only this goroutine uses and that ends with it: what the host ties to the
// thread (its thread object, thread-local storage) is then released too.
func (h *hook[T]) drain() {
	runtime.LockOSThread()
	defer func() {
		h.mu.Lock()
		h.draining = false
		h.mu.Unlock()
		h.changed.Broadcast()
	}()
	if start := ThreadStart; start != nil {
		start()
	}
	thread := threadID()
	for {
		h.mu.Lock()
		for !h.closed && h.queue.len() == 0 {
			h.changed.Wait()
		}
		if h.closed {
			h.mu.Unlock()
			return
		}
		value := h.queue.pop()
		h.inside[thread] = struct{}{}
		h.mu.Unlock()
		h.call(thread, value)
	}
}

// close ends the hook and returns what is still queued, once. Calls of the sink may be running.
func (h *hook[T]) close() (rest []T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.changed.Broadcast()
	return h.queue.take()
}

// wait returns when no call of the closed hook's sink is running. It does not wait on a thread that is in a sink of any
// hook, for itself or for one that may wait for it.
func (h *hook[T]) wait() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if anySink(threadID()) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for !h.idle() {
		h.changed.Wait()
	}
}

// idle says that no call of the sink is running, and that the hook's goroutine has ended. h.mu is held.
func (h *hook[T]) idle() bool { return len(h.inside) == 0 && !h.draining }

// retired are hooks that were taken down and whose sinks may be running: whoever clears a hook waits for those too that
// others are taking down. The caller locks.
type retired[T any] []*hook[T]

func (r *retired[T]) add(h *hook[T]) {
	*r = slices.DeleteFunc(*r, func(other *hook[T]) bool {
		other.mu.Lock()
		defer other.mu.Unlock()
		return other.closed && other.idle()
	})
	if h != nil {
		*r = append(*r, h)
	}
}
