package main

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/host"
)

// Bounds of asynchronous calls, as include/asherah.h states them.
const (
	maxWaiting = 1024 // calls that wait for a thread
	maxAsking  = 64   // calls that are at work on metastore and KMS
	maxServing = 64   // calls that are not: that compute, or are in their callback
)

const (
	// idleTime is how long threads wait for work before they end.
	idleTime = 10 * time.Second
	// stallTime is how long calls wait before callbacks that do not return are taken for the cause.
	stallTime = 10 * time.Millisecond
)

// What a call ends with that did not come to its own end.
var (
	errCancelled = errors.New("cancelled")
	errExpired   = errors.New("expired")
)

// task is an asynchronous call as the pool sees it. One method runs at a time.
type task interface {
	// try does the call if what it needs is cached, and says whether it is done.
	try() (done bool)
	// ask does the call, waiting for metastore and KMS as long as ctx allows.
	ask(ctx context.Context)
	// deadline is until when it may wait for them; zero is for ever.
	deadline() time.Time
	// finish calls back, with what try or ask came to, or because of errCancelled or errExpired.
	finish(why error)
}

// pool runs tasks on threads of the library. Each task is tried with what is cached. One that has to ask metastore or
// KMS does so as one of maxAsking, which do not keep others from being tried. Of these as many run at a time as there
// are processors; while callbacks keep them from going on, one more every stallTime, up to maxServing. There are never
// more threads than the two bounds together, for a job that has asked needs its thread for its callback.
type pool struct {
	idleTime time.Duration // 0: idleTime

	mu      sync.Mutex
	fresh   list.List // jobs that wait to be tried
	blocked list.List // jobs that wait to ask
	over    list.List // jobs that ended while they waited, and wait to call back
	idle    []*thread // the last one is taken first, so that the others can end
	serving int
	asking  int
	limit   int    // of serving
	taken   uint64 // jobs taken so far, to notice when it does not go on
	watched bool   // whether watch runs
}

type thread struct{ next chan *job }

type stage int

const (
	fresh   stage = iota // waits to be tried
	trying               // is tried
	blocked              // waits to ask
	asking               // asks
	over                 // waits to call back
	ended                // calls back, or has
)

// job is a task in the pool, which guards all of it.
type job struct {
	task
	stage stage
	place *list.Element // in the list of its stage, where it waits
	why   error         // what it ends with, nil: its own result
	// of a job that asks
	ctx  context.Context
	stop context.CancelFunc
	// of a job that waits to ask
	expiry *time.Timer
}

func processors() int { return min(max(2, runtime.GOMAXPROCS(0)), maxServing) }

// add has a task run, unless too many wait.
func (p *pool) add(j *job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting() >= maxWaiting {
		return false
	}
	p.wait(j, fresh)
	p.dispatch()
	return true
}

func (p *pool) waiting() int { return p.fresh.Len() + p.blocked.Len() + p.over.Len() }

// counts tells how many tasks wait for a thread and how many have one.
func (p *pool) counts() (waiting, running int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting(), p.serving + p.asking
}

func (p *pool) queue(s stage) *list.List {
	switch s {
	case fresh:
		return &p.fresh
	case blocked:
		return &p.blocked
	default:
		return &p.over
	}
}

func (p *pool) wait(j *job, s stage) {
	j.stage = s
	j.place = p.queue(s).PushBack(j)
}

func (p *pool) leave(j *job) {
	p.queue(j.stage).Remove(j.place)
	j.place = nil
	if j.expiry != nil {
		j.expiry.Stop()
	}
}

// cancel asks for the end of a job. It returns false if it has ended.
func (p *pool) cancel(j *job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch j.stage {
	case fresh, blocked:
		p.end(j, errCancelled)
	case trying:
		j.why = errCancelled // it ends so if it would have to wait
	case asking:
		j.stop()
	case ended:
		return false
	}
	return true
}

// end has a job that waits call back.
func (p *pool) end(j *job, why error) {
	p.leave(j)
	j.why = why
	p.wait(j, over)
	p.dispatch()
}

