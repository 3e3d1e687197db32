package sqlclient

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
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
