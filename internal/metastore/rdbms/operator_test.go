package rdbms_test

import (
	"path/filepath"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// testOperator runs what the tool does on an empty store.
func testOperator(t *testing.T, m *rdbms.Metastore) {
	t.Helper()
	if err := m.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows, err := m.Sample(t.Context(), 10); err != nil || len(rows) != 0 {
		t.Fatalf("%v, %v", rows, err)
	}
	if found, err := m.Revoke(t.Context(), "_IK_a", 1_700_000_040); found || err != nil {
		t.Fatalf("%t, %v", found, err)
	}
	for _, id := range []string{"_IK_a", "_IK_b", "_IK_c"} {
		r := &envelope.KeyRecord{
			ID: id, Created: 1_700_000_040, Key: []byte(id), Parent: &envelope.KeyMeta{ID: "_SK_s", Created: 1_700_000_040},
		}
		if stored, err := m.Store(t.Context(), id, r.Created, r); !stored || err != nil {
			t.Fatal(stored, err)
		}
	}
	rows, err := m.Sample(t.Context(), 2)
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %v", rows, err)
	}
	for _, row := range rows {
		r, err := envelope.ParseKeyRecord(row.Text)
		if err != nil || row.Created != 1_700_000_040 || string(r.Key) != row.ID {
			t.Errorf("%+v, %v", row, err)
		}
	}
	for range 2 {
		if found, err := m.Revoke(t.Context(), "_IK_b", 1_700_000_040); !found || err != nil {
			t.Fatalf("%t, %v", found, err)
		}
	}
	for _, id := range []string{"_IK_a", "_IK_b", "_IK_c"} {
		r, err := m.LoadLatest(t.Context(), id)
		if err != nil || r.Revoked != (id == "_IK_b") || string(r.Key) != id || r.Parent == nil {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

func TestOperator(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		m, err := rdbms.OpenSQLite(filepath.Join(t.TempDir(), "keys.db"), true)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = m.Close() }()
		testOperator(t, m)
	})
	t.Run("postgres", func(t *testing.T) {
		server := postgresServer.Get(t)
		testOperator(t, openPostgres(t, rdbms.Options{ConnectionString: postgresTable(t, server, canonicalTable)}))
	})
	t.Run("mysql", func(t *testing.T) {
		server := mariaDBServer.Get(t)
		testOperator(t, openMySQL(t, rdbms.Options{ConnectionString: mysqlTable(t, server, canonicalMySQLTable)}))
	})
}