// dispatch gives the jobs that may run to threads.
func (p *pool) dispatch() {
	for j := p.take(); j != nil; j = p.take() {
		if last := len(p.idle) - 1; last >= 0 {
			p.idle[last].next <- j
			p.idle = p.idle[:last]
		} else {
			go p.work(j)
		}
	}
	if p.fresh.Len()+p.over.Len() > 0 && !p.watched {
		p.watched = true
		go p.watch(p.taken)
	}
}

// take returns a job that may run, nil if there is none.
func (p *pool) take() *job {
	p.limit = max(p.limit, processors())
	switch {
	case p.over.Len() > 0 && p.serving < p.limit:
		p.serving++
		return p.start(&p.over, ended)
	case p.fresh.Len() > 0 && p.serving < p.limit:
		p.serving++
		return p.start(&p.fresh, trying)
	case p.blocked.Len() > 0 && p.asking < maxAsking && p.asking+p.serving < maxAsking+maxServing:
		p.asking++
		j := p.start(&p.blocked, asking)
		j.ctx, j.stop = context.WithCancel(context.Background())
		return j
	}
	return nil
}

func (p *pool) start(queue *list.List, s stage) *job {
	j := queue.Front().Value.(*job)
	p.leave(j)
	j.stage = s
	p.taken++
	return j
}

// watch looks whether jobs go on to be taken while some wait, and lets one more run if not.
func (p *pool) watch(taken uint64) {
	ticker := time.NewTicker(stallTime)
	defer ticker.Stop()
	for range ticker.C {
		p.mu.Lock()
		if p.fresh.Len()+p.over.Len() == 0 {
			p.watched = false
			p.mu.Unlock()
			return
		}
		if p.taken == taken && p.limit < maxServing {
			p.limit++
			p.dispatch()
		}
		taken = p.taken
		p.mu.Unlock()
	}
}

// work runs jobs until there are none for a while. The thread is the goroutine's own and ends with it.
func (p *pool) work(j *job) {
	host.LockCallbackThread()
	t := &thread{next: make(chan *job, 1)}
	patience := cmp.Or(p.idleTime, idleTime)
	idle := time.NewTimer(patience)
	defer idle.Stop()
	for j != nil {
		p.run(j)
		if j = p.next(t); j != nil {
			continue
		}
		idle.Reset(patience)
		select {
		case j = <-t.next:
		case <-idle.C:
			if !p.forget(t) {
				j = <-t.next
			}
		}
	}
}

// next returns the job that t goes on with, or nil and t counts as idle.
func (p *pool) next(t *thread) *job {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.serving < processors() {
		p.limit = 0 // callbacks return again
	}
	j := p.take()
	if j == nil {
		p.idle = append(p.idle, t)
	}
	p.dispatch()
	return j
}

// forget takes t out of the idle threads. It returns false if it has been given a job.
func (p *pool) forget(t *thread) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, t)
	if i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	return i >= 0
}

func (p *pool) run(j *job) {
	switch j.stage {
	case trying:
		if done := j.try(); !p.tried(j, done) {
			return
		}
	case asking:
		j.ask(j.ctx)
		j.stop()
		p.asked(j)
	}
	j.finish(j.why)
	p.mu.Lock()
	p.serving--
	p.mu.Unlock()
}

// tried says whether a job that was tried ends now.
func (p *pool) tried(j *job, done bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done {
		j.why = nil // it was cancelled too late
	} else if j.why == nil {
		p.serving--
		p.wait(j, blocked)
		if at := j.deadline(); !at.IsZero() {
			j.expiry = time.AfterFunc(time.Until(at), func() { p.expire(j) })
		}
		return false
	}
	j.stage = ended
	return true
}

// expire ends a job that still waits to ask when its time is up.
func (p *pool) expire(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.stage == blocked {
		p.end(j, errExpired)
	}
}

// asked makes room for the next job that asks. What is left of this one is its callback.
func (p *pool) asked(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j.stage = ended
	p.asking--
	p.serving++
	p.dispatch()
}
