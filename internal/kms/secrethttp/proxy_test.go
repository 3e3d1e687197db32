package secrethttp

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
)

// tunnel is a proxy that connects to one place only, whatever it is asked for, if it is asked with the password.
func tunnel(t *testing.T, encrypted bool, to string, asked *atomic.Value) *server {
	t.Helper()
	return serve(t, encrypted, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization"))
		if r.Header.Get("Proxy-Authorization") != "Basic dXNlcjpzZWNyZXQ=" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		client, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
}

func TestProxy(t *testing.T) {
	for name, encrypted := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answer") })
			var asked atomic.Value
			proxy := tunnel(t, encrypted, s.Listener.Addr().String(), &asked)
			through, _ := url.Parse(proxy.URL)
			tr := s.transport(t)
			if encrypted {
				tr.TLS.RootCAs.AddCert(proxy.Certificate())
			}
			tr.Proxy = func(*url.URL) *url.URL { return through }

			if _, _, err := post(t, t.Context(), tr, "https://example.com", nil); err == nil {
				t.Error("a proxy that wants a password serves without one")
			}
			through.User = url.UserPassword("user", "secret")
			for range 2 {
				_, answer, err := post(t, t.Context(), tr, "https://example.com", nil)
				if err != nil || string(answer) != "answer" {
					t.Fatalf("%q, %v", answer, err)
				}
			}
			if got := asked.Load(); got != "CONNECT example.com:443 Basic dXNlcjpzZWNyZXQ=" {
				t.Errorf("the proxy was asked %v", got)
			}
			if n := s.connections.Load(); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}
