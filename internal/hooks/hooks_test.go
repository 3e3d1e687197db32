package hooks

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a sink that remembers.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) log(level Level, target, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%d %s %s", level, target, message))
}

func (r *recorder) snapshot() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// reset leaves no hook and no kept line behind.
func reset(t *testing.T) {
	t.Helper()
	clean := func() {
		ClearLog()
		ClearMetrics()
		logs.mu.Lock()
		logs.kept = nil
		logs.mu.Unlock()
	}
	clean()
	t.Cleanup(clean)
}

// within fails the test if f has not returned after a bound that only guards against hanging.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: hangs", what)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

var modes = map[string]bool{"async": false, "sync": true}

func TestLogReachesSinkInOrder(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			var r recorder
			SetLog(r.log, 0, Debug, sync)
			var want []string
			for i := range 500 {
				Log(Debug, "room", "line %d of %s", i, "many")
				want = append(want, fmt.Sprintf("1 room line %d of many", i))
			}
			Log(Trace, "room", "too light")
			eventually(t, "all lines", func() bool { return len(r.snapshot()) >= len(want) })
			if got := r.snapshot(); !slices.Equal(got, want) {
				t.Fatalf("got %d lines %q …, want %d", len(got), got[0], len(want))
			}
		})
	}
}

func TestEnabled(t *testing.T) {
	reset(t)
	check := func(when string, want [6]bool) {
		t.Helper()
		for level := Trace; level <= Off; level++ {
			if got := Enabled(level); got != want[level] {
				t.Errorf("%s: Enabled(%d) = %v", when, level, got)
			}
		}
	}
	check("without hook", [6]bool{Warn: true, Error: true})
	SetLog(func(Level, string, string) {}, 0, Debug, false)
	check("from Debug on", [6]bool{Debug: true, Info: true, Warn: true, Error: true})
	SetLog(func(Level, string, string) {}, 0, Error, false)
	check("from Error on", [6]bool{Error: true})
	SetLog(func(Level, string, string) {}, 0, Off, false)
	check("off", [6]bool{})
	ClearLog()
	check("cleared", [6]bool{Warn: true, Error: true})
}

func TestWarningsAreKeptForLaterHook(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			before := Warnings()
			for i := range 100 {
				Log(Warn, "room", "early %d", i)
				Log(Info, "room", "nobody listens")
			}
			if got := Warnings() - before; got != 100 {
				t.Fatalf("counted %d warnings", got)
			}
			var r recorder
			SetLog(r.log, 0, Error, sync)
			Log(Error, "room", "first")
			eventually(t, "the error", func() bool { return len(r.snapshot()) == 1 })
			if got := r.snapshot()[0]; got != "4 room first" {
				t.Fatalf("a hook for errors got %q", got)
			}
			SetLog(r.log, 0, Warn, sync)
			Log(Warn, "room", "late")
			eventually(t, "kept lines", func() bool { return len(r.snapshot()) == 1+keptLines+1 })
			got := r.snapshot()[1:]
			for i := range keptLines {
				if want := fmt.Sprintf("3 room early %d", 100-keptLines+i); got[i] != want {
					t.Fatalf("kept line %d is %q, want %q", i, got[i], want)
				}
			}
			if got[keptLines] != "3 room late" {
				t.Fatalf("after the kept lines: %q", got[keptLines])
			}
			ClearLog()
			SetLog(r.log, 0, Warn, sync)
			ClearLog()
			if n := len(r.snapshot()); n != 1+keptLines+1 {
				t.Fatalf("kept lines were given twice: %d", n)
			}
		})
	}
}

func TestSinkThatWarnsDoesNotHoldUpItsStart(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			Log(Warn, "room", "the first")
			within(t, "SetLog", func() {
				SetLog(func(Level, string, string) { Log(Warn, "room", "again") }, 4, Warn, sync)
			})
			within(t, "ClearLog", ClearLog)
		})
	}
}

func TestFullQueueDropsAndCounts(t *testing.T) {
	reset(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var seen atomic.Int64
	SetLog(func(Level, string, string) {
		once.Do(func() { close(entered) })
		<-leave
		seen.Add(1)
	}, 10, Info, false)
	before := LogDropped()
	Log(Info, "room", "runs")
	<-entered
	for range 25 {
		Log(Info, "room", "waits")
	}
	if got := LogDropped() - before; got != 15 {
		t.Errorf("dropped %d of 25 with a queue of 10", got)
	}
	close(leave)
	eventually(t, "11 lines", func() bool { return seen.Load() == 11 })
}

func TestClearWaitsForRunningSink(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			entered, leave, cleared := make(chan struct{}), make(chan struct{}), make(chan struct{})
			var calls atomic.Int64
			SetLog(func(Level, string, string) {
				calls.Add(1)
				close(entered)
				<-leave
			}, 0, Info, sync)
			go Log(Info, "room", "runs")
			<-entered
			if !sync {
				Log(Info, "room", "waits and is dropped")
				Log(Warn, "room", "waits and is kept")
			}
			go func() { ClearLog(); close(cleared) }()
			select {
			case <-cleared:
				t.Fatal("ClearLog returned while the sink was running")
			case <-time.After(50 * time.Millisecond):
			}
			close(leave)
			within(t, "ClearLog", func() { <-cleared })
			Log(Info, "room", "after")
			if n := calls.Load(); n != 1 {
				t.Fatalf("%d calls of a sink that was cleared during the first", n)
			}
			if !sync {
				var r recorder
				SetLog(r.log, 0, Warn, true)
				if got := r.snapshot(); !slices.Equal(got, []string{"3 room waits and is kept"}) {
					t.Fatalf("the next hook got %q", got)
				}
			}
		})
	}
}

