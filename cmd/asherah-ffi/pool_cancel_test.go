package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// What is cancelled waits for its callback, and takes a place for as long.
func TestCancelledTasksAreBounded(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var jobs []*job
	for range maxServing {
		jobs = append(jobs, p.mustAdd(t, &fakeTask{back: func(error) { <-letGo }}))
	}
	within(t, "they do not run", func() bool { _, running := p.counts(); return running == maxServing })
	for range 2 * maxWaiting {
		j := newJob(&fakeTask{})
		if !p.add(j) {
			break
		}
		p.cancel(j)
		jobs = append(jobs, j)
	}
	if n := len(jobs); n != maxServing+maxWaiting {
		t.Errorf("%d tasks are accepted", n)
	}
	close(letGo)
	for i, j := range jobs {
		if i < maxServing {
			j.wantEnd(t, nil)
		} else {
			j.wantEnd(t, errCancelled)
		}
	}
	p.quiet(t)
}

func TestCancelAtEachStage(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var busy []*job
	for range maxServing { // nothing that waits goes on
		busy = append(busy, p.mustAdd(t, &fakeTask{tryFirst: func() bool { <-letGo; return true }}))
	}
	within(t, "they do not run", func() bool { _, running := p.counts(); return running == maxServing })

	waits := p.mustAdd(t, &fakeTask{})
	for range 2 {
		if !p.cancel(waits) {
			t.Error("one that waits cannot be cancelled")
		}
	}
	if !p.cancel(busy[0]) {
		t.Error("one that computes cannot be cancelled")
	}
	close(letGo)
	waits.wantEnd(t, errCancelled)
	for _, j := range busy { // also the one that was cancelled too late
		j.wantEnd(t, nil)
	}
	p.quiet(t)

	// One that turns out to have to wait.
	tried, goOn := make(chan struct{}), make(chan struct{})
	turns := p.mustAdd(t, &fakeTask{
		tryFirst: func() bool { close(tried); <-goOn; return false },
		asks:     func(context.Context) error { t.Error("it asks although it is cancelled"); return nil },
	})
	<-tried
	p.cancel(turns)
	close(goOn)
	turns.wantEnd(t, errCancelled)

	// One that asks, in time and too late.
	started := make(chan struct{})
	asks := p.mustAdd(t, &fakeTask{tryFirst: never, asks: func(ctx context.Context) error {
		close(started)
		<-ctx.Done()
		return ctx.Err()
	}})
	<-started
	p.cancel(asks)
	asks.wantEnd(t, context.Canceled)
	started = make(chan struct{})
	late := p.mustAdd(t, &fakeTask{tryFirst: never, asks: func(ctx context.Context) error {
		close(started)
		<-ctx.Done()
		return nil
	}})
	<-started
	p.cancel(late)
	late.wantEnd(t, nil)

	// One that waits to ask.
	letGo = make(chan struct{})
	var askers []*job
	for range maxAsking + 1 {
		askers = append(askers, p.mustAdd(t, &fakeTask{tryFirst: never, asks: blockedBy(letGo)}))
	}
	p.quietBut(t, 1)
	for _, j := range askers {
		p.mu.Lock()
		waits := j.stage == blocked
		p.mu.Unlock()
		if waits {
			p.cancel(j)
			j.wantEnd(t, errCancelled)
			j.fake().result <- nil
		}
	}
	close(letGo)
	for _, j := range askers {
		j.wantEnd(t, nil)
	}
	p.quiet(t)
}

// A task whose time is up does not wait to ask until others have ended.
func TestWaitingToAskIsBoundedInTime(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var askers []*job
	for range maxAsking {
		askers = append(askers, p.mustAdd(t, &fakeTask{tryFirst: never, asks: blockedBy(letGo)}))
	}
	within(t, "they do not ask", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.asking == maxAsking })
	p.mustAdd(t, &fakeTask{tryFirst: never, until: time.Now().Add(30 * time.Millisecond)}).wantEnd(t, errExpired)
	p.mustAdd(t, &fakeTask{tryFirst: never, until: time.Now().Add(-time.Hour)}).wantEnd(t, errExpired)
	later := p.mustAdd(t, &fakeTask{tryFirst: never, until: time.Now().Add(time.Hour)})
	close(letGo)
	later.wantEnd(t, nil)
	for _, j := range askers {
		j.wantEnd(t, nil)
	}
	p.quiet(t)
}

// Tasks of all kinds, added and cancelled from many goroutines: each ends once.
func TestPoolStorm(t *testing.T) {
	var p pool
	var group sync.WaitGroup
	var mu sync.Mutex
	var jobs []*job
	for g := range 8 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 1))
			for range 1500 {
				f := &fakeTask{}
				switch random.IntN(4) {
				case 0:
					f.tryFirst = never
				case 1:
					f.tryFirst = never
					f.asks = blockedFor(time.Duration(random.IntN(300)) * time.Microsecond)
					f.until = time.Now().Add(time.Duration(random.IntN(2000)) * time.Microsecond)
				case 2:
					f.back = sleepFor(time.Duration(random.IntN(200)) * time.Microsecond)
				}
				j := newJob(f)
				if !p.add(j) {
					continue
				}
				mu.Lock()
				jobs = append(jobs, j)
				other := jobs[random.IntN(len(jobs))]
				mu.Unlock()
				if random.IntN(2) == 0 {
					p.cancel(other)
				}
			}
		})
	}
	group.Wait()
	for _, j := range jobs {
		select {
		case <-j.fake().result:
		case <-time.After(20 * time.Second):
			t.Fatal("a task does not end")
		}
	}
	p.quiet(t)
	for _, j := range jobs {
		if n := j.fake().ends.Load(); n != 1 {
			t.Fatalf("a task ends %d times", n)
		}
	}
}

func blockedFor(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-time.After(d):
		}
		return nil
	}
}

func sleepFor(d time.Duration) func(error) { return func(error) { time.Sleep(d) } }
