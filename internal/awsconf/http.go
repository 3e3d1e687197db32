package awsconf

import (
	"net"
	"net/http"
	"net/url"
	"time"
)

// Limits of the HTTP clients, for what waits without a limit of its own.
const (
	dialTimeout     = 5 * time.Second
	responseTimeout = 30 * time.Second
	idleTimeout     = 60 * time.Second
	idlePerHost     = 16

	nearDialTimeout     = time.Second
	nearResponseTimeout = 5 * time.Second
)

func (s *Settings) newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 func(r *http.Request) (*url.URL, error) { return s.Proxy(r.URL), nil },
			DialContext:           dialer.DialContext,
			TLSClientConfig:       s.TLS.Clone(),
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: responseTimeout,
			IdleConnTimeout:       idleTimeout,
			MaxIdleConnsPerHost:   idlePerHost,
			ForceAttemptHTTP2:     false,
		},
		// A signature is for one host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// nearHTTPClient is for credentials of the machine itself, which no proxy may see.
func nearHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: nearDialTimeout}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: nearResponseTimeout,
			ResponseHeaderTimeout: nearResponseTimeout, DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Proxy returns the proxy that the environment names for a URL, nil for none.
func (s *Settings) Proxy(target *url.URL) *url.URL { return s.proxies.of(target) }
