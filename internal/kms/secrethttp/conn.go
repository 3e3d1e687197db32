package secrethttp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	readBuffer = 4096
	// piece is how many bytes of a body go into one record of TLS. The TLS of the standard library copies the plaintext
	// of a record into a buffer that it may then have to replace, leaving the old one behind: with pieces as small as
	// this the buffer that has held the head of the request suffices.
	piece = 8
)

// conn is a connection. One exchange at a time uses it.
type conn struct {
	transport *Transport
	key       string // of the idle ones that are like it
	raw       net.Conn
	cork      *cork
	tls       *tls.Conn // nil in the clear
	reader    *bufio.Reader
	received  bool // something, in this exchange
	used      bool // for an exchange before
	expiry    *time.Timer
}

// staleError is that of a kept connection which the server had closed.
type staleError struct{ error }

func (e *staleError) Unwrap() error { return e.error }

func (t *Transport) newConn(key string, raw net.Conn) *conn {
	c := &conn{transport: t, key: key, raw: raw, cork: &cork{Conn: raw}}
	c.reader = bufio.NewReaderSize(c, readBuffer)
	return c
}

// Read fills the read buffer. What TLS has opened is wiped as soon as it has been read.
func (c *conn) Read(p []byte) (n int, err error) {
	if c.tls == nil {
		n, err = c.raw.Read(p)
	} else {
		n, err = c.tls.Read(p)
		wipeOpened(c.tls, false)
	}
	c.received = c.received || n > 0
	return n, err
}

// exchange sends a request and reads the answer. Afterwards the connection is idle or closed, and nothing of the bodies
// is left in it.
func (c *conn) exchange(ctx context.Context, r *http.Request, m *message) (*http.Response, error) {
	interrupt := context.AfterFunc(ctx, func() { _ = c.raw.SetDeadline(time.Unix(1, 0)) })
	c.received = false
	response, err := c.sendAndReceive(r, m)
	whole := err == nil && !response.Close && c.reader.Buffered() == 0
	c.wipe()
	c.transport.release(c, interrupt() && whole)
	if err != nil && c.used && !c.received {
		return nil, &staleError{err}
	}
	return response, err
}

func (c *conn) sendAndReceive(r *http.Request, m *message) (*http.Response, error) {
	if err := c.send(m); err != nil {
		return nil, err
	}
	for {
		response, err := http.ReadResponse(c.reader, r)
		if err != nil {
			return nil, err
		}
		if response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			response.Body, err = readBody(c.transport.Memory, response.Body, response.ContentLength)
			if err != nil {
				return nil, fmt.Errorf("reading the body of an answer with status %d: %w", response.StatusCode, err)
			}
			return response, nil
		}
	}
}

func (c *conn) send(m *message) error {
	var to io.Writer = c.cork
	step := len(m.body())
	if c.tls != nil {
		to, step = c.tls, piece
	}
	c.cork.hold = true
	if _, err := to.Write(m.head); err != nil {
		return err
	}
	for rest := m.body(); len(rest) > 0; {
		n := min(step, len(rest))
		if c.tls == nil {
			if err := c.cork.flush(); err != nil { // not copied
				return err
			}
		}
		if _, err := to.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return c.cork.flush()
}

// wipe leaves nothing in the read buffer, nor in TLS what an exchange that failed has not read.
func (c *conn) wipe() {
	c.reader.Reset(c)
	room, _ := c.reader.Peek(0)
	clear(room[:cap(room)])
	if c.tls != nil {
		wipeOpened(c.tls, true)
	}
}

// cork gathers what TLS writes in many small records, so that it leaves as one. It sees no plaintext of requests.
type cork struct {
	net.Conn
	hold    bool
	written bytes.Buffer
}

func (c *cork) Write(p []byte) (int, error) {
	if c.hold {
		return c.written.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *cork) flush() error {
	c.hold = false
	_, err := c.Conn.Write(c.written.Bytes())
	c.written.Reset()
	return err
}
