package secrethttp

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// route is how a server is reached.
type route struct {
	key, host, address string
	encrypted          bool
	proxy              *url.URL
}

func (t *Transport) route(target *url.URL) route {
	r := route{host: target.Hostname(), address: address(target), encrypted: target.Scheme == "https"}
	if t.Proxy != nil {
		r.proxy = t.Proxy(target)
	}
	r.key = fmt.Sprintf("%s %s %v", target.Scheme, r.address, r.proxy)
	return r
}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (t *Transport) dial(ctx context.Context, r route) (*conn, error) {
	first := r.address
	if r.proxy != nil {
		first = address(r.proxy)
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", first)
	if err != nil {
		return nil, err
	}
	c, err := t.open(ctx, r, raw)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

// open goes through the proxy, if there is one, and begins TLS.
func (t *Transport) open(ctx context.Context, r route, raw net.Conn) (*conn, error) {
	through := raw
	if r.proxy != nil {
		if r.proxy.Scheme == "https" {
			proxy := tls.Client(raw, t.config(r.proxy.Hostname()))
			if err := proxy.HandshakeContext(ctx); err != nil {
				return nil, fmt.Errorf("TLS with the proxy: %w", err)
			}
			through = proxy
		}
		if err := connect(ctx, r, through); err != nil {
			return nil, err
		}
	}
	c := t.newConn(r.key, through)
	if !r.encrypted {
		return c, nil
	}
	c.tls = tls.Client(c.cork, t.config(r.host))
	if err := c.tls.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return c, nil
}

func (t *Transport) config(host string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.TLS != nil {
		config = t.TLS.Clone()
	}
	config.ServerName, config.NextProtos = host, nil
	return config
}

// connect has a proxy connect to the server.
func connect(ctx context.Context, r route, to net.Conn) error {
	interrupt := context.AfterFunc(ctx, func() { _ = to.SetDeadline(time.Unix(1, 0)) })
	defer interrupt()
	head := fmt.Sprintf("CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n", r.address)
	if user := r.proxy.User; user != nil {
		password, _ := user.Password()
		head += "Proxy-Authorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)) + "\r\n"
	}
	if _, err := io.WriteString(to, head+"\r\n"); err != nil {
		return fmt.Errorf("the proxy: %w", err)
	}
	// The server waits to be spoken to: nothing of it is lost in this reader. What follows the head is not a body.
	answer, err := http.ReadResponse(bufio.NewReader(to), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("the proxy: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy refuses to connect: %s", answer.Status)
	}
	return nil
}
