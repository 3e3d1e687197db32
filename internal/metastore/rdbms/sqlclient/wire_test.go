package sqlclient

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// TestWireEndsWithContext: a read that no answer comes to ends soon after the context of its call, where the driver would
// wait on; the next call is not held to the old one's end.
func TestWireEndsWithContext(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _, _ = client.Close(), server.Close() }()
	w := &wire{Conn: client}
	ctx, cancel := context.WithCancel(t.Context())
	release := w.during(ctx)
	cancel()
	within(t, "a read", func() {
		if _, err := w.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read after the end of the context = %v", err)
		}
	})
	release()
	if broken := (&conn{wire: w}).wire.broken(); !errors.Is(broken, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is broken by %v", broken)
	}

	release = w.during(t.Context())
	go func() { _, _ = server.Write([]byte("x")) }()
	within(t, "a read", func() {
		if n, err := w.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("Read of the next call = %d, %v", n, err)
		}
	})
	release()
}

// deadlines remembers the last deadline that was set.
type deadlines struct {
	net.Conn
	last atomic.Pointer[time.Time]
}

func (d *deadlines) SetDeadline(t time.Time) error {
	d.last.Store(&t)
	return nil
}

// TestLateEnd: a context that ends just when its call does leaves no deadline for the next call.
func TestLateEnd(t *testing.T) {
	conns := make([]deadlines, 2000)
	for i := range conns {
		w := &wire{Conn: &conns[i]}
		ctx, cancel := context.WithCancel(t.Context())
		release := w.during(ctx)
		cancel() // what it starts runs before, while or after release does
		release()
	}
	time.Sleep(10 * time.Millisecond) // for the last of those
	for i := range conns {
		if last := conns[i].last.Load(); last != nil && !last.IsZero() {
			t.Fatalf("call %d of %d left a deadline", i, len(conns))
		}
	}
}
