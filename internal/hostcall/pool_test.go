package hostcall

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestWithinALimit(t *testing.T) {
	table, h := open(t)
	var c call
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	caller, thread := syscall.Gettid(), 0
	reply, err := table.Do(background, c.of(h, long, func() { thread = syscall.Gettid() }))
	if err != nil || reply.Status != 7 || thread == caller {
		t.Fatalf("%+v, %v, on thread %d of %d", reply, err, thread, caller)
	}
	reply.Discard()
	c.check(t, 1, 1, 1)
	if c.nesting != (Nesting{Depth: 1, Timed: true}) {
		t.Errorf("nesting %+v", c.nesting)
	}
	// The thread is used again.
	for range 100 {
		if _, err := table.Do(background, c.of(h, long, func() {})); err != nil {
			t.Fatal(err)
		}
	}
	if table.pool.threads > 2 {
		t.Errorf("%d threads for one caller", table.pool.threads)
	}
}

// Inside of a call with a limit the next one runs where it is.
func TestInsideOfALimit(t *testing.T) {
	table, h := open(t)
	h.nesting = Nesting{Depth: 3, Timed: true}
	var c call
	done := false // without a race only on the same goroutine
	if _, err := table.Do(background, c.of(h, 1, func() { done = true })); err != nil || !done {
		t.Fatalf("%v, %t", err, done)
	}
	if c.nesting != (Nesting{Depth: 4, Timed: true}) {
		t.Errorf("nesting %+v", c.nesting)
	}
	if table.pool.threads != 0 {
		t.Error("it took a thread")
	}
}

func TestLimitPasses(t *testing.T) {
	table, h := open(t)
	before := ReadStats()
	var c call
	goOn := make(chan struct{})
	lines := logged(func() {
		_, err := table.Do(background, c.of(h, 5*time.Millisecond, func() { <-goOn }))
		mustBe(t, err, envelope.TimedOut)
	})
	mustHave(t, lines, 1, "the host's function has not returned")
	eventually(t, "the call", func() bool { return c.runs.Load() == 1 })
	c.check(t, 1, 0, 0)
	before.Abandoned++
	before.TimedOut++
	if now := ReadStats(); now != before {
		t.Errorf("%+v, not %+v", now, before)
	}
	table.Close()
	if h.releases.Load() != 0 {
		t.Error("released before the call has returned")
	}
	lines = logged(func() {
		close(goOn)
		eventually(t, "the end", func() bool { return h.releases.Load() == 1 })
	})
	c.check(t, 1, 1, 1) // the answer that nobody waits for is freed
	mustHave(t, lines, 1, "has returned after")
}

