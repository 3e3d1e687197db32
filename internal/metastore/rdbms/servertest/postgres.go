package servertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
)

// postgres is PostgreSQL as Debian packages it. Its data are not forced to the disk: a killed server leaves them in the
// kernel's cache, which is all that a test needs.
type postgres struct{}

// Postgres runs a PostgreSQL server until the test and its subtests end.
func Postgres(t testing.TB, o Options) *Server {
	t.Helper()
	return run(t, postgres{}, o)
}

// SharedPostgres is a PostgreSQL server for the tests of one binary.
func SharedPostgres(o Options) *Shared { return &Shared{product: postgres{}, options: o} }

func (postgres) account() string { return "postgres" }

func (postgres) program(name string) (string, error) {
	return find("PostgreSQL's "+name, "/usr/lib/postgresql/*/bin/"+name, name)
}

func (p postgres) install(s *Server) error {
	initdb, err := p.program("initdb")
	if err != nil {
		return err
	}
	s.User, s.Password = "owner", "secret-of-postgres"
	words := filepath.Join(s.dir, "password")
	if err := os.WriteFile(words, []byte(s.Password+"\n"), 0o600); err != nil {
		return err
	}
	if err := s.owner.takeOver(s.dir); err != nil {
		return err
	}
	return s.runCommand(initdb, "-D", s.data(), "-U", s.User, "--pwfile="+words, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
}

func (p postgres) command(s *Server) ([]string, error) {
	program, err := p.program("postgres")
	if err != nil {
		return nil, err
	}
	settings := map[string]string{
		"listen_addresses": s.Host, "port": strconv.Itoa(s.Port), "unix_socket_directories": "",
		"fsync": "off", "timezone": s.options.TimeZone, "log_timezone": "UTC", "max_connections": "100",
	}
	if s.options.TLS {
		settings["ssl"] = "on"
		settings["ssl_cert_file"] = filepath.Join(s.dir, "server.pem")
		settings["ssl_key_file"] = filepath.Join(s.dir, "server.key")
	}
	command := []string{program, "-D", s.data()}
	for name, value := range settings {
		command = append(command, "-c", name+"="+value)
	}
	return append(command, s.options.Arguments...), nil
}

func (postgres) ready(ctx context.Context, s *Server) error {
	conn, err := pgx.Connect(ctx, s.PostgresURL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// PostgresURL is a connection string for a database of the server, with its superuser.
func (s *Server) PostgresURL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(s.User, s.Password), Host: s.Address(), Path: "/" + database}
	return u.String()
}

// NewPostgresSchema makes a schema, as cheap as a database is dear, executes statements in it, and returns a connection
// string for it.
func (s *Server) NewPostgresSchema(t testing.TB, statements ...string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.PostgresURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	name := fmt.Sprintf("test%d", databases.Add(1))
	for _, statement := range append([]string{"CREATE SCHEMA " + name, "SET search_path = " + name}, statements...) {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return s.PostgresURL("postgres") + "?search_path=" + name
}