func TestSinkMayClearItself(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			done := make(chan struct{})
			SetLog(func(Level, string, string) { ClearLog(); close(done) }, 0, Info, sync)
			within(t, "clearing from the log sink", func() { Log(Info, "room", "x"); <-done })
			done2 := make(chan struct{})
			SetMetrics(func(MetricType, time.Duration, string) { ClearMetrics(); close(done2) }, 0, sync)
			within(t, "clearing from the metrics sink", func() { Metric(Store, time.Second, ""); <-done2 })
			if MetricsEnabled() || Enabled(Info) {
				t.Fatal("still set")
			}
		})
	}
}

func TestPanickingSink(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			reset(t)
			before := LogDropped()
			var calls atomic.Int64
			SetLog(func(Level, string, string) { calls.Add(1); panic("of the sink") }, 0, Info, sync)
			Log(Info, "room", "one")
			Log(Info, "room", "two")
			eventually(t, "both calls and counts", func() bool { return calls.Load() == 2 && LogDropped()-before == 2 })
			within(t, "ClearLog", ClearLog)
		})
	}
}

func TestSyncSinkIsNotReentered(t *testing.T) {
	reset(t)
	before := LogDropped()
	calls := 0
	SetLog(func(Level, string, string) { calls++; Log(Info, "room", "again") }, 0, Info, true)
	Log(Info, "room", "x")
	if calls != 1 || LogDropped()-before != 1 {
		t.Fatalf("%d calls, %d dropped", calls, LogDropped()-before)
	}
}

func TestThreadStartRunsFirst(t *testing.T) {
	reset(t)
	var started atomic.Int64
	ThreadStart = func() { started.Store(int64(threadID())) }
	t.Cleanup(func() { ThreadStart = nil })
	seen := make(chan int64, 1)
	SetLog(func(Level, string, string) { seen <- int64(threadID()) }, 0, Info, false)
	Log(Info, "room", "x")
	if thread := <-seen; thread != started.Load() {
		t.Fatalf("sink on thread %d, ThreadStart ran on %d", thread, started.Load())
	}
	ClearLog()
	ThreadStart = nil
}

// TestGoroutineLivesWithHook: goleak in TestMain looks at the end; here after each clear.
func TestGoroutineLivesWithHook(t *testing.T) {
	reset(t)
	ignore := goleak.IgnoreCurrent()
	Log(Warn, "room", "no hook, no goroutine")
	goleak.VerifyNone(t, ignore)
	SetLog(func(Level, string, string) {}, 0, Info, false)
	SetMetrics(func(MetricType, time.Duration, string) {}, 0, false)
	if goleak.Find(ignore, goleak.Cleanup(func(int) {})) == nil {
		t.Fatal("no goroutine while asynchronous hooks are set: this test sees nothing")
	}
	ClearLog()
	ClearMetrics()
	goleak.VerifyNone(t, ignore)
}

func TestChangingHooksUnderLoad(t *testing.T) {
	reset(t)
	var stop atomic.Bool
	var issued, seen atomic.Uint64
	before := LogDropped()
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for !stop.Load() {
				Log(Info, "room", "line")
				Metric(CacheHit, 0, "session")
				issued.Add(1)
			}
		})
	}
	for i := range 200 {
		cleared := new(atomic.Bool)
		SetLog(func(Level, string, string) {
			if cleared.Load() {
				t.Error("called after ClearLog returned")
			}
			seen.Add(1)
		}, 16, Info, i%2 == 0)
		SetMetrics(func(MetricType, time.Duration, string) {}, 16, i%3 == 0)
		time.Sleep(100 * time.Microsecond)
		ClearLog()
		cleared.Store(true)
	}
	stop.Store(true)
	work.Wait()
	if seen.Load() == 0 || seen.Load()+LogDropped()-before > issued.Load() {
		t.Errorf("%d issued, %d seen, %d dropped", issued.Load(), seen.Load(), LogDropped()-before)
	}
}

func TestNothingAllocatedWithoutHook(t *testing.T) {
	reset(t)
	name := fmt.Sprint("cache of ", t.Name())
	if n := testing.AllocsPerRun(1000, func() {
		Log(Info, "room", "no arguments")
		if Enabled(Debug) {
			Log(Debug, "room", "partition %s after %d", name, time.Now().Unix())
		}
		if MetricsEnabled() {
			Metric(Encrypt, time.Since(time.Time{}), "")
		}
		Metric(CacheHit, 0, name)
	}); n != 0 {
		t.Errorf("%v allocations without a hook", n)
	}
	// The same count sees the work of a hook.
	SetLog(func(Level, string, string) {}, 0, Debug, true)
	if n := testing.AllocsPerRun(100, func() { Log(Debug, "room", "partition %s", name) }); n == 0 {
		t.Error("no allocation counted with a hook: this test sees nothing")
	}
}

func BenchmarkUnset(b *testing.B) {
	ClearLog()
	ClearMetrics()
	b.Run("Log", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Log(Info, "room", "line")
		}
	})
	b.Run("Metric", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Metric(CacheHit, 0, "session")
		}
	})
}