func TestContextEndsMeanwhile(t *testing.T) {
	table, h := open(t)
	before := ReadStats().TimedOut
	var c call
	goOn := make(chan struct{})
	ctx, cancel := context.WithCancel(background)
	_, err := table.Do(ctx, c.of(h, long, func() {
		cancel()
		<-goOn
	}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if ReadStats().TimedOut != before {
		t.Error("a cancelled call is counted as timed out")
	}
	ctx, cancel = context.WithTimeout(background, 5*time.Millisecond)
	defer cancel()
	if _, err = table.Do(ctx, c.of(h, long, func() { <-goOn })); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expired: %v", err)
	}
	if ReadStats().TimedOut != before+1 {
		t.Error("an expired call is not counted as timed out")
	}
	close(goOn)
}

// hangAll has every thread of a table hang until the channel is closed.
func hangAll(t *testing.T, table *Table, h *fakeHost, limit time.Duration) (goOn chan struct{}) {
	t.Helper()
	goOn = make(chan struct{})
	var group sync.WaitGroup
	for range maxThreads {
		group.Go(func() {
			var c call
			_, err := table.Do(background, c.of(h, limit, func() { <-goOn }))
			mustBe(t, err, envelope.TimedOut)
		})
	}
	group.Wait()
	eventually(t, "the last thread", func() bool { return h.running.Load() == maxThreads })
	return goOn
}

func TestAllThreadsHang(t *testing.T) {
	table, h := open(t)
	var goOn chan struct{}
	var c call
	lines := logged(func() {
		goOn = hangAll(t, table, h, 50*time.Millisecond)
		for range 3 {
			_, err := table.Do(background, c.of(h, long, func() {})) // at once, or the test would not end
			mustBe(t, err, envelope.TimedOut)
		}
	})
	mustHave(t, lines, 1, "has not returned after") // not one for each
	mustHave(t, lines, 1, "64 calls of the host's functions hang")
	c.check(t, 0, 3, 0)
	if _, err := table.Do(background, c.of(h, 0, func() {})); err != nil {
		t.Errorf("a call without limit: %v", err)
	}
	close(goOn)
	eventually(t, "a free thread", func() bool {
		_, err := table.Do(background, c.of(h, long, func() {}))
		return err == nil
	})
}

// Where threads are busy, which may come back in time, further calls wait for one.
func TestAllThreadsAreBusy(t *testing.T) {
	table, h := open(t)
	goOn := make(chan struct{})
	var group sync.WaitGroup
	for range maxThreads {
		group.Go(func() {
			var c call
			if _, err := table.Do(background, c.of(h, long, func() { <-goOn })); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "the last thread", func() bool { return h.running.Load() == maxThreads })
	var c call
	before := ReadStats().TimedOut
	_, err := table.Do(background, c.of(h, 5*time.Millisecond, func() {}))
	mustBe(t, err, envelope.TimedOut)
	if ReadStats().TimedOut != before+1 {
		t.Error("it was not counted")
	}
	c.check(t, 0, 1, 0)
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(5*time.Millisecond, cancel)
	if _, err := table.Do(ctx, c.of(h, long, func() {})); !errors.Is(err, context.Canceled) {
		t.Errorf("%v while it waits for a thread", err)
	}
	c.check(t, 0, 2, 0)
	var waiting atomic.Int64
	for range 10 {
		group.Go(func() {
			waiting.Add(1)
			var c call
			if _, err := table.Do(background, c.of(h, long, func() {})); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "the waiting", func() bool { return waiting.Load() == 10 })
	close(goOn)
	group.Wait()
	if table.pool.threads > maxThreads {
		t.Errorf("%d threads", table.pool.threads)
	}
}

// Threads end when there is nothing to do, and calls come again all the same.
func TestIdleThreadsEnd(t *testing.T) {
	table, h := open(t)
	table.pool.idle = time.Millisecond
	threads := func() int {
		table.pool.mu.Lock()
		defer table.pool.mu.Unlock()
		return table.pool.threads
	}
	for range 5 {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 20 {
					var c call
					if _, err := table.Do(background, c.of(h, long, func() {})); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Millisecond)
				}
			})
		}
		group.Wait()
		eventually(t, "the end of the threads", func() bool { return threads() == 0 })
	}
}

// A panic, which is a fault of the library, comes to the caller who waits; without one it ends there.
func TestPanics(t *testing.T) {
	table, h := open(t)
	var c call
	for _, limit := range []time.Duration{0, long} {
		func() {
			defer func() {
				if recover() != "fault" {
					t.Error("the panic did not arrive")
				}
			}()
			_, _ = table.Do(background, c.of(h, limit, func() { panic("fault") }))
		}()
	}
	c.check(t, 2, 2, 0)
	goOn := make(chan struct{})
	lines := logged(func() {
		_, err := table.Do(background, c.of(h, 5*time.Millisecond, func() {
			<-goOn
			panic("fault")
		}))
		mustBe(t, err, envelope.TimedOut)
		close(goOn)
		eventually(t, "the end", func() bool { return c.ends.Load() == 3 })
		table.Close()
		eventually(t, "the release", func() bool { return h.releases.Load() == 1 })
	})
	mustHave(t, lines, 1, "recovered from a panic")
}
