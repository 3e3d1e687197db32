package servertest

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// TestServers: what a server was told outlives a kill, and nothing outlives the test.
func TestServers(t *testing.T) {
	for name, start := range map[string]func(t testing.TB) (*Server, string, string){
		"PostgreSQL": func(t testing.TB) (*Server, string, string) {
			s := Postgres(t, Options{TimeZone: "Asia/Tokyo"})
			return s, "pgx", s.NewPostgresSchema(t)
		},
		"MariaDB": func(t testing.TB) (*Server, string, string) {
			s := MariaDB(t, Options{TimeZone: "Asia/Tokyo"})
			return s, "mysql", s.NewMySQLDatabase(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var server *Server
			t.Run("run", func(t *testing.T) {
				s, driver, dsn := start(t)
				server = s
				db, err := sql.Open(driver, dsn)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = db.Close() }()
				mustExecute(t, db, "CREATE TABLE t (n INTEGER)")
				mustExecute(t, db, "INSERT INTO t VALUES (7)")
				s.Kill()
				if err := db.PingContext(t.Context()); err == nil {
					t.Error("a killed server answers")
				}
				if err := s.Start(); err != nil {
					t.Fatal(err)
				}
				var n int
				if err := db.QueryRowContext(t.Context(), "SELECT n FROM t").Scan(&n); err != nil || n != 7 {
					t.Errorf("after a restart: %d, %v", n, err)
				}
				s.Stop()
				if err := s.Start(); err != nil {
					t.Fatal(err)
				}
			})
			if server.process.running() || len(server.process.children()) != 0 {
				t.Error("the server outlived its test")
			}
			if _, err := os.Stat(filepath.Dir(server.log.Name())); !os.IsNotExist(err) {
				t.Errorf("its directory is still there: %v", err)
			}
		})
	}
}

func mustExecute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
