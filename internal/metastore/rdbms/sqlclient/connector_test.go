package sqlclient

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// reason is what a caller is told of err, "" for nil.
func reason(err error) string {
	var e *ConnectError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Reason
	default:
		return "other: " + err.Error()
	}
}

func connect(t *testing.T, text string) (driver.Conn, error) {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Connector()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := c.Connect(t.Context())
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, err
}

// TestTLS: who is let in with which settings, and why not.
func TestTLS(t *testing.T) {
	servers := map[string]*mssqltest.Server{}
	for name, o := range map[string]mssqltest.Options{
		"required": {}, "optional": {Encryption: mssqltest.Optional}, "none": {Encryption: mssqltest.NotSupported},
		"strict": {Encryption: mssqltest.Strict}, "named": {Names: []string{"db1.keys.example"}},
		"wild": {Names: []string{"*.keys.example"}},
	} {
		servers[name] = mssqltest.Start(t, o)
	}
	const (
		untrusted = "the server's certificate is not trusted, or is for another name"
		other     = "the server's certificate is not the one in Server Certificate"
		none      = "the server does not encrypt"
	)
	for _, c := range []struct {
		server, options string // FILE: the server's own certificate; OTHER: another server's
		want            string // beginning of the reason; "": connected
	}{
		{"required", "", untrusted},
		{"required", "Encrypt=Mandatory", untrusted},
		{"required", "TrustServerCertificate=true", ""},
		{"required", "TrustServerCertificate=false", untrusted},
		{"required", "ServerCertificate=FILE", ""},
		{"required", "ServerCertificate=OTHER", other},
		{"required", "ServerCertificate=OTHER;TrustServerCertificate=true", other},
		{"required", "Encrypt=False", ""},
		{"required", "Encrypt=Strict", untrusted},
		{"required", "Encrypt=Strict;TrustServerCertificate=true", untrusted},
		{"required", "Encrypt=Strict;ServerCertificate=FILE", ""},
		{"required", "Encrypt=Strict;ServerCertificate=OTHER", other},
		{"required", "?certificate=FILE", ""},
		{"required", "?certificate=OTHER", untrusted},
		{"required", "?certificate=FILE&encrypt=strict", ""},
		{"required", "?certificate=FILE&hostnameincertificate=other.example", untrusted},
		{"required", "?certificate=FILE&encrypt=strict&tlsmin=1.3", ""},
		{"required", "?certificate=FILE&tlsmin=1.3", "the server ended the TLS handshake"}, // TDS 7 ends with 1.2
		{"optional", "", untrusted},
		{"optional", "ServerCertificate=FILE", ""},
		{"optional", "Encrypt=Optional", ""},
		{"none", "", none},
		{"none", "TrustServerCertificate=true", none},
		{"none", "ServerCertificate=FILE", none},
		{"none", "Encrypt=False", ""},
		{"strict", "Encrypt=Strict;ServerCertificate=FILE", ""},
		{"strict", "ServerCertificate=FILE", "other: "},
		{"named", "?certificate=FILE", untrusted},
		{"named", "?certificate=FILE&hostnameincertificate=db1.keys.example", ""},
		{"named", "?certificate=FILE&hostnameincertificate=*.keys.example", untrusted},
		{"named", "ServerCertificate=FILE", ""}, // no name counts
		{"wild", "?certificate=FILE&hostnameincertificate=*.keys.example", ""},
		{"wild", "?certificate=FILE&hostnameincertificate=db2.keys.example", ""},
		{"wild", "?certificate=FILE&hostnameincertificate=*.example", untrusted},
	} {
		server, file := servers[c.server], servers["wild"]
		if c.server == "wild" {
			file = servers["named"]
		}
		options := strings.NewReplacer("FILE", server.CertificateFile(), "OTHER", file.CertificateFile()).Replace(c.options)
		text := server.ADO(options)
		if query, ok := strings.CutPrefix(options, "?"); ok {
			text = server.URL(strings.Split(query, "&")...)
		}
		server.Forget()
		if _, err := connect(t, text); (err == nil) != (c.want == "") || !strings.HasPrefix(reason(err), c.want) {
			t.Errorf("%s, %s: %q; want %q", c.server, c.options, reason(err), c.want)
		}
		plain := (c.server == "optional" && c.options == "Encrypt=Optional") || c.server == "none"
		if logins := server.Logins(); len(logins) > 0 && logins[0].Encrypted == plain {
			t.Errorf("%s, %s: everything is encrypted = %v", c.server, c.options, !plain)
		}
		if c.want != "" && c.server != "strict" && len(server.Logins()) > 0 {
			t.Errorf("%s, %s: the login was sent to a server that is not trusted", c.server, c.options)
		}
	}
}

