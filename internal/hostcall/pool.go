package hostcall

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/host"
)

// maxThreads bounds the threads of a table: calls with a time limit that are under way at the same time, hung ones
// among them.
const maxThreads = 64

// idleTime is how long a thread waits for work before it ends.
const idleTime = 10 * time.Second

// pool is the threads of a table. Each is a goroutine's own and ends with it.
type pool struct {
	work chan *timedCall // not buffered: what is sent has been taken by a thread
	end  chan struct{}
	idle time.Duration

	givenUp, cameBack, allHang line

	mu      sync.Mutex
	threads int
	hung    int // of these, in calls that were given up
	waiting int // callers for whom no thread was free
}

func (p *pool) init() { p.work, p.end, p.idle = make(chan *timedCall), make(chan struct{}), idleTime }

// close ends the threads. There are no calls any more.
func (p *pool) close() { close(p.end) }

// timedCall is a call on a thread of the pool.
type timedCall struct {
	Call
	table   *Table
	nesting Nesting
	start   time.Time

	state atomic.Int32 // running, then either of the others
	done  chan struct{}
	reply Reply
	fault any // what the call panicked with
}

const (
	running int32 = iota
	returned
	abandoned
)

// doWithin makes a call on a thread of the pool. The table is left when it has returned, which may be much later.
func (t *Table) doWithin(ctx context.Context, call Call, n Nesting) (Reply, error) {
	timer := time.NewTimer(call.Limit)
	defer timer.Stop()
	c := &timedCall{Call: call, table: t, nesting: n, start: time.Now(), done: make(chan struct{})}
	err := t.pool.give(ctx, c, timer.C)
	if err != nil {
		c.end()
		t.Leave()
		return Reply{}, counted(err)
	}
	select {
	case <-c.done:
		return c.result()
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = envelope.Errorf(envelope.TimedOut, nil,
			"the host's %s did not return within %v and was given up", c.Name, c.Limit)
	}
	if !c.abandon() {
		<-c.done
		return c.result()
	}
	c.logAbandoned()
	return Reply{}, counted(err)
}

// counted counts an error that is a time limit.
func counted(err error) error {
	if !errors.Is(err, context.Canceled) {
		counts.timedOut.Add(1)
	}
	return err
}

// give hands a call to a thread: a free one, a new one, or the first to be free in time.
func (p *pool) give(ctx context.Context, c *timedCall, timeout <-chan time.Time) error {
	select {
	case p.work <- c:
		return nil
	default:
	}
	p.mu.Lock()
	if p.threads < maxThreads {
		p.threads++
		p.mu.Unlock()
		go p.thread(c)
		return nil
	}
	if p.hung == p.threads {
		p.mu.Unlock()
		if times, due := p.allHang.occurred(); due {
			hooks.Log(hooks.Error, "callback",
				"%d calls of the host's functions hang: further ones fail until one returns (since the last such line: %d)",
				maxThreads, times)
		}
		return envelope.Errorf(envelope.TimedOut, nil,
			"the host's %s is not called: %d calls of the host's functions hang", c.Name, maxThreads)
	}
	p.waiting++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.waiting--
		p.mu.Unlock()
	}()
	select {
	case p.work <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout:
		return envelope.Errorf(envelope.TimedOut, nil,
			"no thread was free for the host's %s within %v: %d calls of the host's functions are under way",
			c.Name, c.Limit, maxThreads)
	}
}

// thread runs c, and then calls until there are none for a while.
func (p *pool) thread(c *timedCall) {
	host.LockCallbackThread()
	idle := time.NewTimer(p.idle)
	defer idle.Stop()
	for {
		c.run()
		idle.Reset(p.idle)
		for c = nil; c == nil; {
			select {
			case c = <-p.work:
			case <-p.end:
				return
			case <-idle.C:
				if p.retire() {
					return
				}
				idle.Reset(p.idle)
			}
		}
	}
}

// retire counts a thread that ends, unless somebody has just begun to wait for one.
func (p *pool) retire() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting > 0 {
		return false
	}
	p.threads--
	return true
}

func (c *timedCall) run() {
	counts.running.Add(1)
	c.compute()
	if c.state.CompareAndSwap(running, returned) {
		counts.running.Add(-1)
		last := c.table.uncount() // before the caller goes on, who may be about to close the table
		close(c.done)
		if last {
			c.table.release()
		}
		return
	}
	c.drop()
	c.table.Leave()
}

// compute keeps a panic for the goroutine that waits for the call.
func (c *timedCall) compute() {
	defer c.end()
	defer func() { c.fault = recover() }()
	c.reply = c.Run(c.nesting)
}

// result is that of a call that has returned.
func (c *timedCall) result() (Reply, error) {
	if c.fault != nil {
		panic(c.fault)
	}
	return c.reply, nil
}

// abandon leaves a call to itself. It returns false if the call has just returned.
func (c *timedCall) abandon() bool {
	p := &c.table.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.state.CompareAndSwap(running, abandoned) {
		return false
	}
	p.hung++
	counts.running.Add(-1)
	counts.abandoned.Add(1)
	return true
}

// drop ends a call that was given up.
func (c *timedCall) drop() {
	c.reply.Discard()
	p := &c.table.pool
	p.mu.Lock()
	p.hung--
	p.mu.Unlock()
	counts.abandoned.Add(-1)
	if c.fault != nil {
		hooks.Log(hooks.Error, "callback", "recovered from a panic of type %T in a call that was given up", c.fault)
	}
	c.logReturned()
}
