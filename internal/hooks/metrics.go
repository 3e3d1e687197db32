package hooks

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// MetricType says what was measured or counted. The numbers are those of include/asherah.h.
type MetricType int32

// The types. The first four carry a duration, the others are counts: of looks into a cache, of queued rotations that
// were done and that failed, of uses of an expired key for decryption. The last three come with a policy that asks for
// them, so that a sink which knows the others only is not surprised.
const (
	Encrypt MetricType = iota
	Decrypt
	Store
	Load
	CacheHit
	CacheMiss
	CacheStale
	Rotated
	RotationFailed
	ExpiredRead
)

// MetricSink receives one measurement; name says which keys for the counts, and is empty for the others.
type MetricSink func(t MetricType, d time.Duration, name string)

type measurement struct {
	t    MetricType
	d    time.Duration
	name string
}

var metrics struct {
	active  atomic.Pointer[hook[measurement]]
	dropped atomic.Uint64

	mu      sync.Mutex
	retired retired[measurement]
}

// MetricsEnabled says whether a hook is set: whoever would read a clock for Metric asks first. It is one atomic load.
func MetricsEnabled() bool { return metrics.active.Load() != nil }

// Metric issues a measurement. Without a hook it is one atomic load.
func Metric(t MetricType, d time.Duration, name string) {
	if h := metrics.active.Load(); h != nil {
		h.deliver(measurement{t, d, name})
	}
}

// SetMetrics sets the hook in place of one that is set, with threads, queue and drops as in SetLog. A nil sink clears.
func SetMetrics(sink MetricSink, capacity int, sync bool) {
	var h *hook[measurement]
	if sink != nil {
		if capacity <= 0 {
			capacity = DefaultCapacity
		}
		call := func(m measurement) { sink(m.t, m.d, m.name) }
		h = newHook(call, capacity, sync, &metrics.dropped)
	}
	metrics.mu.Lock()
	metrics.retired.add(metrics.active.Swap(h))
	others := slices.Clone(metrics.retired)
	metrics.mu.Unlock()
	for _, other := range others {
		metrics.dropped.Add(uint64(len(other.close())))
	}
	for _, other := range others {
		other.wait()
	}
}

// ClearMetrics ends the hook. When it returns, no call of the sink is running or will come, unless it is called by a
// sink. What still waits is dropped and counted.
func ClearMetrics() { SetMetrics(nil, 0, false) }

// MetricsDropped returns how many measurements were dropped since the start.
func MetricsDropped() uint64 { return metrics.dropped.Load() }
