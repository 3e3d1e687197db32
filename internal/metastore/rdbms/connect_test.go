package rdbms_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

const password = "hunter2 'p@ss:w/rd?#%&=;ü\"\\"

// checkFailure: a call fails for the reason that want has, and nothing in the chain of errors shows the password.
func checkFailure(t *testing.T, m *rdbms.Metastore, want string) {
	t.Helper()
	got, err := m.LoadLatest(t.Context(), "id")
	if !failed(got, err) || !strings.Contains(err.Error(), want) {
		t.Errorf("LoadLatest = %+v, %v (%v); want %s", got, err, cause(err), want)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), "hunter2") {
			t.Errorf("the chain of errors shows the password: %v", err)
		}
	}
}

func checkWorks(t *testing.T, m *rdbms.Metastore) {
	t.Helper()
	if got, err := m.LoadLatest(t.Context(), "id"); err != nil {
		t.Errorf("LoadLatest = %+v, %v (%v)", got, err, cause(err))
	}
}

// otherAuthority is the file of a certificate authority that signed nothing here.
func otherAuthority(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.pem")
	other := servertest.NewAuthority(t)
	if err := os.WriteFile(path, other, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPostgresConnecting(t *testing.T) {
	server := servertest.Postgres(t, servertest.Options{TLS: true})
	admin := rawPostgres(t, server.PostgresURL("postgres"))
	execute(t, admin, canonicalTable)
	execute(t, admin, `CREATE ROLE "us;er" LOGIN PASSWORD '`+strings.ReplaceAll(password, "'", "''")+`'`)
	execute(t, admin, `CREATE ROLE reader LOGIN PASSWORD 'hunter2'`)
	execute(t, admin, `GRANT SELECT, INSERT ON encryption_key TO "us;er"; GRANT SELECT ON encryption_key TO reader`)
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	address := fmt.Sprintf("Host=%s;Port=%d;Database=postgres;Username=\"us;er\";", server.Host, server.Port)
	connect := func(text string) *rdbms.Metastore {
		return openPostgres(t, rdbms.Options{ConnectionString: text, RetryFor: -1})
	}
	open := func(rest string) *rdbms.Metastore {
		return connect(address + "Password=" + quoted(password) + ";" + rest)
	}
	secured := func() (encrypted bool) {
		row := admin.QueryRowContext(t.Context(), `SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid
			WHERE a.application_name = 'libasherah' ORDER BY a.backend_start DESC LIMIT 1`)
		if err := row.Scan(&encrypted); err != nil {
			t.Fatal(err)
		}
		return encrypted
	}
	for rest, encrypted := range map[string]bool{
		"": true, "SSL Mode=Prefer": true, "SSL Mode=Require": true, "SSL Mode=Disable": false, "SSL Mode=Allow": false,
		"SSL Mode=VerifyCA;Root Certificate=" + server.Authority:   true,
		"SSL Mode=VerifyFull;Root Certificate=" + server.Authority: true,
	} {
		checkWorks(t, open(rest))
		if got := secured(); got != encrypted {
			t.Errorf("%s: encrypted %v; want %v", rest, got, encrypted)
		}
	}
	other := otherAuthority(t)
	for _, mode := range []string{"VerifyCA", "VerifyFull"} {
		checkFailure(t, open("SSL Mode="+mode+";Root Certificate="+other), "certificate is not trusted")
	}
	checkFailure(t, connect(address+"Password=hunter2"), "does not accept the user")
	checkFailure(t, open("Database=none"), "database does not exist")

	plain := postgresServer.Get(t)
	checkFailure(t, connect(plain.PostgresURL("postgres")+"?sslmode=require"), "no TLS")
	checkFailure(t, connect("host=127.0.0.1 port=1 password=hunter2"), "no connection to the server")
	checkFailure(t, connect("host=no.such.host.invalid password=hunter2"), "cannot be resolved")

	reader := connect("Password=hunter2;" + strings.Replace(address, `"us;er"`, "reader", 1))
	checkWorks(t, reader)
	if !inspect(t, reader).Forbidden || inspect(t, open("")).Forbidden {
		t.Error("the right to insert is not seen")
	}
	stored, err := reader.Store(t.Context(), "id", 60, recordOf(t))
	if stored || envelope.CodeOf(err) != envelope.MetastoreFailed || !strings.Contains(err.Error(), "grant") {
		t.Errorf("Store of a reader = %v, %v", stored, err)
	}
}

func TestMySQLConnecting(t *testing.T) {
	server := servertest.MariaDB(t, servertest.Options{TLS: true})
	dsn := mysqlTable(t, server, canonicalMySQLTable)
	admin := rawMySQL(t, dsn)
	database := dsn[strings.LastIndex(dsn, "/")+1:]
	database, _, _ = strings.Cut(database, "?")
	escaped := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password)
	execute(t, admin, "CREATE USER 'us;er'@'%' IDENTIFIED BY '"+escaped+"'")
	execute(t, admin, "GRANT SELECT, INSERT ON "+database+".* TO 'us;er'@'%'")
	execute(t, admin, "CREATE USER reader@'%' IDENTIFIED BY 'hunter2'")
	execute(t, admin, "GRANT SELECT ON "+database+".* TO reader@'%'")
	address := fmt.Sprintf("Server=%s;Port=%d;Database=%s;Uid=\"us;er\";", server.Host, server.Port, database)
	connect := func(text string) *rdbms.Metastore {
		return openMySQL(t, rdbms.Options{ConnectionString: text, RetryFor: -1})
	}
	open := func(rest string) *rdbms.Metastore {
		word := `"` + strings.ReplaceAll(password, `"`, `""`) + `"`
		return connect(address + "Pwd=" + word + ";" + rest)
	}
	tlsConnections := func() int {
		var name string
		var n int
		if err := admin.QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE 'Ssl_accepts'").Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for rest, encrypted := range map[string]bool{
		"": true, "SslMode=Preferred": true, "SslMode=Required": true, "SslMode=None": false,
		"SslMode=VerifyCA;SslCa=" + server.Authority: true, "SslMode=VerifyFull;SslCa=" + server.Authority: true,
	} {
		before := tlsConnections()
		checkWorks(t, open(rest))
		if got := tlsConnections() > before; got != encrypted {
			t.Errorf("%s: encrypted %v; want %v", rest, got, encrypted)
		}
	}
	// A server without TLS, where that is allowed, does not switch it off for connections to come.
	link := metastoretest.NewLink(t, mariaDBServer.Get(t).Address())
	preferring := connect("root@tcp(" + link.Address() + ")/")
	checkFailure(t, preferring, "there is no table")
	link.Redirect(server.Address())
	link.Cut()
	before := tlsConnections()
	_, _ = preferring.LoadLatest(t.Context(), "id") // by the connection that was cut
	checkFailure(t, preferring, "there is no table")
	if tlsConnections() == before {
		t.Error("after a server without TLS, one that has it is spoken to without")
	}
	other := otherAuthority(t)
	for _, mode := range []string{"Preferred", "Required", "VerifyCA", "VerifyFull"} {
		checkFailure(t, open("SslMode="+mode+";SslCa="+other), "certificate is not trusted")
	}
	checkFailure(t, connect(address+"Pwd=hunter2"), "does not accept the user")
	checkFailure(t, connect("root@tcp("+server.Address()+")/none"), "database does not exist")
	checkFailure(t, connect("root@tcp("+server.Address()+")/"), "there is no table")
	checkFailure(t, connect("u:hunter2@tcp(127.0.0.1:1)/k"), "no connection to the server")
	checkFailure(t, connect("u:hunter2@tcp(no.such.host.invalid)/k"), "cannot be resolved")
	plain := mariaDBServer.Get(t)
	checkFailure(t, connect("root@tcp("+plain.Address()+")/k?tls=skip-verify"), "no TLS")
	replica := openMySQL(t, rdbms.Options{ConnectionString: dsn, ReplicaReadConsistency: "session"})
	checkFailure(t, replica, "Aurora MySQL's")

	reader := connect("Pwd=hunter2;" + strings.Replace(address, `"us;er"`, "reader", 1))
	checkWorks(t, reader)
	stored, err := reader.Store(t.Context(), "id", 60, recordOf(t))
	if stored || envelope.CodeOf(err) != envelope.MetastoreFailed || !strings.Contains(err.Error(), "grant") {
		t.Errorf("Store of a reader = %v, %v", stored, err)
	}
}

// TestPostgresModes: the ways in which a statement can be sent, for poolers that cannot do all, put the same times into
// the table, whatever zones the server and the process have.
func TestPostgresModes(t *testing.T) {
	inNewYork(t)
	for ddl, digits := range map[string]string{
		canonicalTable: "created::text", timestamptzTable: "(created AT TIME ZONE 'UTC')::text",
	} {
		dsn := postgresTable(t, postgresServer.Get(t), ddl) + "&timezone=Australia/Lord_Howe"
		db := rawPostgres(t, dsn)
		for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
			m := openPostgres(t, rdbms.Options{ConnectionString: dsn + "&default_query_exec_mode=" + mode})
			r := recordOf(t)
			id := "' " + mode
			if stored, err := m.Store(t.Context(), id, 1709663400, r); !stored || err != nil {
				t.Errorf("%s: Store = %v, %v (%v)", mode, stored, err, cause(err))
			}
			if got, err := m.Load(t.Context(), id, 1709663400); err != nil || got == nil || got.Created != 1709663400 {
				t.Errorf("%s: Load = %+v, %v (%v)", mode, got, err, cause(err))
			}
			if got, err := m.LoadLatest(t.Context(), id); err != nil || got == nil || got.Created != 1709663400 {
				t.Errorf("%s: LoadLatest = %+v, %v (%v)", mode, got, err, cause(err))
			}
			var text string
			err := db.QueryRowContext(t.Context(), "SELECT "+digits+" FROM encryption_key WHERE id = $1", id).Scan(&text)
			if err != nil || text != "2024-03-05 18:30:00" {
				t.Errorf("%s: the column has %q, %v", mode, text, err)
			}
		}
	}
}

