// Package servertest runs real database servers for tests: each in a temporary directory, on the loopback interface, on
// a free port, as a user without privileges, and no longer than the test binary.
package servertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Options say how a server runs. The zero value is a server in UTC that has no certificate.
type Options struct {
	TimeZone  string   // name of the server's own zone; "" for UTC
	TLS       bool     // have a certificate for 127.0.0.1 and localhost, of the authority in Server.Authority
	Arguments []string // further ones of the server's program
}

// Server is a database server that tests stop, kill and start again; its data outlive that. These methods are not for
// several goroutines at a time.
type Server struct {
	Host, User, Password string
	Port                 int
	Authority            string // path of the certificate authority, PEM; "" without TLS

	product product
	options Options
	owner   *owner
	dir     string
	log     *os.File
	process *process
}

// product is what differs between database servers.
type product interface {
	// account is the user that the server's package makes for it.
	account() string
	// install makes the data in s.data().
	install(s *Server) error
	// command is the server's program with its arguments, to run in the foreground.
	command(s *Server) ([]string, error)
	// ready is nil when the server answers.
	ready(ctx context.Context, s *Server) error
}

const (
	startLimit = 2 * time.Minute // a machine that runs other tests is slow
	stopLimit  = 30 * time.Second
)

// run runs a server until the test and its subtests end.
func run(t testing.TB, p product, o Options) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "servertest")
	if err != nil {
		t.Fatal(err)
	}
	s, err := newServer(p, dir, o)
	t.Cleanup(func() {
		if s != nil {
			s.close()
		}
		_ = os.RemoveAll(dir)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Shared is one server for the tests of one binary: the first that asks starts it.
type Shared struct {
	product product
	options Options
	mu      sync.Mutex
	server  *Server
	dir     string
	failed  error
}

// Get returns the running server.
func (s *Shared) Get(t testing.TB) *Server {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil && s.failed == nil {
		if s.dir, s.failed = os.MkdirTemp("", "servertest"); s.failed == nil {
			s.server, s.failed = newServer(s.product, s.dir, s.options)
		}
	}
	if s.failed != nil {
		t.Fatal(s.failed)
	}
	return s.server
}

// Close stops the server, if one was started. It is for TestMain.
func (s *Shared) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		s.server.close()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

func newServer(p product, dir string, o Options) (*Server, error) {
	s := &Server{Host: "127.0.0.1", product: p, options: o, dir: dir}
	if s.options.TimeZone == "" {
		s.options.TimeZone = "UTC"
	}
	var err error
	if s.owner, err = findOwner(p.account()); err != nil {
		return nil, err
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	if o.TLS {
		if s.Authority, err = makeCertificates(dir); err != nil {
			return nil, err
		}
	}
	if s.log, err = os.OpenFile(filepath.Join(dir, "server.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return nil, err
	}
	if err := s.owner.takeOver(dir); err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	if err := p.install(s); err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Start runs the server on its port and waits until it answers. After a kill the first attempts may fail: what the dead
// server left, shared memory for one, goes a moment later.
func (s *Server) Start() error {
	command, err := s.product.command(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		if s.process, err = startProcess(command, s.dir, s.log, s.owner, "TZ="+s.options.TimeZone); err != nil {
			return err
		}
		for err = s.product.ready(ctx, s); err != nil && s.process.running(); err = s.product.ready(ctx, s) {
			if ctx.Err() != nil {
				s.Kill()
				return fmt.Errorf("the server does not answer: %w: %s", err, s.logTail())
			}
			time.Sleep(20 * time.Millisecond)
		}
		if s.process.running() {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the server ended: %s", s.logTail())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// Kill ends the server's processes at once and waits for that.
func (s *Server) Kill() {
	s.process.kill()
}

// Stop ends the server in order, without waiting for its clients.
func (s *Server) Stop() {
	s.process.stop(stopLimit)
}

// Pause keeps the server from running: it still listens, and answers nothing until Resume.
func (s *Server) Pause() { s.process.pause() }

// Resume ends a Pause.
func (s *Server) Resume() { s.process.resume() }

func (s *Server) close() {
	s.Resume()
	s.Stop()
	_ = s.log.Close()
}

// Address is host:port.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Log returns what the server has written to its log.
func (s *Server) Log() (string, error) {
	text, err := os.ReadFile(s.log.Name())
	return string(text), err
}

func (s *Server) logTail() string {
	text, err := s.Log()
	if err != nil {
		return err.Error()
	}
	return text[max(0, len(text)-4096):]
}

// freePort finds a port that nobody listens on. If somebody else takes it before the server does, the server ends and
// its log says so.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
