package sqlclient

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wire is a TCP connection that remembers what broke it.
type wire struct {
	net.Conn
	failed atomic.Pointer[error]

	mu    sync.Mutex
	calls int // counts the calls for which a deadline may be set
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.note(err)
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.note(err)
	return n, err
}

func (w *wire) note(err error) {
	if err != nil {
		w.failed.CompareAndSwap(nil, &err)
	}
}

func (w *wire) broken() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// during sets a deadline for the connection when ctx ends, until release is called.
func (w *wire) during(ctx context.Context) (release func()) {
	w.mu.Lock()
	w.calls++
	call := w.calls
	w.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.calls == call {
			_ = w.SetDeadline(time.Now().Add(attentionWait))
		}
	})
	return func() {
		if stop() {
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls++
		_ = w.SetDeadline(time.Time{})
	}
}