// TestFailover: connections to a server that takes no changes any more are given up for new ones.
func TestFailover(t *testing.T) {
	dsn := mysqlTable(t, mariaDBServer.Get(t), canonicalMySQLTable)
	root := rawMySQL(t, dsn)
	execute(t, root, "CREATE USER app@'%' IDENTIFIED BY 'hunter2'")
	execute(t, root, "GRANT SELECT, INSERT ON *.* TO app@'%'")
	postgres := postgresTable(t, postgresServer.Get(t), canonicalTable)
	owner := rawPostgres(t, postgres)
	execute(t, owner, "CREATE ROLE app LOGIN PASSWORD 'hunter2'")
	schema := postgres[strings.Index(postgres, "search_path=")+len("search_path="):]
	execute(t, owner, "GRANT USAGE ON SCHEMA "+schema+" TO app; GRANT SELECT, INSERT ON encryption_key TO app")
	s := postgresServer.Get(t)
	for name, c := range map[string]struct {
		db              *sql.DB
		readOnly, again string
		open            func(retryFor time.Duration) *rdbms.Metastore
	}{
		"MariaDB": {
			root, "SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0",
			func(retryFor time.Duration) *rdbms.Metastore {
				dsn := strings.Replace(dsn, "root@", "app:hunter2@", 1)
				return openMySQL(t, rdbms.Options{ConnectionString: dsn, RetryFor: retryFor})
			},
		},
		"PostgreSQL": { // the setting is taken by new connections, and kept by them
			owner, "ALTER ROLE app SET default_transaction_read_only = on",
			"ALTER ROLE app SET default_transaction_read_only = off",
			func(retryFor time.Duration) *rdbms.Metastore {
				dsn := strings.Replace(postgres, s.User+":"+s.Password, "app:hunter2", 1)
				return openPostgres(t, rdbms.Options{ConnectionString: dsn, RetryFor: retryFor})
			},
		},
	} {
		execute(t, c.db, c.readOnly)
		hasty := c.open(-1)
		stored, err := hasty.Store(t.Context(), "hasty", 60, recordOf(t))
		if stored || envelope.CodeOf(err) != envelope.MetastoreFailed || !strings.Contains(err.Error(), "takes no changes") {
			t.Errorf("%s: Store on a replica = %v, %v", name, stored, err)
		}
		patient := c.open(time.Minute)
		time.AfterFunc(300*time.Millisecond, func() { _, _ = c.db.ExecContext(context.Background(), c.again) })
		if stored, err := patient.Store(t.Context(), "patient", 60, recordOf(t)); !stored || err != nil {
			t.Errorf("%s: Store over a failover = %v, %v (%v)", name, stored, err, cause(err))
		}
	}
}

