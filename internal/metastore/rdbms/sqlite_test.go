package rdbms_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

func openSQLite(t *testing.T, path string, create bool) *rdbms.Metastore {
	t.Helper()
	m, err := rdbms.OpenSQLite(path, create)
	if err != nil {
		t.Fatalf("OpenSQLite: %v (%v)", err, cause(err))
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func cause(err error) error {
	if e, ok := err.(*envelope.Error); ok {
		return e.Cause
	}
	return nil
}

// rawSQL opens the file as any other program does.
func rawSQL(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestSQLiteConformance(t *testing.T) {
	paths := map[envelope.Metastore]string{}
	metastoretest.Run(t, metastoretest.Harness{
		Open: func(t *testing.T) envelope.Metastore {
			path := filepath.Join(t.TempDir(), "keys.db")
			m := openSQLite(t, path, true)
			paths[m] = path
			return m
		},
		Reopen: func(t *testing.T, first envelope.Metastore) envelope.Metastore {
			return openSQLite(t, paths[first], false)
		},
		MinCreated: -62167219200,
		MaxCreated: 253402300799,
	})
}

const keyRecord = `{"Created":1709663400,"Key":"c2VhbGVkIGtleQ==",` +
	`"ParentKeyMeta":{"KeyId":"_SK_s_p","Created":1709663400}}`

// failed is true for no record and an error of the metastore.
func failed(got *envelope.KeyRecord, err error) bool {
	return got == nil && envelope.CodeOf(err) == envelope.MetastoreFailed
}

// TestSQLiteTable: tables and rows made by other programs can be read, and what is written is what they write: created
// as datetime() makes it, and one JSON text.
func TestSQLiteTable(t *testing.T) {
	tables := map[string]string{
		"canonical": `CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL DEFAULT
			CURRENT_TIMESTAMP, key_record TEXT NOT NULL, PRIMARY KEY (id, created))`,
		"asherah-ffi": `CREATE TABLE encryption_key (id TEXT NOT NULL, created TIMESTAMP NOT NULL, key_record TEXT NOT
			NULL, PRIMARY KEY (id, created))`,
		"without rowid": `CREATE TABLE encryption_key (id TEXT, created DATETIME, key_record TEXT, note TEXT,
			PRIMARY KEY (created, id)) WITHOUT ROWID`,
		"unique index": `CREATE TABLE encryption_key (n INTEGER PRIMARY KEY, id TEXT, created TEXT, key_record JSON,
			UNIQUE (id, created))`,
	}
	for name, ddl := range tables {
		for _, create := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "keys.db")
				db := rawSQL(t, path)
				execute(t, db, ddl)
				execute(t, db, `INSERT INTO encryption_key (id, created, key_record)
					VALUES ('theirs', datetime(1709663400, 'unixepoch'), ?)`, keyRecord)

				m := openSQLite(t, path, create)
				theirs, err := m.Load(t.Context(), "theirs", 1709663400)
				if err != nil || theirs == nil || string(theirs.Key) != "sealed key" || theirs.ID != "theirs" {
					t.Fatalf("Load = %+v, %v", theirs, err)
				}
				if stored, err := m.Store(t.Context(), "theirs", 1709663400, theirs); stored || err != nil {
					t.Errorf("Store over their row = %v, %v; want false", stored, err)
				}
				if stored, err := m.Store(t.Context(), "ours", 1709663400, theirs); !stored || err != nil {
					t.Fatalf("Store = %v, %v", stored, err)
				}
				var created, kinds, text string
				row := db.QueryRow(`SELECT CAST(created AS TEXT), typeof(id) || typeof(created) || typeof(key_record), key_record
					FROM encryption_key WHERE id = 'ours' AND created = datetime(1709663400, 'unixepoch')`)
				if err := row.Scan(&created, &kinds, &text); err != nil {
					t.Fatal(err)
				}
				if created != "2024-03-05 18:30:00" || kinds != "texttexttext" || text != keyRecord {
					t.Errorf("stored created %q, kinds %q, record %s", created, kinds, text)
				}
			})
		}
	}
}

