package rdbms

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/libasherah/libasherah/internal/hooks"
)

// withoutPostgresEnvironment keeps the settings of whoever runs the tests out of them.
func withoutPostgresEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGAPPNAME", "PGOPTIONS", "PGTZ", "PGSERVICE",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
}

// describePostgres shows what decides about a connection.
func describePostgres(c *pgx.ConnConfig) string {
	text := fmt.Sprintf("%s %q@%s:%d /%s", c.User, c.Password, c.Host, c.Port, c.Database)
	mode := func(plain, skip, chain bool) string {
		switch {
		case plain:
			return "plain"
		case chain:
			return "chain"
		case skip:
			return "any certificate"
		default:
			return "full"
		}
	}
	tls := c.TLSConfig
	text += ", " + mode(tls == nil, tls != nil && tls.InsecureSkipVerify, tls != nil && tls.VerifyPeerCertificate != nil)
	for _, f := range c.Fallbacks {
		text += fmt.Sprintf(" or %s:%d ", f.Host, f.Port) +
			mode(f.TLSConfig == nil, f.TLSConfig != nil && f.TLSConfig.InsecureSkipVerify, false)
	}
	return text
}

// TestPostgresStrings: the forms of one setting mean the same.
func TestPostgresStrings(t *testing.T) {
	withoutPostgresEnvironment(t)
	authority := writeAuthority(t)
	const (
		word   = `p@ss:w/rd?#%&=;ü'" \x`
		prefer = `u "p"@db.example:5432 /keys, any certificate or db.example:5432 plain`
		any    = `u "p"@db.example:5432 /keys, any certificate`
		chain  = `u "p"@db.example:5432 /keys, chain`
		full   = `u "p"@db.example:5432 /keys, full`
		plain  = `u "p"@db.example:5432 /keys, plain`
	)
	strange := fmt.Sprintf(`u %q@db.example:5432 /keys, any certificate`, word)
	for _, c := range []struct{ text, want string }{
		// URL
		{"postgres://u:p@db.example/keys", prefer},
		{"postgresql://u:p@db.example:5432/keys?sslmode=prefer", prefer},
		{"postgres://u:p@db.example/keys?sslmode=disable", plain},
		{"postgres://u:p@db.example/keys?sslmode=require", any},
		{"postgres://u:p@db.example/keys?sslmode=verify-full", full},
		{"postgres://u:p@db.example/keys?ssl=true", any},
		{"postgres://u:p@db.example/keys?sslmode=require&sslrootcert=" + authority, chain},
		{"postgres://u:p@db.example/keys?sslmode=verify-ca&gssencmode=prefer", chain},
		{"postgres://u:p@db.example/keys?sslmode=require&pool_max_conns=9&keepalives=1", any},
		{
			"postgres://u:" + strings.ReplaceAll(url.QueryEscape(word), "+", "%20") + "@db.example/keys?sslmode=require",
			strange,
		},
		{"postgres://u:p@a:1,b:2/keys?sslmode=require", `u "p"@a:1 /keys, any certificate or b:2 any certificate`},
		{"postgres://u:p@%2Frun%2Fpostgresql/keys", `u "p"@/run/postgresql:5432 /keys, plain`},
		{"postgres:///keys?host=db.example&user=u&password=p&sslmode=require", any},

		// libpq
		{"host=db.example user=u password=p dbname=keys", prefer},
		{" host = db.example\tuser=u\npassword='p'  dbname=keys sslmode=require ", any},
		{
			`host=db.example user=u dbname=keys sslmode=require password='` +
				strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(word) + `'`,
			strange,
		},
		{`host=db.example user=u dbname=keys sslmode=require password=p\@ss:w/rd?#%&=;ü\'"\ \\x`, strange},
		{
			"host=db.example user=u password=p dbname=keys sslmode=verify-full fallback_application_name=x " +
				"binary_parameters=yes",
			full,
		},
		{
			"host=db.example user=u password=a;b=c dbname=keys sslmode=require",
			`u "a;b=c"@db.example:5432 /keys, any certificate`,
		},
		{"host=db.example user=u password=x; dbname=keys sslmode=require", `u "x;"@db.example:5432 /keys, any certificate`},
		{"host=a,b port=1,2 user=u password='' dbname=keys sslmode=disable", `u ""@a:1 /keys, plain or b:2 plain`},

		// Npgsql
		{"Host=db.example;Username=u;Password=p;Database=keys", prefer},
		{"host=db.example;username=u;password=p;database=keys", prefer},
		{"Server=db.example;User Id=u;PWD=p;DB=keys;SSL Mode=Prefer", prefer},
		{"Host=db.example;UserId=u;Password=p;Database=keys;SslMode=Disable", plain},
		{"Host=db.example;UID=u;PSW=p;Database=keys;SSL Mode=Require", any},
		{"Host=db.example;UID=u;PSW=p;Database=keys;SSL Mode=Require;Trust Server Certificate=true", any},
		{"Host=db.example;UID=u;PSW=p;Database=keys;SSL Mode=Require;TrustServerCertificate=False", full},
		{"Host=db.example;UID=u;PSW=p;Database=keys;SSL Mode=VerifyCA;Root Certificate=" + authority, chain},
		{"Host=db.example;UID=u;PSW=p;Database=keys;SSL Mode=VerifyFull", full},
		{
			`Host=db.example;UID=u;Database=keys;SSL Mode=Require;Password="` + strings.ReplaceAll(word, `"`, `""`) + `"`,
			strange,
		},
		{
			"Host=db.example;UID=u;Password=x;Password=p;Database=keys;SSL " +
				"Mode=Require;Enlist=true;Pooling=true;Encoding=UTF8",
			any,
		},
		{
			"Host=a,b;Port=7;UID=u;Password=p;Database=keys;SSL Mode=Require;Target Session Attributes=Read-Write",
			`u "p"@a:7 /keys, any certificate or b:7 any certificate`,
		},
		{
			"Host=/run/postgresql;Port=5433;Username=u;Password=my secret;Database=keys",
			`u "my secret"@/run/postgresql:5433 /keys, plain`,
		},
		{
			"Username=u;Password=p;Database=keys;Host=db.example;Search Path=s;Timezone=UTC;SSL Mode=Require;Check " +
				"Certificate Revocation=false",
			any,
		},
	} {
		text, want := c.text, c.want
		config, err := postgresConfig(&Options{ConnectionString: text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := describePostgres(config); got != want {
			t.Errorf("%s\nis   %s\nwant %s", text, got, want)
		}
		// What the server does not know as one of its settings ends every connection.
		for name := range config.RuntimeParams {
			if name != "application_name" && name != "search_path" && name != "timezone" {
				t.Errorf("%s: the server is sent the setting %s", text, name)
			}
		}
	}
}

func TestPostgresStringsRefused(t *testing.T) {
	withoutPostgresEnvironment(t)
	for _, c := range []struct{ text, want string }{
		{"", "is empty"},
		{"\t", "is empty"},
		{"hunter2", "keyword without ="},
		{"postgres://u:hunter2@db:port/k", "port"},
		{"postgres://u:hun/ter2hunter2@db/k", "percent-encode"},
		{"postgres://u:hunter2#@db/k", "%23"},
		{"postgres://u:hunter2%@db/k", "percent-encode"},
		{"postgres://u:hunter2@db/k?sslmode=hunter2", "sslmode must be"},
		{"postgres://u:hunter2@db/k?sslrootcert=/no/hunter2.pem", "sslrootcert"},
		{"postgres://u:hunter2@db/k?sslcert=/no/hunter2.pem&sslkey=/n", "sslcert"},
		{"postgres://u:hunter2@db/k?requirepeer=x", `"requirepeer" is not supported`},
		{"postgres://u:hunter2@db/k?gssencmode=require", "use TLS"},
		{"postgres://u:p@db/k?hunter2=1", "unknown keyword at character 21"},
		{"postgres://u:hunter2@db/k?sslmode=require&%zz=1", "%25"},
		{"postgres://u:hunter2@db/k?channel_binding=hunter2", "channel_binding"},
		{"postgres://u:hunter2@db/k?target_session_attrs=hunter2", "target_session_attrs"},
		{"postgres://u:hunter2@db/k?connect_timeout=hunter2", "connect_timeout"},
		{"postgres://u:hunter2@db/k?require_auth=hunter2", "require_auth"},
		{"postgres://u:hunter2@db/k?default_query_exec_mode=hunter2", "default_query_exec_mode"},
		{"postgres://u:hunter2@db/k?service=hunter2", "service"},
		{"host=db password=hunter2 sslcrl=/x", `"sslcrl" is not supported`},
		{"host=db password=hunter2 ssl=true", "write sslmode"},
		{"host=db password='hunter2", "no closing one"},
		{"host=db password=a hunter2=b", "unknown keyword at character 20"},
		{"host=db password=hun ter2hunter2", "keyword without = at character 22"},
		{"host=db password=hunter2 gssencmode=require", "use TLS"},
		{"host=db port=hunter2", "port"},
		{"Host=db;Password=hunter2;SSL Mode=Sometimes", "SSL Mode must be"},
		{"Host=db;Password=hunter2;SSL Mode=VerifyFull;Trust Server Certificate=true", "remove one"},
		{"Host=db;Password=hunter2;Trust Server Certificate=perhaps", "true or false"},
		{"Host=db;Password=hunter2;Check Certificate Revocation=true", "revoked"},
		{"Host=db;Password=hunter2;Integrated Security=true", "Kerberos"},
		{"Host=db;Password=hunter2;GSS Encryption Mode=Require", "use TLS"},
		{"Host=db;Password=hunter2;Target Session Attributes=PreferPrimary", "Target Session Attributes must be"},
		{"Host=db;Password=a;hunter2=b", "unknown keyword at character 20"},
		{"Host=db;Password=hunter2\"", "quote"},
		{"Host=db;Password=hunter2;Maximum Pool Size=many", "pool size must be"},
		{"Host=db;Password=hunter2;Replication Mode=Logical", "not supported"},
	} {
		text, want := c.text, c.want
		checkRefusal(t, text, want, OpenPostgres)
	}
	if _, err := OpenPostgres(Options{ConnectionString: "host=db", ReplicaReadConsistency: "session"}); err == nil {
		t.Error("ReplicaReadConsistency is accepted")
	}
}

func TestPostgresConnections(t *testing.T) {
	withoutPostgresEnvironment(t)
	o := Options{ConnectionString: "Host=db;Maximum Pool Size=7;Pooling=false;Connection Lifetime=60;" +
		"Connection Idle Lifetime=30;Command Timeout=4;Timeout=3"}
	c, err := postgresConfig(&o)
	if err != nil {
		t.Fatal(err)
	}
	if o.Pool != (Pool{7, -1, time.Minute, 30 * time.Second}) || o.QueryTimeout != 4*time.Second ||
		c.ConnectTimeout != 3*time.Second {
		t.Errorf("pool %+v, time limits %v and %v", o.Pool, o.QueryTimeout, c.ConnectTimeout)
	}
	if got := c.RuntimeParams["application_name"]; got != "libasherah" {
		t.Errorf("application_name is %q", got)
	}
	for text, warned := range map[string]bool{
		"postgres://u:p@db.example/k": true, "host=db.example sslmode=disable": true, "host=db.example sslmode=allow": true,
		"host=db.example sslmode=require": false, "Host=db.example;SSL Mode=VerifyFull": false, "host=localhost": false,
		"postgres://u:p@127.0.0.1/k": false, "host=/run/postgresql": false, "host=localhost,db.example": true,
	} {
		line := logged(hooks.Warn, func() {
			if m, err := OpenPostgres(Options{ConnectionString: text}); err != nil {
				t.Error(err)
			} else {
				_ = m.Close()
			}
		})
		if strings.Contains(line, "TLS") != warned {
			t.Errorf("%s logs %q", text, line)
		}
	}
}
