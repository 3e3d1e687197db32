package hooks

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// kinds are the two hooks: how one is set whose sink is f, how something is issued, how it is cleared, and how many have
// been taken down.
var kinds = map[string]struct {
	set     func(f func(), sync bool)
	issue   func()
	clear   func()
	retired func() int
}{
	"log": {
		func(f func(), sync bool) { SetLog(func(Level, string, string) { f() }, 4, Info, sync) },
		func() { Log(Info, "room", "line") }, ClearLog,
		func() int { logs.mu.Lock(); defer logs.mu.Unlock(); return len(logs.retired) },
	},
	"metrics": {
		func(f func(), sync bool) { SetMetrics(func(MetricType, time.Duration, string) { f() }, 4, sync) },
		func() { Metric(Store, 1, "") }, ClearMetrics,
		func() int { metrics.mu.Lock(); defer metrics.mu.Unlock(); return len(metrics.retired) },
	},
}

func forKinds(t *testing.T, test func(t *testing.T, kind string, sync bool)) {
	for kind := range kinds {
		for name, sync := range modes {
			t.Run(kind+" "+name, func(t *testing.T) {
				reset(t)
				test(t, kind, sync)
			})
		}
	}
}

// Whoever clears waits for a sink that another thread is taking down, or has replaced.
func TestEveryClearWaits(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string, sync bool) {
		k := kinds[kind]
		entered, leave := make(chan struct{}), make(chan struct{})
		k.set(func() { close(entered); <-leave }, sync)
		go k.issue()
		<-entered
		replaced := make(chan struct{})
		go func() { k.set(func() {}, sync); close(replaced) }()
		eventually(t, "the hook is replaced", func() bool { return k.retired() > 0 })
		cleared := make(chan int, 3)
		for i := range cap(cleared) {
			go func() { k.clear(); cleared <- i }()
		}
		select {
		case i := <-cleared:
			t.Errorf("clear %d returned while the sink was running", i)
		case <-time.After(50 * time.Millisecond):
		}
		close(leave)
		within(t, "a clear", func() {
			for range cap(cleared) {
				<-cleared
			}
			<-replaced
		})
	})
}

// A sink is not called any more after any of the clears returned, whichever took it down.
func TestNoCallAfterEitherClear(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string, inline bool) {
		k := kinds[kind]
		stop := make(chan struct{})
		var work sync.WaitGroup
		for range 2 {
			work.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						k.issue()
						runtime.Gosched()
					}
				}
			})
		}
		for range 200 {
			var mu sync.Mutex
			ended := 0
			k.set(func() {
				mu.Lock()
				defer mu.Unlock()
				if ended > 0 {
					t.Error("the sink was called after a clear had returned")
				}
			}, inline)
			var clears sync.WaitGroup
			for range 2 {
				clears.Go(func() {
					k.clear()
					mu.Lock()
					defer mu.Unlock()
					ended++
				})
			}
			clears.Wait()
		}
		close(stop)
		work.Wait()
	})
}

// Sinks that clear each other's hook do not wait for each other.
func TestSinksClearEachOther(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			both := make(chan struct{}, 2)
			meet := func() {
				both <- struct{}{}
				for len(both) < 2 {
					time.Sleep(time.Millisecond)
				}
			}
			done := make(chan string, 2)
			SetLog(func(Level, string, string) { meet(); ClearMetrics(); done <- "log" }, 0, Info, sync)
			SetMetrics(func(MetricType, time.Duration, string) { meet(); ClearLog(); done <- "metrics" }, 0, sync)
			go Log(Info, "room", "line")
			go Metric(Store, 1, "")
			within(t, "sinks that clear each other's hook", func() { <-done; <-done })
		})
	}
}

// A hook that replaces itself from its sink leaves nothing behind.
func TestReplacedHooksAreForgotten(t *testing.T) {
	reset(t)
	var sink LogSink
	seen := make(chan struct{}, 1)
	sink = func(Level, string, string) { SetLog(sink, 0, Info, true); seen <- struct{}{} }
	SetLog(sink, 0, Info, true)
	for range 100 {
		Log(Info, "room", "line")
		<-seen
	}
	logs.mu.Lock()
	defer logs.mu.Unlock()
	if n := len(logs.retired); n > 1 {
		t.Errorf("%d hooks are remembered that were replaced", n)
	}
}

// A hook that hangs holds up nobody and keeps no more than its queue; what does not fit is counted. Another hook takes
// its place when it comes back, and has the warnings that it did not see.
func TestHookThatHangs(t *testing.T) {
	reset(t)
	const capacity, issued = 8, 100_000
	entered, leave := make(chan struct{}, capacity+1), make(chan struct{})
	SetLog(func(Level, string, string) { entered <- struct{}{}; <-leave }, capacity, Info, false)
	SetMetrics(func(MetricType, time.Duration, string) { entered <- struct{}{}; <-leave }, capacity, false)
	logsBefore, metricsBefore := LogDropped(), MetricsDropped()
	Log(Info, "room", "hangs")
	Metric(Store, 1, "")
	<-entered
	<-entered
	within(t, "issuing", func() {
		var work sync.WaitGroup
		for range 4 {
			work.Go(func() {
				for i := range issued / 4 {
					Log(Warn, "room", "line %d", i)
					Metric(Store, 1, "")
				}
			})
		}
		work.Wait()
	})
	if l, m := LogDropped()-logsBefore, MetricsDropped()-metricsBefore; l != issued-capacity || m != issued-capacity {
		t.Errorf("%d lines and %d measurements were dropped, want %d", l, m, issued-capacity)
	}
	for what, n := range map[string]int{"lines": logs.set.queue.len(), "measurements": metrics.active.Load().queue.len()} {
		if n != capacity {
			t.Errorf("%d %s wait, the queue has room for %d", n, what, capacity)
		}
	}
	var r recorder
	replaced := make(chan struct{})
	go func() { SetLog(r.log, 0, Warn, false); close(replaced) }()
	eventually(t, "the lines of the hook that hangs are taken", func() bool {
		logs.mu.Lock()
		defer logs.mu.Unlock()
		return len(logs.kept) == capacity
	})
	Log(Warn, "room", "meanwhile")
	close(leave)
	within(t, "replacing", func() { <-replaced })
	eventually(t, "the next hook's lines", func() bool { return len(r.snapshot()) == capacity+1 })
	if got := r.snapshot()[capacity]; got != "3 room meanwhile" {
		t.Errorf("last line %q", got)
	}
}

// A capacity of 0 is the default's.
func TestDefaultCapacity(t *testing.T) {
	reset(t)
	entered, leave := make(chan struct{}, 2*DefaultCapacity), make(chan struct{})
	SetLog(func(Level, string, string) { entered <- struct{}{}; <-leave }, 0, Info, false)
	before := LogDropped()
	Log(Info, "room", "runs")
	<-entered
	for i := range DefaultCapacity + 5 {
		Log(Info, "room", fmt.Sprint(i))
	}
	if got := LogDropped() - before; got != 5 || DefaultCapacity != 1024 {
		t.Errorf("%d lines were dropped, want 5 with a queue of %d", got, DefaultCapacity)
	}
	close(leave)
}
