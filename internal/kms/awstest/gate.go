package awstest

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// gate is a listener that can be made a black hole: the kernel then drops the packets of new connections, as a broken
// network does, since the backlog is short and full; on connections that are there, nothing is read any more.
type gate struct {
	tb      testing.TB
	address net.Addr
	accept  chan net.Conn
	done    chan struct{}
	once    sync.Once

	mu      sync.Mutex
	changed sync.Cond // one of these
	shut    bool
	resting bool // run waits for the gate to be opened
	closed  bool
	raw     *net.TCPListener
	filler  []net.Conn
}

func newGate(tb testing.TB) *gate {
	tb.Helper()
	g := &gate{tb: tb, accept: make(chan net.Conn), done: make(chan struct{})}
	g.changed.L = &g.mu
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g.raw = raw.(*net.TCPListener)
	g.address = raw.Addr()
	go g.run()
	return g
}

// Backlogs: the usual one, and the shortest, which is one connection.
const (
	usualBacklog    = 128
	shortestBacklog = 0
)

func (g *gate) setBacklog(n int) {
	raw, err := g.raw.SyscallConn()
	if err == nil {
		var failed error
		err = errors.Join(raw.Control(func(fd uintptr) { failed = syscall.Listen(int(fd), n) }), failed)
	}
	if err != nil {
		g.tb.Errorf("awstest: the backlog cannot be changed: %v", err)
	}
}

// run accepts while the gate is open.
func (g *gate) run() {
	for {
		g.mu.Lock()
		for g.shut && !g.closed {
			g.resting = true
			g.changed.Broadcast()
			g.changed.Wait()
		}
		g.resting = false
		closed := g.closed
		g.mu.Unlock()
		if closed {
			return
		}
		_ = g.raw.SetDeadline(time.Now().Add(20 * time.Millisecond))
		c, err := g.raw.Accept()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return
		}
		select {
		case g.accept <- &gatedConn{c, g}:
		case <-g.done:
			_ = c.Close()
			return
		}
	}
}

// blackHole shuts the gate and fills the backlog, or empties it and opens the gate.
func (g *gate) blackHole(on bool) {
	g.mu.Lock()
	if g.shut == on {
		g.mu.Unlock()
		return
	}
	g.shut = on
	for on && !g.resting && !g.closed {
		g.changed.Wait()
	}
	g.mu.Unlock()
	if !on {
		for _, c := range g.filler {
			_ = c.Close()
		}
		g.filler = nil
		g.setBacklog(usualBacklog)
		g.changed.Broadcast()
		return
	}
	g.setBacklog(shortestBacklog)
	for range 64 { // until one more connection is not made
		c, err := net.DialTimeout("tcp", g.address.String(), 150*time.Millisecond)
		if err != nil {
			return
		}
		g.filler = append(g.filler, c)
	}
	g.tb.Error("awstest: the backlog does not fill up")
}

func (g *gate) Accept() (net.Conn, error) {
	select {
	case c := <-g.accept:
		return c, nil
	case <-g.done:
		return nil, net.ErrClosed
	}
}

func (g *gate) Close() error {
	g.once.Do(func() {
		close(g.done)
		g.mu.Lock()
		g.closed = true
		g.mu.Unlock()
		g.changed.Broadcast()
		_ = g.raw.Close()
	})
	return nil
}

func (g *gate) Addr() net.Addr { return g.address }

// gatedConn hands out nothing while the gate is shut.
type gatedConn struct {
	net.Conn
	gate *gate
}

func (c *gatedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	for c.gate.shut && !c.gate.closed && err == nil {
		c.gate.changed.Wait()
	}
	return n, err
}

// BlackHole has the network drop everything that is sent to the region, or brings it back.
func (r *Region) BlackHole(on bool) { r.gate.blackHole(on) }
