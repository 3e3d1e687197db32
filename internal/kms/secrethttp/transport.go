// Package secrethttp is an HTTP/1.1 client for requests and answers with keys in them. Bodies are in locked memory from
// end to end, and what the connection had to copy is wiped: its read buffer and the records that TLS has opened.
// net/http's own client keeps such copies where nobody can reach them.
package secrethttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/seccache"
)

const (
	// maxBody bounds a request's and an answer's body, in bytes.
	maxBody = 256 << 10
	// longest bounds a request whose context has no end.
	longest = 30 * time.Second
	// idleTimeout is less than the servers' own, so that few connections are found closed by them.
	idleTimeout = 15 * time.Second
	idlePerHost = 4
)

// Transport sends requests. It is an http.RoundTripper and a client of the AWS SDK, follows no redirects, and is safe
// for concurrent use. The fields are set before the first request. Requests have to be such that they may be sent
// twice: one on a kept connection that the server has closed meanwhile is repeated on another.
type Transport struct {
	TLS    *tls.Config             // nil: the default
	Proxy  func(*url.URL) *url.URL // nil: none; proxies are asked with CONNECT for every URL
	Memory *seccache.Arena         // where bodies are
	mu     sync.Mutex              //
	idle   map[string][]*conn      // by scheme, proxy and address
	busy   map[*conn]struct{}      // to be closed by Close
	closed bool
}

var errClosed = errors.New("the HTTP client is closed")

// Do is RoundTrip, under the name that the AWS SDK has for it.
func (t *Transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }

// RoundTrip sends r and reads the whole answer. The answer's body is a *Body, which the caller closes.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err // the answer might come before anybody looks again
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, longest)
		defer cancel()
	}
	m, err := t.encode(r)
	if err != nil {
		return nil, err
	}
	defer m.destroy()
	for {
		c, err := t.connection(ctx, r.URL)
		if err != nil {
			return nil, withContext(ctx, err)
		}
		response, err := c.exchange(ctx, r, m)
		var stale *staleError
		if errors.As(err, &stale) && ctx.Err() == nil {
			continue
		}
		return response, withContext(ctx, err)
	}
}

// withContext makes err that of the context where this is why the request ended.
func withContext(ctx context.Context, err error) error {
	if cause := ctx.Err(); err != nil && cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// connection returns one that is idle, or a new one.
func (t *Transport) connection(ctx context.Context, target *url.URL) (*conn, error) {
	route := t.route(target)
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil, errClosed
	}
	if list := t.idle[route.key]; len(list) > 0 {
		c := list[len(list)-1]
		t.idle[route.key] = list[:len(list)-1]
		t.busy[c] = struct{}{}
		t.mu.Unlock()
		c.expiry.Stop()
		c.used = true
		return c, nil
	}
	t.mu.Unlock()
	c, err := t.dial(ctx, route)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		_ = c.raw.Close()
		return nil, errClosed
	}
	if t.busy == nil {
		t.busy, t.idle = map[*conn]struct{}{}, map[string][]*conn{}
	}
	t.busy[c] = struct{}{}
	return c, nil
}

// release takes a connection back after an exchange.
func (t *Transport) release(c *conn, reusable bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.busy, c)
	if !reusable || t.closed || len(t.idle[c.key]) >= idlePerHost {
		_ = c.raw.Close()
		return
	}
	t.idle[c.key] = append(t.idle[c.key], c)
	c.expiry = time.AfterFunc(idleTimeout, func() { t.expire(c) })
}

func (t *Transport) expire(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, other := range t.idle[c.key] {
		if other == c {
			t.idle[c.key] = append(t.idle[c.key][:i:i], t.idle[c.key][i+1:]...)
			_ = c.raw.Close()
			return
		}
	}
}

// Close closes all connections; requests under way fail, and so do later ones.
func (t *Transport) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for c := range t.busy {
		_ = c.raw.Close() // its exchange wipes it
	}
	for _, list := range t.idle {
		for _, c := range list {
			c.expiry.Stop()
			_ = c.raw.Close()
		}
	}
	t.idle = nil
}