// TestStrictConnectionsAtOnce: the driver writes to the TLS configuration that it is given.
func TestStrictConnectionsAtOnce(t *testing.T) {
	server := mssqltest.Start(t, mssqltest.Options{})
	c := mustConnector(t, server.ADO("Encrypt=Strict", "ServerCertificate="+server.CertificateFile()))
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			conn, err := c.Connect(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.Close()
		})
	}
	done.Wait()
}

func TestCertificateFiles(t *testing.T) {
	server := mssqltest.Start(t, mssqltest.Options{})
	text, err := os.ReadFile(server.CertificateFile())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	block, _ := pem.Decode(text)
	key := pem.EncodeToMemory(&pem.Block{Type: "SOMETHING ELSE", Bytes: []byte("x")})
	for name, content := range map[string][]byte{
		"cert.der": block.Bytes, "cert.cer": block.Bytes, "with more.pem": append(append(key, text...), text...),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{server.ADO("Server Certificate=" + path), server.URL("certificate=" + path)} {
			if _, err := connect(t, text); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	bad := filepath.Join(dir, "hunter2.pem")
	begin := []byte("-----BEGIN CERTIFICATE-----\n")
	for _, content := range [][]byte{nil, []byte("hunter2"), key, bytes.Repeat(begin, 2)} {
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		checkFileError(t, server.ADO("Server Certificate="+bad), "holds no certificate")
		checkFileError(t, server.URL("certificate="+bad), "holds no certificate")
	}
	checkFileError(t, server.ADO("Server Certificate="+filepath.Join(dir, "hunter2")), "cannot be read: no such file")
}

func checkFileError(t *testing.T, text, want string) {
	t.Helper()
	_, err := mustParse(t, text).Connector()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Connector = %v; want an error with %q and without the path", err, want)
	}
}

// TestLogin: what the server sees of a client.
func TestLogin(t *testing.T) {
	server := mssqltest.Start(t, mssqltest.Options{})
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]mssqltest.Login{
		"TrustServerCertificate=true": {App: "libasherah", Host: name, PacketSize: 8000},
		"TrustServerCertificate=true;App=billing;WSID=node7;Packet Size=4096;ApplicationIntent=ReadOnly": {
			App: "billing", Host: "node7", PacketSize: 4096, ReadOnly: true,
		},
		"TrustServerCertificate=true;Packet Size=32768": {App: "libasherah", Host: name, PacketSize: 32767},
	} {
		server.Forget()
		if _, err := connect(t, server.ADO(options)); err != nil {
			t.Fatal(err)
		}
		got := server.Logins()[0]
		if got.App != want.App || got.Host != want.Host || got.PacketSize != want.PacketSize ||
			got.ReadOnly != want.ReadOnly || got.User != "asherah" || got.Database != "keys" || got.Server != "127.0.0.1" ||
			!got.Encrypted {
			t.Errorf("%s: %+v; want %+v", options, got, want)
		}
	}
}