// TestLenientMySQL: on a server that changes values to fit them in, ours are refused instead.
func TestLenientMySQL(t *testing.T) {
	server := mariaDBServer.Get(t)
	latin := mysqlTable(t, server, latinMySQLTable)
	raw := rawMySQL(t, latin)
	var strict string
	if err := raw.QueryRowContext(t.Context(), "SELECT @@GLOBAL.sql_mode").Scan(&strict); err != nil {
		t.Fatal(err)
	}
	execute(t, raw, "SET GLOBAL sql_mode = ''")
	defer execute(t, raw, "SET GLOBAL sql_mode = ?", strict)
	raw = rawMySQL(t, latin) // new connections have it
	const insert = "INSERT INTO encryption_key (id, created, key_record) VALUES (?, '2024-03-05 18:30:00', '{}')"
	execute(t, raw, insert, "🔑")
	var id string
	if err := raw.QueryRowContext(t.Context(), "SELECT id FROM encryption_key").Scan(&id); err != nil || id == "🔑" {
		t.Fatalf("the server is not lenient: it has stored %q, %v", id, err)
	}
	m := openMySQL(t, rdbms.Options{ConnectionString: latin})
	stored, err := m.Store(t.Context(), "🔒", 60, recordOf(t))
	if stored || envelope.CodeOf(err) != envelope.InvalidArgument {
		t.Errorf("Store of an id that the column cannot hold = %v, %v; want InvalidArgument", stored, err)
	}
	// 02:30 on the day when the server's clock goes from 02:00 to 03:00.
	m = openMySQL(t, rdbms.Options{ConnectionString: mysqlTable(t, server, canonicalMySQLTable)})
	stored, err = m.Store(t.Context(), "id", 1710037800, recordOf(t))
	if stored || envelope.CodeOf(err) != envelope.InvalidArgument {
		t.Errorf("Store at a time that the column cannot hold = %v, %v; want InvalidArgument", stored, err)
	}
	// A comparison with a time in that hour may find what is there an hour later: the row of another time.
	dsn := mysqlTable(t, server, canonicalMySQLTable)
	execute(t, rawMySQL(t, dsn), `INSERT INTO encryption_key (id, created, key_record)
		VALUES ('id', '2024-03-10 03:00:00', ?)`, keyRecord)
	m = openMySQL(t, rdbms.Options{ConnectionString: dsn})
	if got, err := m.Load(t.Context(), "id", 1710037800); got != nil {
		t.Errorf("Load at a time that the column cannot hold = %+v, %v; want none", got, err)
	}
	// A mode of the connection string is kept beside.
	dsn = mysqlTable(t, server, exactMySQLTable)
	m = openMySQL(t, rdbms.Options{ConnectionString: dsn + "?sql_mode=%27ANSI_QUOTES%27&wait_timeout=77"})
	checkWorks(t, m)
}
