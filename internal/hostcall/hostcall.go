// Package hostcall calls functions of the host: those of metastores, KMSs and policies that the host supplies as tables
// of functions.
//
// A call runs on the caller's thread and takes as long as it takes. With a time limit it runs on a thread of the
// library; when the limit passes the caller goes on, and the call is left to itself: it holds on to what it uses, and
// what it answers is dropped.
package hostcall

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// MaxDepth is how many calls of the library may be inside of each other by way of functions of the host.
const MaxDepth = 8

// Nesting says what runs on a thread, at a moment when the library was called on it.
type Nesting struct {
	Depth int  // functions of the host that have called the library and wait for it
	Timed bool // the outermost of them runs on a thread of this package, under a time limit
}

// Host is the way to the host, which lies at the C boundary.
type Host interface {
	// Nesting is that of the calling goroutine's thread. A goroutine that is not bound to its thread has none.
	Nesting() Nesting
	// Release tells the host that its table is not used any more. It is called once.
	Release()
}

// Table counts those who use the host's functions: its owner, and the calls under way. When the owner has closed it and
// the last call has returned, it is released.
type Table struct {
	host  Host
	pool  pool
	state atomic.Int64 // calls under way, and the bits
}

const (
	closedBit   = 1 << 62
	releasedBit = 1 << 61
)

// NewTable returns a table, to be closed by its owner.
func NewTable(host Host) *Table {
	t := &Table{host: host}
	t.pool.init()
	return t
}

// Close ends the table for further calls. It does not wait for those under way, and may be called again.
func (t *Table) Close() {
	if t.Enter() {
		t.state.Or(closedBit)
		t.Leave()
	}
}

// Enter counts a call. It returns false when the table is closed: the host must not be called then.
func (t *Table) Enter() bool {
	if t.state.Add(1)&closedBit == 0 {
		return true
	}
	t.Leave()
	return false
}

// Leave ends a call that Enter counted, and releases the table after the last one.
func (t *Table) Leave() {
	if t.uncount() {
		t.release()
	}
}

// uncount ends a call. It returns true if the table is to be released, for which it is never called again.
func (t *Table) uncount() bool {
	return t.state.Add(-1) == closedBit && t.state.CompareAndSwap(closedBit, closedBit|releasedBit)
}

func (t *Table) release() {
	t.pool.close()
	t.host.Release()
}

// Call is a call of one of the host's functions.
type Call struct {
	Name  string        // of the function
	Limit time.Duration // 0: none
	// Run calls the function on the thread where it finds itself, for which it is told what runs inside of what.
	Run func(Nesting) Reply
	// End is called once: after Run has returned, or in its place. It may be nil.
	End func()
}

func (c *Call) end() {
	if c.End != nil {
		c.End()
	}
}

// Do makes a call and returns its reply, to be discarded by the caller. A context that has ended ends the call with its
// error before it begins, and where there is a limit also while it runs.
//
// Inside of a call with a limit there is no other limit: a function that is called there runs on the same thread, and
// the outer limit holds for it. Otherwise calls that wait for each other could take every thread.
func (t *Table) Do(ctx context.Context, c Call) (Reply, error) {
	n, err := t.begin(ctx, c.Name)
	if err != nil {
		c.end()
		return Reply{}, err
	}
	if c.Limit > 0 && !n.Timed {
		n.Timed = true
		return t.doWithin(ctx, c, n)
	}
	defer t.Leave()
	defer c.end()
	counts.running.Add(1)
	defer counts.running.Add(-1)
	return c.Run(n), nil
}

// begin counts a call and returns the nesting for its function.
func (t *Table) begin(ctx context.Context, name string) (Nesting, error) {
	if err := ctx.Err(); err != nil {
		return Nesting{}, err
	}
	n := t.host.Nesting()
	if n.Depth > MaxDepth {
		return Nesting{}, TooDeep(name)
	}
	if !t.Enter() {
		return Nesting{}, ErrReleased()
	}
	n.Depth++
	return n, nil
}

// TooDeep is the failure of a call that would be one too many inside of others.
func TooDeep(name string) error {
	return envelope.Errorf(envelope.HostCallback, nil,
		"the host's %s is not called: %d calls of the library are inside of each other already", name, MaxDepth+1)
}

// ErrReleased is the failure of a call on a table that has been closed.
func ErrReleased() error {
	return envelope.Errorf(envelope.ClosedHandle, nil, "the host's functions have been released")
}
