package sqlclient

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// login is the dialer of one attempt to connect. As the driver sees it, names are resolved on the other side: so the
// driver leaves them to it, and with them all that takes time.
type login struct {
	dialer

	mu      sync.Mutex
	aborted bool
	wire    *wire // the last connection: behind a redirection there is a second one
	browser error // why SQL Server Browser did not say where the instance is
}

func (l *login) HostName() string { return "" }

func (l *login) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if network == "udp" {
		return l.askBrowser(ctx, address)
	}
	c, err := l.dial(ctx, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wire = &wire{Conn: c}
	if l.aborted {
		_ = c.SetDeadline(past)
	}
	return l.wire, nil
}

var past = time.Unix(1, 0)

// abort ends the handshake or login that is under way.
func (l *login) abort() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.aborted = true
	if l.wire != nil {
		_ = l.wire.SetDeadline(past)
	}
}

// browserWait is how long SQL Server Browser has for its answer, which is one datagram.
const browserWait = 2 * time.Second

func (l *login) askBrowser(ctx context.Context, address string) (net.Conn, error) {
	c, err := plain.DialContext(ctx, "udp", address)
	if err != nil {
		l.browser = err
		return nil, err
	}
	return &datagrams{Conn: c, failed: &l.browser}, nil
}

// datagrams is the way to SQL Server Browser.
type datagrams struct {
	net.Conn
	failed *error
}

// SetDeadline shortens what the driver sets: the whole time for connecting.
func (d *datagrams) SetDeadline(t time.Time) error {
	if latest := time.Now().Add(browserWait); t.IsZero() || t.After(latest) {
		t = latest
	}
	return d.Conn.SetDeadline(t)
}

func (d *datagrams) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	if err != nil {
		*d.failed = err
	}
	return n, err
}

// explain finds the reason of an error of the driver, and adds what broke the connection.
func (l *login) explain(err error) error {
	if l.browser != nil {
		return &ConnectError{
			Reason: "SQL Server Browser did not say on which port the instance listens: let UDP port 1434 through, or write " +
				"host,port",
			Passing: true, Cause: fmt.Errorf("%w (%w)", err, l.browser),
		}
	}
	for _, r := range connectReasons {
		if strings.Contains(err.Error(), r.words) {
			return &ConnectError{Reason: r.reason, Cause: err}
		}
	}
	if broken := l.broken(); broken != nil {
		return fmt.Errorf("%w (%w)", err, broken)
	}
	return err
}

func (l *login) broken() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire == nil {
		return nil
	}
	return l.wire.broken()
}
