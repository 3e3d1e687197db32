package hooks

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func TestMetrics(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			var mu mutex
			var got []measurement
			Metric(Encrypt, time.Second, "nobody listens")
			SetMetrics(func(m MetricType, d time.Duration, name string) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, measurement{m, d, name})
			}, 0, sync)
			want := []measurement{{Encrypt, 5, ""}, {CacheMiss, 0, "session"}}
			for _, m := range want {
				Metric(m.t, m.d, m.name)
			}
			eventually(t, "both", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) == 2 })
			ClearMetrics()
			Metric(Decrypt, 1, "")
			if !slices.Equal(got, want) {
				t.Fatalf("got %v", got)
			}
		})
	}
}

type mutex = sync.Mutex // where the name sync is a mode

func TestMetricsDropped(t *testing.T) {
	reset(t)
	leave, entered := make(chan struct{}), make(chan struct{}, 100)
	SetMetrics(func(MetricType, time.Duration, string) { entered <- struct{}{}; <-leave }, 3, false)
	before := MetricsDropped()
	Metric(Load, 1, "")
	<-entered
	for range 5 {
		Metric(Load, 1, "")
	}
	if got := MetricsDropped() - before; got != 2 {
		t.Errorf("dropped %d of 5 with a queue of 3", got)
	}
	go close(leave)
	ClearMetrics()
}
