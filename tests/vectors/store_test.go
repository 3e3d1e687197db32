package vectors

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// stores are the ways to put a file's rows in a metastore with a suffix.
var stores = map[string]opener{
	"text": func(_ *testing.T, rows []row, suffix string) envelope.Metastore {
		return &textStore{rows: rows, suffix: suffix}
	},
	"memory": newMemoryStore,
	"sqlite": newSQLiteStore,
}

// textStore keeps key_record texts as they are and reads one each time it is loaded, as every database does.
type textStore struct {
	mu     sync.Mutex
	rows   []row
	suffix string
}

func (s *textStore) KeySuffix() string { return s.suffix }

func (s *textStore) Load(_ context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	return s.find(func(r, _ *row) bool { return r.ID == id && r.Created == created })
}

func (s *textStore) LoadLatest(_ context.Context, id string) (*envelope.KeyRecord, error) {
	return s.find(func(r, best *row) bool { return r.ID == id && (best == nil || r.Created > best.Created) })
}

func (s *textStore) find(better func(r, best *row) bool) (*envelope.KeyRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var best *row
	for i := range s.rows {
		if better(&s.rows[i], best) {
			best = &s.rows[i]
		}
	}
	if best == nil {
		return nil, nil
	}
	record, err := envelope.ParseKeyRecord([]byte(best.KeyRecord))
	if err != nil {
		return nil, err
	}
	record.ID, record.Created = best.ID, best.Created
	return record, nil
}

func (s *textStore) Store(_ context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rows {
		if s.rows[i].ID == id && s.rows[i].Created == created {
			return false, nil
		}
	}
	s.rows = append(s.rows, row{ID: id, Created: created, KeyRecord: string(record.AppendJSON(nil))})
	return true, nil
}

// newMemoryStore leaves out the rows that are not records: a store of records cannot hold them.
func newMemoryStore(t *testing.T, rows []row, suffix string) envelope.Metastore {
	t.Helper()
	m := memory.NewWithSuffix(suffix)
	for _, r := range rows {
		record, err := envelope.ParseKeyRecord([]byte(r.KeyRecord))
		if err != nil {
			continue
		}
		if stored, err := m.Store(t.Context(), r.ID, r.Created, record); !stored || err != nil {
			t.Fatalf("Store(%q, %d) = %v, %v", r.ID, r.Created, stored, err)
		}
	}
	return m
}

// newSQLiteStore writes the rows with SQL, as the program that made the table would have.
func newSQLiteStore(t *testing.T, rows []row, suffix string) envelope.Metastore {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.db")
	m, err := rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{Path: path, Create: true, KeySuffix: suffix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if _, err := tx.Exec(`INSERT INTO encryption_key (id, created, key_record) VALUES (?, datetime(?, 'unixepoch'), ?)`,
			r.ID, r.Created, r.KeyRecord); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return m
}

// readRows reads the table as another program does.
func readRows(t *testing.T, path string) []row {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	result, err := db.Query(`SELECT id, CAST(strftime('%s', created) AS INTEGER), key_record FROM encryption_key`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = result.Close() }()
	var rows []row
	for result.Next() {
		var r row
		if err := result.Scan(&r.ID, &r.Created, &r.KeyRecord); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}
