package servertest

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// databases numbers the databases that tests made.
var databases atomic.Int64

// mariaDB is MariaDB as Debian packages it.
type mariaDB struct{}

// MariaDB runs a MariaDB server until the test and its subtests end.
func MariaDB(t testing.TB, o Options) *Server {
	t.Helper()
	return run(t, mariaDB{}, o)
}

// SharedMariaDB is a MariaDB server for the tests of one binary.
func SharedMariaDB(o Options) *Shared { return &Shared{product: mariaDB{}, options: o} }

func (mariaDB) account() string { return "mysql" }

func (mariaDB) install(s *Server) error {
	install, err := find("mariadb-install-db", "mariadb-install-db", "mysql_install_db")
	if err != nil {
		return err
	}
	s.User = "root"
	return s.runCommand(install, "--no-defaults", "--datadir="+s.data(), "--auth-root-authentication-method=normal",
		"--skip-test-db", "--skip-name-resolve")
}

// command runs the server in the time zone of its environment, which needs no tables of zones.
func (mariaDB) command(s *Server) ([]string, error) {
	program, err := find("mariadbd", "mariadbd", "/usr/sbin/mariadbd", "/usr/libexec/mariadbd")
	if err != nil {
		return nil, err
	}
	command := []string{
		program, "--no-defaults", "--datadir=" + s.data(), "--bind-address=" + s.Host, "--port=" + strconv.Itoa(s.Port),
		"--socket=server.sock", "--pid-file=server.pid", "--tmpdir=" + s.data(), "--skip-name-resolve",
		"--default-time-zone=SYSTEM", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=2",
	}
	if s.options.TLS {
		command = append(command, "--ssl-cert="+filepath.Join(s.dir, "server.pem"),
			"--ssl-key="+filepath.Join(s.dir, "server.key"), "--ssl-ca="+s.Authority)
	}
	return append(command, s.options.Arguments...), nil
}

func (mariaDB) ready(ctx context.Context, s *Server) error {
	db, err := s.openMySQL("")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.PingContext(ctx)
}

// MySQLConfig are the driver's settings for a database of the server, with its superuser.
func (s *Server) MySQLConfig(database string) *mysql.Config {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = s.User, s.Password, "tcp", s.Address(), database
	c.Logger = silent{}
	return c
}

type silent struct{}

func (silent) Print(...any) {}

func (s *Server) openMySQL(database string) (*sql.DB, error) {
	c, err := mysql.NewConnector(s.MySQLConfig(database))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// NewMySQLDatabase makes a database, executes statements in it, and returns its connection string, a DSN of the Go
// driver.
func (s *Server) NewMySQLDatabase(t testing.TB, statements ...string) string {
	t.Helper()
	db, err := s.openMySQL("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1) // USE is for one connection
	name := fmt.Sprintf("test%d", databases.Add(1))
	first := []string{"CREATE DATABASE " + name + " CHARACTER SET utf8mb4", "USE " + name}
	for _, statement := range append(first, statements...) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return s.MySQLConfig(name).FormatDSN()
}
