package rdbms

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// TestSQLiteSettings: on every connection acknowledged records survive a loss of power, and readers do not wait for
// writers.
func TestSQLiteSettings(t *testing.T) {
	m, err := OpenSQLite(filepath.Join(t.TempDir(), "keys.db"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	for range sqliteConnections {
		conn, err := m.db.Conn(t.Context()) // kept, so that the next one is another
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": sqliteSlice} {
			if got := readPragma(t, conn, pragma); got != want {
				t.Errorf("%s is %s; want %s", pragma, got, want)
			}
		}
	}
}

func readPragma(t *testing.T, conn *sql.Conn, pragma string) string {
	t.Helper()
	var value string
	if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
