package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// fakeTask does what its functions do; without them it is done at once. It tells how it ended, once.
type fakeTask struct {
	tryFirst func() bool
	asks     func(context.Context) error
	back     func(error)
	until    time.Time

	err    error
	ends   atomic.Int32
	result chan error // of capacity 1
}

func (f *fakeTask) try() bool { return f.tryFirst == nil || f.tryFirst() }

func (f *fakeTask) ask(ctx context.Context) {
	if f.asks != nil {
		f.err = f.asks(ctx)
	}
}

func (f *fakeTask) deadline() time.Time { return f.until }

func (f *fakeTask) finish(why error) {
	if why == nil {
		why = f.err
	}
	if f.back != nil {
		f.back(why)
	}
	if f.ends.Add(1) == 1 {
		f.result <- why
	}
}

func newJob(f *fakeTask) *job {
	f.result = make(chan error, 1)
	return &job{task: f}
}

func (j *job) fake() *fakeTask { return j.task.(*fakeTask) }

func (p *pool) mustAdd(t *testing.T, f *fakeTask) *job {
	t.Helper()
	j := newJob(f)
	if !p.add(j) {
		t.Fatal("the pool is full")
	}
	return j
}

// wantEnd waits for the end of a job.
func (j *job) wantEnd(t *testing.T, want error) {
	t.Helper()
	select {
	case err := <-j.fake().result:
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("it ends with %v, not %v", err, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 20_000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal(what)
}

// quiet waits until the pool has nothing to do, and checks its books.
func (p *pool) quiet(t *testing.T) {
	t.Helper()
	within(t, "the pool does not come to rest", func() bool {
		waiting, running := p.counts()
		return waiting == 0 && running == 0
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.serving != 0 || p.asking != 0 || p.waiting() != 0 {
		t.Errorf("%d serving, %d asking, %d waiting", p.serving, p.asking, p.waiting())
	}
}

func never() bool { return false }

// blockedBy returns what a task asks for until it is let go, or cancelled.
func blockedBy(letGo chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-letGo:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestPoolRunsTasks(t *testing.T) {
	var p pool
	var jobs []*job
	for i := range 500 {
		f := &fakeTask{}
		if i%3 == 0 {
			f.tryFirst = never
		}
		if i%6 == 0 {
			f.asks = func(context.Context) error { return errFake }
		}
		jobs = append(jobs, p.mustAdd(t, f))
	}
	for i, j := range jobs {
		want := error(nil)
		if i%6 == 0 {
			want = errFake
		}
		j.wantEnd(t, want)
	}
	p.quiet(t)
	for i, j := range jobs {
		if n := j.fake().ends.Load(); n != 1 {
			t.Fatalf("task %d ends %d times", i, n)
		}
		if p.cancel(j) {
			t.Fatalf("task %d has ended and can be cancelled", i)
		}
	}
}

var errFake = errors.New("fake")

// However many wait for a store that does not answer, others are served; no more than maxAsking ask at a time.
func TestWaitingForAStoreKeepsNobodyWaiting(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var now, most atomic.Int32
	ask := func(ctx context.Context) error {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		defer now.Add(-1)
		return blockedBy(letGo)(ctx)
	}
	var slow []*job
	for range 500 {
		slow = append(slow, p.mustAdd(t, &fakeTask{tryFirst: never, asks: ask}))
	}
	for range 200 {
		p.mustAdd(t, &fakeTask{}).wantEnd(t, nil)
	}
	within(t, "not as many ask as may", func() bool { return now.Load() == maxAsking })
	// A task that has called back keeps its thread for a moment.
	within(t, "others than those that ask keep threads", func() bool {
		waiting, running := p.counts()
		return waiting == 500-maxAsking && running == maxAsking
	})
	close(letGo)
	for _, j := range slow {
		j.wantEnd(t, nil)
	}
	if n := most.Load(); n != maxAsking {
		t.Errorf("%d asked at the same time", n)
	}
	p.quiet(t)
}

// Callbacks that do not return keep others waiting for a moment only, and no more than maxServing run at a time.
func TestCallbacksThatDoNotReturn(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var stuck, most atomic.Int32
	back := func(error) {
		n := stuck.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		<-letGo
		stuck.Add(-1)
	}
	var jobs []*job
	for range maxServing - 1 {
		jobs = append(jobs, p.mustAdd(t, &fakeTask{back: back}))
	}
	within(t, "callbacks wait for each other", func() bool { return stuck.Load() == maxServing-1 })
	for range 100 {
		p.mustAdd(t, &fakeTask{}).wantEnd(t, nil)
	}
	// One more, and everything waits, until callbacks return.
	for range 5 {
		jobs = append(jobs, p.mustAdd(t, &fakeTask{back: back}))
	}
	within(t, "the last thread is not used", func() bool { return stuck.Load() == maxServing })
	time.Sleep(20 * stallTime)
	if n := most.Load(); n != maxServing {
		t.Errorf("%d callbacks at the same time", n)
	}
	close(letGo)
	for _, j := range jobs {
		j.wantEnd(t, nil)
	}
	p.quiet(t)
	// What was added for them is not used when it is not needed.
	p.mustAdd(t, &fakeTask{}).wantEnd(t, nil)
	p.quiet(t)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limit != processors() {
		t.Errorf("%d may run at a time, not %d", p.limit, processors())
	}
}

// A task that has asked needs its thread for its callback: threads are bounded then too.
func TestThreadsAreBounded(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var stuck atomic.Int32
	back := func(error) { stuck.Add(1); <-letGo }
	var jobs []*job
	for range 600 {
		jobs = append(jobs, p.mustAdd(t, &fakeTask{tryFirst: never, back: back}))
	}
	within(t, "not all threads are used", func() bool { return stuck.Load() >= maxAsking })
	time.Sleep(20 * stallTime)
	if n := stuck.Load(); n > maxAsking+maxServing {
		t.Errorf("%d callbacks at the same time", n)
	}
	close(letGo)
	for _, j := range jobs {
		j.wantEnd(t, nil)
	}
	p.quiet(t)
}

func TestPoolIsFull(t *testing.T) {
	var p pool
	letGo := make(chan struct{})
	var jobs []*job
	slow := func() *fakeTask { return &fakeTask{tryFirst: never, asks: blockedBy(letGo)} }
	for range maxWaiting + maxAsking {
		jobs = append(jobs, p.mustAdd(t, slow()))
		// Those that are tried do not wait, and come back to wait.
		within(t, "they are not tried", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.fresh.Len()+p.serving == 0 })
	}
	refused := newJob(slow())
	if p.add(refused) {
		t.Fatalf("%d wait, and one more may", maxWaiting)
	}
	// A cancelled one gives up its place when it has called back.
	p.cancel(jobs[len(jobs)-1])
	jobs[len(jobs)-1].wantEnd(t, errCancelled)
	p.quietBut(t, maxWaiting-1)
	jobs[len(jobs)-1] = p.mustAdd(t, slow())
	close(letGo)
	for _, j := range jobs {
		j.wantEnd(t, nil)
	}
	p.quiet(t)
	if refused.fake().ends.Load() != 0 {
		t.Error("a task that was refused ends")
	}
}

// Threads that have had nothing to do end, and none with a task in hand.
func TestIdleThreadsEnd(t *testing.T) {
	p := pool{idleTime: time.Microsecond}
	for range 3000 {
		first, second := p.mustAdd(t, &fakeTask{}), p.mustAdd(t, &fakeTask{tryFirst: never})
		first.wantEnd(t, nil)
		second.wantEnd(t, nil)
	}
	p.quiet(t)
	within(t, "idle threads stay", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.idle) == 0 })
}

func (p *pool) quietBut(t *testing.T, waiting int) {
	t.Helper()
	within(t, "the number of waiting tasks is another one", func() bool { n, _ := p.counts(); return n == waiting })
}
