package rdbms

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/libasherah/libasherah/internal/hooks"
)

// describeMySQL shows what decides about a connection.
func describeMySQL(c *mysql.Config) string {
	mode := "plain"
	switch {
	case c.TLS == nil:
	case c.AllowFallbackToPlaintext:
		mode = "preferred"
	case !c.TLS.InsecureSkipVerify:
		mode = "full " + c.TLS.ServerName
	case c.TLS.VerifyConnection != nil:
		mode = "chain"
	default:
		mode = "any certificate"
	}
	return fmt.Sprintf("%s %q@%s %s /%s, %s", c.User, c.Passwd, c.Net, c.Addr, c.DBName, mode)
}

// TestMySQLStrings: the forms of one setting mean the same.
func TestMySQLStrings(t *testing.T) {
	authority := writeAuthority(t)
	const word = `p@ss:w/rd?#%&=;ü'"`
	for _, c := range []struct{ text, want string }{
		// DSN of the Go driver
		{"u:p@tcp(db.example:3307)/keys", `u "p"@tcp db.example:3307 /keys, preferred`},
		{"u:p@tcp(db.example)/keys?tls=true", `u "p"@tcp db.example:3306 /keys, full db.example`},
		{"u:p@tcp(db.example)/keys?tls=skip-verify", `u "p"@tcp db.example:3306 /keys, any certificate`},
		{"u:p@tcp(db.example)/keys?tls=false&parseTime=true", `u "p"@tcp db.example:3306 /keys, plain`},
		{"u:p@tcp(db.example)/keys?tls=preferred", `u "p"@tcp db.example:3306 /keys, preferred`},
		{"u:p@tcp(db.example)/keys?tls=1&allowFallbackToPlaintext=1", `u "p"@tcp db.example:3306 /keys, preferred`},
		{"u@unix(/run/mysqld/s.sock)/keys", `u ""@unix /run/mysqld/s.sock /keys, preferred`},
		{"u:p@tcp([::1]:3306)/keys%2Fa?loc=UTC", `u "p"@tcp [::1]:3306 /keys/a, preferred`},
		{"u:" + word + "@tcp(db)/keys?timeout=3s", fmt.Sprintf("u %q@tcp db:3306 /keys, preferred", word)},
		{"/", ` ""@tcp 127.0.0.1:3306 /, preferred`},
		{"mysql://u:p@tcp(db.example:3307)/keys?tls=true", `u "p"@tcp db.example:3307 /keys, full db.example`},
		{"a=b:c=d@tcp(db)/keys", `a=b "c=d"@tcp db:3306 /keys, preferred`},

		// URL
		{"mysql://u:p@db.example:3307/keys", `u "p"@tcp db.example:3307 /keys, preferred`},
		{"mariadb://u:p@db.example/keys?ssl-mode=DISABLED", `u "p"@tcp db.example:3306 /keys, plain`},
		{"mysql://u:p@db.example/keys?sslmode=required", `u "p"@tcp db.example:3306 /keys, any certificate`},
		{"mysql://u:p@db.example/keys?ssl_mode=VERIFY_IDENTITY", `u "p"@tcp db.example:3306 /keys, full db.example`},
		{"mysql://u:p@db.example/keys?tls=true&parseTime=true", `u "p"@tcp db.example:3306 /keys, full db.example`},
		{"mysql://u:p@db.example/keys?tls=skip-verify", `u "p"@tcp db.example:3306 /keys, any certificate`},
		{"mysql://u:p@db.example/keys?ssl-ca=" + url.QueryEscape(authority), `u "p"@tcp db.example:3306 /keys, chain`},
		{"mysql://u:p@db.example/keys?ssl-mode=verify-ca&ssl-ca=" + authority, `u "p"@tcp db.example:3306 /keys, chain`},
		{"mysql://u:p@db.example/keys?ssl-mode=required&ssl-ca=" + authority, `u "p"@tcp db.example:3306 /keys, chain`},
		{
			"mysql://u:p@db.example/keys?ssl-mode=verify-full&ssl-ca=" + authority,
			`u "p"@tcp db.example:3306 /keys, full db.example`,
		},
		{
			"mysql://u:" + url.QueryEscape(word) + "@db/keys?charset=utf8",
			fmt.Sprintf("u %q@tcp db:3306 /keys, preferred", word),
		},
		{"mysql://u:p@ss@db/keys", `u "p@ss"@tcp db:3306 /keys, preferred`},
		{"mysql://us%40er@[fe80::1]:3307/keys", `us@er ""@tcp [fe80::1]:3307 /keys, preferred`},
		{"mysql://u:p@/keys?socket=/run/mysqld/s.sock", `u "p"@unix /run/mysqld/s.sock /keys, preferred`},
		{"mysql:///keys", ` ""@tcp 127.0.0.1:3306 /keys, preferred`},
		{
			"mysql://u:p@db/keys?connect-timeout=7&collation=utf8mb4_bin&tls-version=1.3",
			`u "p"@tcp db:3306 /keys, preferred`,
		},

		// ADO.NET
		{"Server=db.example;Port=3307;Uid=u;Pwd=p;Database=keys", `u "p"@tcp db.example:3307 /keys, preferred`},
		{
			"server=db.example;user id=u;password=p;initial catalog=keys;SslMode=None",
			`u "p"@tcp db.example:3306 /keys, plain`,
		},
		{
			"Host=db.example;Username=u;Password=p;Database=keys;Ssl Mode=Required",
			`u "p"@tcp db.example:3306 /keys, any certificate`,
		},
		{
			"Data Source=db.example;User=u;PWD=p;Database=keys;SSL-Mode=VerifyFull",
			`u "p"@tcp db.example:3306 /keys, full db.example`,
		},
		{
			"Server=db.example;Uid=u;Pwd=p;Database=keys;SslMode=VerifyCA;SslCa=" + authority,
			`u "p"@tcp db.example:3306 /keys, chain`,
		},
		{
			"Server=db.example;Uid=u;Pwd=p;Database=keys;CACertificateFile=" + authority,
			`u "p"@tcp db.example:3306 /keys, chain`,
		},
		{
			`Server=db;Uid=u;Database=keys;Pwd="` + strings.ReplaceAll(word, `"`, `""`) + `"`,
			fmt.Sprintf("u %q@tcp db:3306 /keys, preferred", word),
		},
		{
			`Server=db;Uid=u;Database=keys;Pwd='` + strings.ReplaceAll(word, `'`, `''`) + `'`,
			fmt.Sprintf("u %q@tcp db:3306 /keys, preferred", word),
		},
		{"Server=/run/mysqld/s.sock;Protocol=unix;Uid=u;Database=keys", `u ""@unix /run/mysqld/s.sock /keys, preferred`},
		{"Server=::1;Uid=u;Database=keys;Pooling=false;CharSet=latin1", `u ""@tcp [::1]:3306 /keys, preferred`},
		{"Server=a;Server=b;Uid=u;Uid=;Database=keys;Database=k2", ` ""@tcp b:3306 /k2, preferred`},
		{"Server=db;Uid=u;Pwd=a/b@tcp(c)/d;Database=keys", `u "a/b@tcp(c)/d"@tcp db:3306 /keys, preferred`},
	} {
		text, want := c.text, c.want
		c, err := mysqlConfig(&Options{ConnectionString: text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := describeMySQL(c); got != want {
			t.Errorf("%s\nis   %s\nwant %s", text, got, want)
		}
	}
}

// writeAuthority writes a certificate into a file.
func writeAuthority(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte(authorityText), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMySQLStringsRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "is empty"},
		{" \n", "is empty"},
		{"hunter2", "key without ="},
		{"u:hunter2@tcp(db/k", "not a DSN"},
		{"u:hunter2@tcp(db)/k?tls=hunter2", "tls must be true, false, skip-verify or preferred"},
		{"u:hunter2@tcp(db)/k?strict=true", "strict mode"},
		{"u:hunter2@tcp(db)/k?allowAllFiles=true", "no files"},
		{"u:hunter2@tcp(db)/k?allowOldPasswords=true", "not safe"},
		{"u:hunter2@tcp(db)/k?serverPubKey=x", "use tls=true"},
		{"u:hunter2@tcp(db)/k?Hunter2!=x", "at character 21"},
		{"u:hunter2@tcp(db)/k?loc=Local", "local time"},
		{"u:hunter2@tcp(db)/k?loc=America%2FNew_York", "local time"},
		{"u:hunter2@tcp(db)/k?readTimeout=hunter2", "value that it cannot have"},
		{"u:hunter2@tcp(db)/k?allowCleartextPasswords=true", "clear text"},
		{"u:hunter2@pigeon(db)/k?tls=true", "not a DSN"},
		{"mysql://u:hun/ter2hunter2@db/k", "percent-encode"},
		{"mysql://u:hunter2#x@db/k", "percent-encode"},
		{"mysql://u:hunter2%@db/k", "percent-encode"},
		{"mysql://u:hunter2@db:port/k", "percent-encode"},
		{"mysql://u:hunter2@db/k?ssl-mode=hunter2", "the TLS mode"},
		{"mysql://u:hunter2@db/k?tls=hunter2", "the TLS mode"},
		{"mysql://u:hunter2@db/k?tls=true&ssl-mode=disabled", "both tls and ssl-mode"},
		{"mysql://u:hunter2@db/k?ssl-crl=/hunter2", "revoked"},
		{"mysql://u:hunter2@db/k?ssl-ca=/no/hunter2.pem", "ssl-ca"},
		{"mysql://u:hunter2@db/k?ssl-cert=/no/hunter2.pem", "ssl-cert and ssl-key"},
		{"mysql://u:hunter2@db/k?tls-version=TLSv1.1", "not safe"},
		{"mysql://u:hunter2@db/k?tls-version=hunter2", "TLS 1.2 and TLS 1.3"},
		{"mysql://u:hunter2@db/k?requireSSL=true", "write ssl-mode"},
		{"mysql://u:p@db/k?hunter2=1", "unknown keyword"},
		{"mysql://u:hunter2@db/k?connect-timeout=soon", "whole number"},
		{"mysql://u:hunter2@db/k?timeout=7", "with its unit"},
		{"Server=db;Pwd=a;hunter2=b", "unknown keyword at character 17"},
		{"Server=db;Pwd=hunter2'", "quote"},
		{"Server=db;Pwd=hunter2;SslMode=Sometimes", "the TLS mode"},
		{"Server=db;Pwd=hunter2;Certificate Thumbprint=hunter2", "certificate stores"},
		{"Server=db;Pwd=hunter2;CertificateFile=/hunter2.pfx", "PFX"},
		{"Server=db;Pwd=hunter2;Integrated Security=yes", "Kerberos"},
		{"Server=db;Pwd=hunter2;AllowLoadLocalInfile=true", "no files"},
		{"Server=db;Pwd=hunter2;AllowPublicKeyRetrieval=false", "demand TLS"},
		{"Server=db;Pwd=hunter2;Port=hunter2", "port must be a whole number"},
		{"Server=db1,db2;Pwd=hunter2", "one host"},
		{"Server=db;Pwd=hunter2;Protocol=Pipe", "protocol must be"},
		{"Server=db;Pwd=hunter2;Max Pool Size=many", "pool size must be"},
		{"Server=db;Pwd=p/w;Hunter2=x", "unknown keyword"},
	} {
		text, want := c.text, c.want
		checkRefusal(t, text, want, OpenMySQL)
	}
	if _, err := mysqlConfig(&Options{ConnectionString: "u:p@tcp(db)/k?loc=Local", LocalZone: time.UTC}); err != nil {
		t.Errorf("loc, where rows in local time are expected: %v", err)
	}
	for _, consistency := range []string{"strong", "'session'", "session; DROP TABLE encryption_key"} {
		if _, err := OpenMySQL(Options{ConnectionString: "u@tcp(db)/k", ReplicaReadConsistency: consistency}); err == nil {
			t.Errorf("ReplicaReadConsistency %q is accepted", consistency)
		}
	}
}

