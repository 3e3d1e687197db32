package secrethttp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server answers over TLS or in the clear and counts connections.
type server struct {
	*httptest.Server
	connections atomic.Int64
}

func serve(t *testing.T, encrypted bool, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{Server: httptest.NewUnstartedServer(handler)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if encrypted {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// transport trusts s. When the test ends nothing of it may be left.
func (s *server) transport(t *testing.T) *Transport {
	t.Helper()
	before := seccache.ReadStats().LiveSecrets
	tr := &Transport{Memory: seccache.Open(seccache.Prefer), TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	if s.Certificate() != nil {
		tr.TLS.RootCAs = x509.NewCertPool()
		tr.TLS.RootCAs.AddCert(s.Certificate())
	}
	t.Cleanup(func() {
		tr.Close()
		if after := seccache.ReadStats().LiveSecrets; after != before {
			t.Errorf("%d secrets are left", after-before)
		}
	})
	return tr
}

func post(t *testing.T, ctx context.Context, tr *Transport, address string, body []byte) (int, []byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Test", "value")
	response, err := tr.RoundTrip(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	content := bytes.Clone(response.Body.(*Body).Bytes())
	read, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Equal(read, content) {
		t.Errorf("Read and Bytes give different bodies, or %v", err)
	}
	return response.StatusCode, content, nil
}

var modes = map[string]bool{"TLS": true, "clear": false}

func TestRoundTrip(t *testing.T) {
	for name, encrypted := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, encrypted, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || r.Method != http.MethodPost || r.RequestURI != "/a%20path?q=1" ||
					r.Header.Get("X-Test") != "value" || r.ContentLength != int64(len(body)) {
					t.Errorf("%s %s: %d bytes of %d, %v, %v", r.Method, r.RequestURI, len(body), r.ContentLength, r.Header, err)
				}
				w.WriteHeader(201 + len(body)%7)
				_, _ = w.Write(append([]byte("answer "), body...)) // chunked where it is long
			})
			tr := s.transport(t)
			for _, size := range []int{0, 1, 7, 8, 9, 300, 4096, 5000, 100_000} {
				body := make([]byte, size)
				_, _ = rand.Read(body)
				status, answer, err := post(t, t.Context(), tr, s.URL+"/a%20path?q=1", body)
				if err != nil || status != 201+size%7 || !bytes.Equal(answer, append([]byte("answer "), body...)) {
					t.Errorf("%d bytes: %d, %d bytes, %v", size, status, len(answer), err)
				}
			}
			if n := s.connections.Load(); n != 1 {
				t.Errorf("%d connections for requests one after the other", n)
			}
		})
	}
}

// TestNothingIsKept: neither the read buffer nor TLS keep an answer, whole or not wanted any more.
func TestNothingIsKept(t *testing.T) {
	if !opened.known {
		t.Fatal("this Go has the records of TLS in another place")
	}
	const text = "the key that nobody may find afterwards"
	s := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/short" {
			w.Header().Set("Content-Length", "100000")
		}
		_, _ = io.WriteString(w, strings.Repeat(text, 50))
	})
	for _, path := range []string{"/whole", "/short"} {
		tr := s.transport(t)
		target, _ := url.Parse(s.URL + path)
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, target.String(), nil)
		c, err := tr.connection(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		m, err := tr.encode(r)
		if err != nil {
			t.Fatal(err)
		}
		// What the reader and TLS hold, while it is there and after.
		room, _ := c.reader.Peek(0)
		room = room[:cap(room)]
		if err := c.send(m); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(c.reader, r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(room, []byte(text)) {
			t.Fatal("the text is not in the read buffer while it is read: this test sees nothing")
		}
		if _, err := response.Body.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		c.wipe()
		tr.release(c, false)
		if bytes.Contains(room, []byte(text[:8])) {
			t.Error("the text is in the read buffer afterwards")
		}
	}
}

