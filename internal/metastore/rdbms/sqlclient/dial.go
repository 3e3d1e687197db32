package sqlclient

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// dialer reaches a host that may have several addresses.
type dialer struct {
	parallel bool   // all addresses at once, for the listener of an availability group; else one after the other
	prefer   string // a value of IP Address Preference
}

var plain = net.Dialer{KeepAlive: 30 * time.Second}

func (d dialer) dial(ctx context.Context, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addresses := []netip.Addr{}
	if ip, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, ip)
	} else if addresses, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, err
	}
	for i := range addresses {
		addresses[i] = addresses[i].Unmap()
	}
	d.sort(addresses)
	if d.parallel {
		return dialAll(ctx, addresses, port)
	}
	return dialEach(ctx, addresses, port)
}

func (d dialer) sort(addresses []netip.Addr) {
	first := map[string]func(netip.Addr) bool{ipv4First: netip.Addr.Is4, ipv6First: netip.Addr.Is6}[d.prefer]
	if first == nil {
		return // as the platform has them
	}
	slices.SortStableFunc(addresses, func(a, b netip.Addr) int {
		rank := func(a netip.Addr) int {
			if first(a) {
				return 0
			}
			return 1
		}
		return cmp.Compare(rank(a), rank(b))
	})
}

// dialEach tries one address after the other, each in its share of the time that is left.
func dialEach(ctx context.Context, addresses []netip.Addr, port string) (net.Conn, error) {
	var failed error
	for i, a := range addresses {
		share, cancel := ctx, context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok {
			share, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(addresses)-i))
		}
		conn, err := plain.DialContext(share, "tcp", net.JoinHostPort(a.String(), port))
		cancel()
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	return nil, failed
}

// dialAll tries every address at once. The first connection wins, the others are closed.
func dialAll(ctx context.Context, addresses []netip.Addr, port string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		conn net.Conn
		err  error
	}
	results := make(chan result)
	for _, a := range addresses {
		go func() {
			conn, err := plain.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
			results <- result{conn, err}
		}()
	}
	var won result
	for range addresses {
		switch r := <-results; {
		case r.err == nil && won.conn == nil:
			won = r
			cancel()
		case r.err == nil:
			_ = r.conn.Close()
		case won.err == nil:
			won.err = r.err
		}
	}
	if won.conn != nil {
		return won.conn, nil
	}
	return nil, won.err
}

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

// ConnectError is a failure to connect, for reasons that the driver gives in words only.
type ConnectError struct {
	Reason  string // what is wrong and what to do; it names no host
	Passing bool   // another attempt may succeed
	Cause   error  // for a log: it names hosts
}

func (e *ConnectError) Error() string { return e.Reason + ": " + e.Cause.Error() }

// connectReasons are for what is in the driver's words: it formats the errors of a handshake, and what they were is
// gone.
var connectReasons = []struct{ words, reason string }{
	{"no instance matching", "SQL Server Browser knows no such instance, or it does not listen on TCP/IP"},
	{errPinned.Error(), errPinned.Error()},
	{"x509: negative serial number", "the server's certificate has a negative serial number, which is not allowed: give " +
		"the server another certificate"},
	{"tls: failed to verify certificate", "the server's certificate is not trusted, or is for another name: install its " +
		"authority on this machine, give the certificate itself with ServerCertificate=file, or the name in it with " +
		"HostNameInCertificate=name"},
	{"server does not support encryption", "the server does not encrypt: install a certificate there; Encrypt=False goes " +
		"without"},
	{"TLS Handshake failed: remote error", "the server ended the TLS handshake: it may have no version or cipher in common " +
		"with TLS 1.2 and later"},
	{"TLS Handshake failed: tls:", "the TLS handshake failed: the server may have no version or cipher in common with TLS " +
		"1.2 and later"},
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
