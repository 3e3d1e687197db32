package mssqltest_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

func TestLoginsRefused(t *testing.T) {
	s := start(t, mssqltest.Options{Password: "right; 'or' \"wrong\""})
	base := s.URL("encrypt=true", "certificate="+s.CertificateFile())
	if err := openURL(t, base).PingContext(limit(t)); err != nil {
		t.Fatal(err)
	}
	wrongUser := strings.Replace(base, "asherah:", "other:", 1)
	wrongPassword := strings.Replace(base, "right", "Right", 1)
	wrongDatabase := strings.Replace(base, "database=keys", "database=other", 1)
	for dsn, want := range map[string]int32{wrongUser: 18456, wrongPassword: 18456, wrongDatabase: 4060} {
		err := openURL(t, dsn).PingContext(limit(t))
		if !strings.Contains(fmt.Sprint(err), "ogin") {
			t.Errorf("%v; want error %d", err, want)
		}
	}
	var refused []int32
	for _, l := range s.Logins() {
		if l.Error != nil {
			refused = append(refused, l.Error.Number)
		}
	}
	if len(refused) != 3 {
		t.Errorf("refused: %v", refused)
	}
	upper := strings.Replace(base, "database=keys", "database=KEYS", 1)
	if err := openURL(t, upper).PingContext(limit(t)); err != nil {
		t.Errorf("the database's name in capitals: %v", err)
	}
	s.RefuseLogins(&mssqltest.Error{Number: 18401, State: 1, Class: 14, Message: "Server is in script upgrade mode."})
	if err := openURL(t, base).PingContext(limit(t)); number(err) != 18401 {
		t.Errorf("%v; want error 18401", err)
	}
	s.RefuseLogins(nil)
	if err := openURL(t, base).PingContext(limit(t)); err != nil {
		t.Error(err)
	}
}

// TestEncryption: what becomes of a client's wish, and that the certificate counts.
func TestEncryption(t *testing.T) {
	other := start(t, mssqltest.Options{})
	for _, c := range []struct {
		server    mssqltest.Encryption
		option    string
		in        bool
		encrypted bool
	}{
		{mssqltest.Required, "encrypt=true", true, true},
		{mssqltest.Required, "encrypt=false", true, true},
		{mssqltest.Required, "encrypt=disable", false, false},
		{mssqltest.Required, "encrypt=strict", true, true},
		{mssqltest.Optional, "encrypt=true", true, true},
		{mssqltest.Optional, "encrypt=false", true, false},
		{mssqltest.Optional, "encrypt=disable", true, false},
		{mssqltest.NotSupported, "encrypt=true", false, false},
		{mssqltest.NotSupported, "encrypt=false", true, false},
		{mssqltest.NotSupported, "encrypt=disable", true, false},
		{mssqltest.NotSupported, "encrypt=strict", false, false},
		{mssqltest.Strict, "encrypt=strict", true, true},
		{mssqltest.Strict, "encrypt=true", false, false},
	} {
		s := start(t, mssqltest.Options{Encryption: c.server})
		db := openURL(t, s.URL(c.option, "certificate="+s.CertificateFile()))
		var one int
		err := db.QueryRowContext(limit(t), "SELECT 1").Scan(&one)
		logins := s.Logins()
		if (err == nil) != c.in || c.in && (len(logins) != 1 || logins[0].Encrypted != c.encrypted) {
			t.Errorf("server %d, %s: %v, %+v", c.server, c.option, err, logins)
		}
		if !c.encrypted || !c.in {
			continue
		}
		wrong := openURL(t, s.URL(c.option, "certificate="+other.CertificateFile()))
		if err := wrong.PingContext(limit(t)); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("server %d, %s, with another certificate: %v", c.server, c.option, err)
		}
	}
	s := start(t, mssqltest.Options{Names: []string{"db.example"}})
	if err := open(t, s).PingContext(limit(t)); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("a certificate for another name: %v", err)
	}
	if err := open(t, s, "hostnameincertificate=db.example").PingContext(limit(t)); err != nil {
		t.Errorf("a certificate for the name asked for: %v", err)
	}
}

// TestNoTLS13InPrelogin: servers do not speak TLS 1.3 inside of TDS 7.
func TestNoTLS13InPrelogin(t *testing.T) {
	s := start(t, mssqltest.Options{})
	if err := open(t, s, "tlsmin=1.3").PingContext(limit(t)); err == nil {
		t.Error("TLS 1.3 in TDS 7.4")
	}
	if err := open(t, s, "tlsmin=1.3", "encrypt=strict").PingContext(limit(t)); err != nil {
		t.Errorf("TLS 1.3 in TDS 8.0: %v", err)
	}
	conn, err := tls.Dial("tcp", net.JoinHostPort(s.Host(), fmt.Sprint(s.Port())), &tls.Config{
		InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, //nolint:gosec // to see it refused
	})
	if err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1")
	}
}

func TestRoutingAndPartner(t *testing.T) {
	gateway, node := start(t, mssqltest.Options{Password: "p"}), start(t, mssqltest.Options{Password: "p"})
	gateway.Route(node.Host(), node.Port())
	db := openURL(t, gateway.URL("encrypt=true", "trustservercertificate=true"))
	if err := insert(t, db, "routed"); err != nil {
		t.Fatal(err)
	}
	if count(t, node) != 1 || count(t, gateway) != 0 || !gateway.Logins()[0].Routed || node.Logins()[0].Routed {
		t.Errorf("rows: %d, %d; logins: %+v, %+v", count(t, node), count(t, gateway), gateway.Logins(), node.Logins())
	}
	gateway.Route("", 0)
	gateway.Stop()
	db = openURL(t, gateway.URL("encrypt=true", "trustservercertificate=true", "failoverpartner="+node.Host(),
		fmt.Sprintf("failoverport=%d", node.Port())))
	if err := insert(t, db, "failed over"); err != nil {
		t.Fatal(err)
	}
	if count(t, node) != 2 {
		t.Error("the partner has no row")
	}
	read := open(t, node, "applicationintent=ReadOnly", "app name=it", "workstation id=here")
	if err := read.PingContext(limit(t)); err != nil {
		t.Fatal(err)
	}
	logins := node.Logins()
	if l := logins[len(logins)-1]; !l.ReadOnly || l.App != "it" || l.Host != "here" || l.Database != "keys" ||
		l.User != "asherah" {
		t.Errorf("the login: %+v", l)
	}
}