// TestSQLiteForeignRows: a row that is not of the table's form is an error, never an absence.
func TestSQLiteForeignRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	m := openSQLite(t, path, true)
	db := rawSQL(t, path)
	for created, value := range map[string]any{
		"a time with zone": "2024-03-05 18:30:00+00:00", "fractions": "2024-03-05 18:30:00.0000000",
		"ISO": "2024-03-05T18:30:00", "seconds": 1709663400, "empty": "", "words": "the day after the ball",
		"no such day": "2024-02-30 00:00:00",
	} {
		execute(t, db, `INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)`, created, value, keyRecord)
		if got, err := m.LoadLatest(t.Context(), created); !failed(got, err) {
			t.Errorf("created is %v: LoadLatest = %+v, %v; want MetastoreFailed", value, got, err)
		}
	}
	for name, value := range map[string]any{
		"empty": "", "no JSON": "key", "blob": []byte{0xff, 0}, "array": "[]", "null": "null", "number": 7,
		"cut": keyRecord[:40], "twice": keyRecord + keyRecord,
	} {
		id := "record " + name
		execute(t, db, `INSERT INTO encryption_key (id, created, key_record)
			VALUES (?, '2024-03-05 18:30:00', ?)`, id, value)
		if got, err := m.LoadLatest(t.Context(), id); got != nil || envelope.CodeOf(err) == envelope.OK {
			t.Errorf("key_record %s: LoadLatest = %+v, %v; want an error", name, got, err)
		}
		if got, err := m.Load(t.Context(), id, 1709663400); got != nil || envelope.CodeOf(err) == envelope.OK {
			t.Errorf("key_record %s: Load = %+v, %v; want an error", name, got, err)
		}
	}
}

// TestSQLiteFoldingTable: where the table's collation takes two ids for one, neither gets the other's record.
func TestSQLiteFoldingTable(t *testing.T) {
	for _, collation := range []string{"NOCASE", "RTRIM"} {
		path := filepath.Join(t.TempDir(), "keys.db")
		execute(t, rawSQL(t, path), `CREATE TABLE encryption_key (id TEXT NOT NULL COLLATE `+collation+`,
			created TIMESTAMP NOT NULL, key_record TEXT NOT NULL, PRIMARY KEY (id, created))`)
		m := openSQLite(t, path, false)
		record, err := envelope.ParseKeyRecord([]byte(keyRecord))
		if err != nil {
			t.Fatal(err)
		}
		id, twin := "_IK_alice", map[string]string{"NOCASE": "_IK_Alice", "RTRIM": "_IK_alice "}[collation]
		if stored, err := m.Store(t.Context(), id, 1709663400, record); !stored || err != nil {
			t.Fatalf("Store = %v, %v", stored, err)
		}
		if got, err := m.LoadLatest(t.Context(), twin); !failed(got, err) {
			t.Errorf("%s: LoadLatest of %q = %+v, %v; want MetastoreFailed", collation, twin, got, err)
		}
		if got, err := m.Load(t.Context(), twin, 1709663400); !failed(got, err) {
			t.Errorf("%s: Load of %q = %+v, %v; want MetastoreFailed", collation, twin, got, err)
		}
	}
}

// TestSQLiteConstraints: only a taken key is a duplicate; another constraint that refuses the row is an error.
func TestSQLiteConstraints(t *testing.T) {
	record, err := envelope.ParseKeyRecord([]byte(keyRecord))
	if err != nil {
		t.Fatal(err)
	}
	for name, statement := range map[string]string{
		"check": `CREATE TABLE encryption_key (id, created, key_record CHECK (length(key_record) < 5),
			PRIMARY KEY (id, created))`,
		"not null": `CREATE TABLE encryption_key (id, created, key_record, extra NOT NULL, PRIMARY KEY (id, created))`,
		"trigger": `CREATE TABLE encryption_key (id, created, key_record, PRIMARY KEY (id, created));
			CREATE TRIGGER t BEFORE INSERT ON encryption_key BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed'); END`,
	} {
		path := filepath.Join(t.TempDir(), "keys.db")
		execute(t, rawSQL(t, path), statement)
		m := openSQLite(t, path, false)
		stored, err := m.Store(t.Context(), "id", 1709663400, record)
		if stored || envelope.CodeOf(err) != envelope.MetastoreFailed {
			t.Errorf("%s: Store = %v, %v; want MetastoreFailed", name, stored, err)
		}
	}
}

func TestSQLiteKeySuffix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	m, err := rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{Path: path, Create: true, KeySuffix: "us-west-2"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	if got := m.KeySuffix(); got != "us-west-2" {
		t.Errorf("KeySuffix = %q", got)
	}
}

// TestSQLitePaths: names with the characters of a URI are names.
func TestSQLitePaths(t *testing.T) {
	for _, name := range []string{
		"a?mode=memory", "b#c", "d%41", "e f", "ü🔑", "g&h=i;j", "'k'", "mode=ro", "-l", `m\n`, "n:o",
	} {
		path := filepath.Join(t.TempDir(), name)
		openSQLite(t, path, true)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !strings.HasPrefix(entry.Name(), name) {
				t.Errorf("%q made the file %q", name, entry.Name())
			}
		}
	}
}
