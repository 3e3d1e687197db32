package mssqltest

import "testing"

// Server is a running stand-in. Its methods are safe for concurrent use.
type Server struct{}

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
func New(Options) (*Server, error) { return &Server{}, nil }

// Close ends the server and every connection, and returns when they are gone.
func (s *Server) Close() {}

// Host is the address, "127.0.0.1".
func (s *Server) Host() string { return "" }

// Port is the TCP port. It stays the same over Stop and Restart.
func (s *Server) Port() int { return 0 }

// CertificateFile is the path of a PEM file with the certificate that clients are to trust. It is valid for
// 127.0.0.1 and localhost.
func (s *Server) CertificateFile() string { return "" }

// URL is a connection string of the form sqlserver://user:password@host:port?database=…, followed by options, each
// "key=value" with the value as it is. Without options nothing is said about encryption and trust.
func (s *Server) URL(options ...string) string { return "" }

// ADO is a connection string as SqlClient reads it: Server=tcp:host,port;Database=…;User ID=…;Password=…, followed by
// options, each "Key=Value".
func (s *Server) ADO(options ...string) string { return "" }

// Stop closes the listener and every connection. The tables stay.
func (s *Server) Stop() {}

// Restart is Stop, and then listening again on the same port. Prepared handles and sessions are gone.
func (s *Server) Restart() error { return nil }

// DropConnections resets every connection.
func (s *Server) DropConnections() {}

// Connections is how many sessions are logged in.
func (s *Server) Connections() int { return 0 }

// RefuseLogins answers every login with e, until it is called with nil.
func (s *Server) RefuseLogins(e *Error) {}

// Route sends every client that logs in to another server, until it is called with "".
func (s *Server) Route(host string, port int) {}

// Partner is the failover partner that clients are told of at login, "" for none.
func (s *Server) Partner(name string) {}

// Inject puts a fault in force.
func (s *Server) Inject(f Fault) *Injection { return &Injection{} }

// Requests is what has arrived since the start or the last Forget, in the order of arrival.
func (s *Server) Requests() []Request { return nil }

// Forget empties the log of requests.
func (s *Server) Forget() {}

// Exec runs a batch inside of the server, without a client, a fault or a line in the log, and returns the rows of its last
// SELECT, each value nil, bool, int64, float64, string, []byte or time.Time.
func (s *Server) Exec(batch string) ([][]any, error) { return nil, nil }