// TestFailoverPartner: each server is tried, the one that answered last first; a login that is refused is not taken to
// the partner.
func TestFailoverPartner(t *testing.T) {
	one, two := mssqltest.Start(t, mssqltest.Options{Password: "p"}), mssqltest.Start(t, mssqltest.Options{Password: "p"})
	text := one.ADO(fmt.Sprintf("Failover Partner=tcp:127.0.0.1,%d", two.Port()), "TrustServerCertificate=true")
	c := mustConnector(t, text)
	tries := func() (int, int) { return len(one.Logins()), len(two.Logins()) }
	check := func(what string, wantOne, wantTwo int, wantErr bool) {
		t.Helper()
		conn, err := c.Connect(t.Context())
		if err == nil {
			_ = conn.Close()
		}
		if first, second := tries(); first != wantOne || second != wantTwo || (err != nil) != wantErr {
			t.Errorf("%s: %d and %d logins, error %v; want %d and %d", what, first, second, err, wantOne, wantTwo)
		}
		one.Forget()
		two.Forget()
	}
	check("both there", 1, 0, false)
	one.Stop()
	check("one stopped", 0, 1, false)
	if err := one.Restart(); err != nil {
		t.Fatal(err)
	}
	check("one there again", 0, 1, false)
	two.RefuseLogins(&mssqltest.Error{Number: 4060, State: 1, Class: 14, Message: "not the principal now"})
	check("two is no principal", 1, 1, false)
	two.RefuseLogins(nil)
	one.RefuseLogins(&mssqltest.Error{Number: 18456, State: 1, Class: 14, Message: "x"})
	check("refused", 1, 0, true)
	one.RefuseLogins(nil)
	one.Stop()
	two.Stop()
	check("nobody there", 0, 0, true)
}

// TestFailoverOfSilentServer: half of the time is kept for the partner.
func TestFailoverOfSilentServer(t *testing.T) {
	port, _ := silent(t, "127.0.0.1:0")
	two := mssqltest.Start(t, mssqltest.Options{})
	text := two.ADO(fmt.Sprintf("Failover Partner=127.0.0.1,%d", two.Port()), fmt.Sprintf("Server=127.0.0.1,%d", port),
		"Connect Timeout=4", "TrustServerCertificate=true")
	if _, err := connect(t, text); err != nil {
		t.Error(err)
	}
}

// TestRouting: a client that is sent on to another server checks that one's certificate.
func TestRouting(t *testing.T) {
	one := mssqltest.Start(t, mssqltest.Options{Password: "p", Names: []string{"127.0.0.1"}})
	two := mssqltest.Start(t, mssqltest.Options{Password: "p", Names: []string{"localhost"}})
	one.Route("localhost", two.Port())
	first, err := os.ReadFile(one.CertificateFile())
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(two.CertificateFile())
	if err != nil {
		t.Fatal(err)
	}
	both := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(both, append(first, second...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, one.URL("certificate="+both)); err != nil {
		t.Errorf("routed: %v", err)
	}
	if n := two.Connections(); n != 1 {
		t.Errorf("%d connections to the second server", n)
	}
	if _, err := connect(t, one.URL("certificate="+one.CertificateFile())); !strings.Contains(reason(err), "not trusted") {
		t.Errorf("routed to a server with an unknown certificate: %v", err)
	}
}

// TestRefusedLogin: the server's number is there.
func TestRefusedLogin(t *testing.T) {
	server := mssqltest.Start(t, mssqltest.Options{})
	_, err := connect(t, server.ADO("Password=wrong", "TrustServerCertificate=true"))
	var e mssql.Error
	if !errors.As(err, &e) || e.Number != 18456 {
		t.Errorf("Connect = %v", err)
	}
}

// TestHosts: names of this machine, in the forms that SqlClient takes.
func TestHosts(t *testing.T) {
	server := mssqltest.Start(t, mssqltest.Options{})
	for _, host := range []string{"localhost", "tcp:localhost", ".", "(local)", "127.0.0.1", "[127.0.0.1]"} {
		for _, more := range []string{"", ";MultiSubnetFailover=true", ";IP Address Preference=IPv6First"} {
			text := server.ADO(fmt.Sprintf("Server=%s,%d", host, server.Port()), "TrustServerCertificate=true") + more
			if _, err := connect(t, text); err != nil {
				t.Errorf("%s%s: %v", host, more, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := mustConnector(t, server.ADO("TrustServerCertificate=true")).Connect(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Connect with a cancelled context = %v", err)
	}
}
