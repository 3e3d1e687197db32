package mssqltest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

const loopback = "127.0.0.1"

// Server is a running stand-in. Its methods are safe for concurrent use.
type Server struct {
	options Options
	db      *engine.Database
	cert    tls.Certificate
	dir     string
	running sync.WaitGroup

	mu       sync.Mutex // of what follows
	listener net.Listener
	port     int
	conns    map[*conn]bool
	counted  int // connections so far
	faults   []*Injection
	requests []*Request
	logins   []Login
	refusal  *Error
	route    net.TCPAddr
	routeTo  string
	partner  string
}

// Start runs a server on a free port of 127.0.0.1 until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// New is Start without a test; the caller closes the server.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	collation, err := sqltype.NamedCollation(o.Collation)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, db: engine.NewDatabase(o.Database, collation), conns: map[*conn]bool{}}
	s.db.Compat, s.db.Zone = o.Compat, o.Zone
	for _, batch := range o.Setup {
		if _, err := s.Exec(batch); err != nil {
			return nil, fmt.Errorf("setting up: %w", err)
		}
	}
	var text []byte
	if s.cert, text, err = newCertificate(o.Names); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "mssqltest"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.CertificateFile(), text, 0o600); err != nil {
		return nil, err
	}
	return s, s.listen()
}

// Close ends the server and every connection, and returns when they are gone.
func (s *Server) Close() {
	s.Stop()
	_ = os.RemoveAll(s.dir)
}

func (s *Server) listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, fmt.Sprint(s.port)))
	if err != nil {
		return err
	}
	s.listener, s.port = l, l.Addr().(*net.TCPAddr).Port
	s.running.Go(func() { s.accept(l) })
	return nil
}

func (s *Server) accept(l net.Listener) {
	for {
		raw, err := l.Accept()
		if err != nil {
			return
		}
		c := &conn{server: s, raw: raw.(*net.TCPConn)}
		s.mu.Lock()
		stopped := s.listener != l
		if !stopped {
			s.counted++
			c.number = s.counted
			s.conns[c] = true
		}
		s.mu.Unlock()
		if stopped {
			_ = raw.Close()
			return
		}
		s.running.Go(func() {
			c.serve()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// Stop closes the listener and every connection, and returns when they are gone. The tables stay.
func (s *Server) Stop() {
	s.mu.Lock()
	if s.listener != nil {
		_ = s.listener.Close()
		s.listener = nil
	}
	s.mu.Unlock()
	s.DropConnections()
	s.running.Wait()
}

// Restart is Stop, and then listening again on the same port. Prepared handles and sessions are gone.
func (s *Server) Restart() error {
	s.Stop()
	return s.listen()
}

// DropConnections resets every connection.
func (s *Server) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.reset()
	}
}

// Connections is how many sessions are logged in.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.conns {
		if c.loggedIn {
			n++
		}
	}
	return n
}

// RefuseLogins answers every login with e, until it is called with nil.
func (s *Server) RefuseLogins(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = e
}

// Route sends every client that logs in to another server, until it is called with "".
func (s *Server) Route(host string, port int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routeTo, s.route.Port = host, port
}

// Partner is the failover partner that clients are told of at login, "" for none.
func (s *Server) Partner(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.partner = name
}

// Host is the address, "127.0.0.1".
func (s *Server) Host() string { return loopback }

// Port is the TCP port. It stays the same over Stop and Restart.
func (s *Server) Port() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.port
}

// CertificateFile is the path of a PEM file with the certificate that clients are to trust.
func (s *Server) CertificateFile() string { return filepath.Join(s.dir, "server.pem") }

// Exec runs a batch inside of the server, without a client, a fault or a line in the log, and returns the rows of its
// last SELECT, each value nil, bool, int64, float64, string, []byte or time.Time. It fails where a transaction or
// another statement of a client keeps the table for half a minute.
func (s *Server) Exec(batch string) ([][]any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	session := engine.NewSession(s.db, 0, "mssqltest", false)
	defer session.Reset()
	results, err := session.Execute(ctx, batch, s.db.NewVariables())
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, r := range results {
		if r.Failed {
			return nil, r.Messages[0]
		}
		if r.Columns != nil {
			rows = r.Rows
		}
	}
	for _, row := range rows {
		for i, v := range row {
			if v, ok := v.(*sqltype.VariantValue); ok {
				row[i] = v.Value
			}
		}
	}
	return rows, nil
}