// TestMySQLConnections: what every connection has set, and what the pool takes from the form of ADO.NET.
func TestMySQLConnections(t *testing.T) {
	o := Options{ConnectionString: "Server=db;Max Pool Size=7;Pooling=False;Connection Lifetime=60;" +
		"Connection Idle Timeout=30;Default Command Timeout=0"}
	if _, err := mysqlConfig(&o); err != nil {
		t.Fatal(err)
	}
	if o.Pool != (Pool{7, -1, time.Minute, 30 * time.Second}) || o.QueryTimeout != -1 {
		t.Errorf("pool %+v, time limit %v", o.Pool, o.QueryTimeout)
	}
	given := Pool{MaxOpen: 3, MaxLifetime: -1}
	o = Options{ConnectionString: "Server=db;Max Pool Size=7;Connection Lifetime=60;Command Timeout=9", Pool: given}
	if _, err := mysqlConfig(&o); err != nil || o.Pool != given || o.QueryTimeout != 9*time.Second {
		t.Errorf("the options do not go before the string: %+v, %v, %v", o.Pool, o.QueryTimeout, err)
	}
	for text, warned := range map[string]bool{
		"u:p@tcp(db.example)/k":                 true,
		"u:p@tcp(db.example)/k?tls=false":       true,
		"u:p@tcp(db.example)/k?tls=skip-verify": false,
		"u:p@tcp(127.0.0.1)/k":                  false,
		"u:p@tcp(localhost:3306)/k":             false,
		"u:p@unix(/s)/k":                        false,
		"u:p@tcp([::1]:1)/k":                    false,
	} {
		line := logged(hooks.Warn, func() {
			if m, err := OpenMySQL(Options{ConnectionString: text}); err != nil {
				t.Error(err)
			} else {
				_ = m.Close()
			}
		})
		if strings.Contains(line, "TLS") != warned {
			t.Errorf("%s logs %q", text, line)
		}
	}
	c := &mysql.Config{Net: "tcp", Addr: "db:3306"}
	s := &settings{database: "MySQL", values: map[string]string{"ssl-mode": "required", "tls-version": "TLS 1.1, TLS 1.2"}}
	err := applyMySQLTLS(s, c)
	if err != nil || c.TLS.MinVersion != tls.VersionTLS12 || c.TLS.MaxVersion != tls.VersionTLS12 {
		t.Errorf("TLS versions: %+v, %v", c.TLS, err)
	}
}
