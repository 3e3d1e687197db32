package metastoretest

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// Link is a way over TCP to a server that tests cut and clog. It takes connections until the test ends.
type Link struct {
	listener net.Listener

	mu          sync.Mutex
	changed     *sync.Cond // of the fields below
	target      string
	connections map[net.Conn]struct{}
	opened      int
	turns       int
	answered    bool // the last bytes came from the server
	left        int  // bytes that may still come from the server; -1: no limit
	clogged     bool // nothing goes through
	refusing    bool
}

// NewLink makes a link to the server that listens on target, host:port.
func NewLink(t testing.TB, target string) *Link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Link{target: target, listener: listener, connections: map[net.Conn]struct{}{}, left: -1}
	l.changed = sync.NewCond(&l.mu)
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			done.Go(func() { l.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.Unclog()
		l.Cut()
		done.Wait()
	})
	return l
}

// Address is the host:port that takes the place of the server's.
func (l *Link) Address() string { return l.listener.Addr().String() }

// Port is the port of Address.
func (l *Link) Port() int { return l.listener.Addr().(*net.TCPAddr).Port }

// Opened counts the connections so far.
func (l *Link) Opened() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened
}

// Redirect has connections that come later go to another server.
func (l *Link) Redirect(target string) { l.set(func() { l.target = target }) }

// Turns counts how often the client has spoken after the server had: the round trips so far, where calls come one by
// one.
func (l *Link) Turns() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.turns
}

// Cut resets every connection.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut()
}

func (l *Link) cut() {
	for conn := range l.connections {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	clear(l.connections)
}

// CutAfter resets every connection once the server has sent so many more bytes, all connections together. Connections
// that come later are whole.
func (l *Link) CutAfter(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = bytes
}

// Clog keeps everything that is sent from arriving, until Unclog.
func (l *Link) Clog() { l.set(func() { l.clogged = true }) }

// Unclog ends a Clog.
func (l *Link) Unclog() { l.set(func() { l.clogged = false }) }

// Refuse has connections and new ones end at once, until Accept.
func (l *Link) Refuse() { l.set(func() { l.refusing = true; l.cut() }) }

// Accept ends a Refuse.
func (l *Link) Accept() { l.set(func() { l.refusing = false }) }

func (l *Link) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.changed.Broadcast()
}

func (l *Link) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	l.mu.Lock()
	target := l.target
	l.mu.Unlock()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	if !l.add(client, server) {
		return
	}
	var done sync.WaitGroup
	done.Go(func() { l.copy(server, client, false) })
	l.copy(client, server, true)
	done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.connections, client)
	delete(l.connections, server)
}

func (l *Link) add(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened++
	if l.refusing {
		return false
	}
	for _, conn := range conns {
		l.connections[conn] = struct{}{}
	}
	return true
}

func (l *Link) copy(to, from net.Conn, counted bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if n, whole := l.allow(n, counted); !whole {
				_, _ = to.Write(buffer[:n])
				l.Cut()
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if errors.Is(err, io.EOF) || err != nil {
			return
		}
	}
}

// allow waits while the link is clogged, and returns how many of n bytes may pass.
func (l *Link) allow(n int, counted bool) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.clogged {
		l.changed.Wait()
	}
	if !counted && (l.answered || l.turns == 0) {
		l.turns++
	}
	l.answered = counted
	switch {
	case !counted || l.left < 0:
		return n, true
	case l.left >= n:
		l.left -= n
		return n, true
	default:
		n, l.left = l.left, -1
		return n, false
	}
}