// TestRecordIsWiped looks at the record that TLS has opened.
func TestRecordIsWiped(t *testing.T) {
	const text = "the key that nobody may find afterwards"
	s := serve(t, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	tr := s.transport(t)
	target, _ := url.Parse(s.URL)
	c, err := tr.connection(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.release(c, false)
	if _, err := io.WriteString(c.tls, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for _, wipe := range []bool{false, true} {
		first := make([]byte, 1)
		if _, err := c.tls.Read(first); err != nil {
			t.Fatal(err)
		}
		record := openedRecord(c.tls)
		if !bytes.Contains(record, []byte(text)) {
			t.Fatal("the text is not in the record: this test sees nothing")
		}
		wipeOpened(c.tls, wipe)
		if bytes.Contains(record, []byte(text)) == wipe {
			t.Errorf("unread bytes wiped: %v; want %v", !wipe, wipe)
		}
	}
}

func TestKeptConnectionClosedByServer(t *testing.T) {
	for name, encrypted := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, encrypted, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answer") })
			tr := s.transport(t)
			for range 3 {
				if _, answer, err := post(t, t.Context(), tr, s.URL, []byte("x")); err != nil || string(answer) != "answer" {
					t.Fatalf("%s, %v", answer, err)
				}
				s.CloseClientConnections()
			}
			if n := s.connections.Load(); n != 3 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// TestFirstUseIsNotRepeated: only a kept connection can have been closed before the server had the request.
func TestFirstUseIsNotRepeated(t *testing.T) {
	var requests atomic.Int64
	s := serve(t, false, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close()
		}
	})
	if _, _, err := post(t, t.Context(), s.transport(t), s.URL, nil); err == nil || requests.Load() != 1 {
		t.Errorf("%d requests, %v", requests.Load(), err)
	}
}

func TestConcurrent(t *testing.T) {
	s := serve(t, true, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	tr := s.transport(t)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for n := range 20 {
				body := []byte(fmt.Sprint("body ", i, n))
				if _, answer, err := post(t, t.Context(), tr, s.URL, body); err != nil || !bytes.Equal(answer, body) {
					t.Errorf("%q, %v", answer, err)
				}
			}
		})
	}
	work.Wait()
	if n := s.connections.Load(); n < 1 || n > 8*20/2 {
		t.Errorf("%d connections for 160 requests of 8 goroutines", n)
	}
}

func TestEndedContext(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	s := serve(t, true, func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-leave })
	defer close(leave)
	tr := s.transport(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if _, _, err := post(t, ctx, tr, s.URL, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, _, err := post(t, ctx, tr, s.URL, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := post(t, ctx, tr, s.URL, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timed out: %v", err)
	}
}

// TestEndedBefore: on a connection that is there an answer would come at once.
func TestEndedBefore(t *testing.T) {
	var asked atomic.Int64
	s := serve(t, false, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	tr := s.transport(t)
	if _, _, err := post(t, t.Context(), tr, s.URL, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if _, _, err := post(t, ctx, tr, s.URL, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestClose(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	s := serve(t, false, func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-leave })
	defer close(leave)
	tr := s.transport(t)
	failed := make(chan error)
	go func() { _, _, err := post(t, t.Context(), tr, s.URL, nil); failed <- err }()
	<-entered
	tr.Close()
	if err := <-failed; err == nil {
		t.Error("a request goes on after Close")
	}
	if _, _, err := post(t, t.Context(), tr, s.URL, nil); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestStrangeAnswers(t *testing.T) {
	const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
	answers := map[string]struct {
		text, body string
		fails      bool
	}{
		"interim":     {interim + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", false},
		"until close": {"HTTP/1.0 200 OK\r\n\r\nall of it", "all of it", false},
		"chunked":     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "abc", false},
		"cut":         {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "", true},
		"cut chunk":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nab", "", true},
		"too large":   {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "", true},
		"endless":     {"HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", maxBody+1), "", true},
		"nothing":     {"", "", true},
		"no HTTP":     {"SSH-2.0-x\r\n", "", true},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			s := serve(t, false, func(w http.ResponseWriter, _ *http.Request) {
				c, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(c, answer.text)
				_ = c.Close()
			})
			_, body, err := post(t, t.Context(), s.transport(t), s.URL, nil)
			if (err != nil) != answer.fails || string(body) != answer.body {
				t.Errorf("%.20q, %v", body, err)
			}
		})
	}
}

func TestUntrustedServer(t *testing.T) {
	s := serve(t, true, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	tr := s.transport(t)
	tr.TLS.RootCAs = x509.NewCertPool()
	var unknown x509.UnknownAuthorityError
	if _, _, err := post(t, t.Context(), tr, s.URL, nil); !errors.As(err, &unknown) {
		t.Errorf("%v", err)
	}
}

// TestLargeRequest is refused before anything is sent.
func TestLargeRequest(t *testing.T) {
	s := serve(t, false, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	if _, _, err := post(t, t.Context(), s.transport(t), s.URL, make([]byte, maxBody+1)); !errors.Is(err, errTooLarge) {
		t.Errorf("%v", err)
	}
}
