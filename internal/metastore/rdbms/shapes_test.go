package rdbms_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones below must exist on every machine

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// shapes is what of tests/vectors/sql-shapes.json is used here: what the other SDKs send to a server, and what was then
// found in it.
type shapes struct {
	Go struct {
		Recorded []struct {
			Type       string `json:"db_type"`
			Statements []struct {
				Kind, SQL string
				Args      []struct{ Value string }
			}
		}
	} `json:"go_sql_metastore"`
	Observed struct {
		Observations []struct {
			Server  string
			Column  string `json:"created_column_type"`
			Client  string `json:"client_process_tz"`
			Created string `json:"created_utc"`
			Stored  string `json:"stored_created_text"`
		}
	}
}

func readShapes(t *testing.T) shapes {
	t.Helper()
	text, err := os.ReadFile("../../../tests/vectors/sql-shapes.json")
	if err != nil {
		t.Fatal(err)
	}
	var s shapes
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Go.Recorded) < 3 || len(s.Observed.Observations) < 8 {
		t.Fatalf("%d kinds of database and %d observations", len(s.Go.Recorded), len(s.Observed.Observations))
	}
	return s
}

// inNewYork has the process's own zone be one with daylight saving time while a test runs.
func inNewYork(t *testing.T) {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	local := time.Local
	time.Local = zone
	t.Cleanup(func() { time.Local = local })
}

// exchange executes what the Go SDK sends for a kind of database, and has each side find what the other one stored.
func exchange(t *testing.T, kind string, db *sql.DB, m *rdbms.Metastore) {
	t.Helper()
	executed := 0
	for _, recorded := range readShapes(t).Go.Recorded {
		if recorded.Type != kind {
			continue
		}
		executed += len(recorded.Statements)
		for _, s := range recorded.Statements {
			var args []any
			for i, a := range s.Args {
				args = append(args, a.Value)
				if created, err := time.Parse(time.RFC3339, a.Value); i == 1 && err == nil {
					args[i] = created.Local()
				}
			}
			if s.Kind != "store" {
				checkFoundByThem(t, db, m, s.SQL, args)
				continue
			}
			execute(t, db, s.SQL, args...)
			id, created := s.Args[0].Value, args[1].(time.Time).Unix()
			got, err := m.Load(t.Context(), id, created)
			if err != nil || got == nil || string(got.AppendJSON(nil)) != s.Args[2].Value {
				t.Errorf("Load of what the Go SDK stored = %+v, %v", got, err)
			}
			latest, err := m.LoadLatest(t.Context(), id)
			if err != nil || latest == nil || latest.Created != created {
				t.Errorf("LoadLatest of what the Go SDK stored = %+v, %v", latest, err)
			}
			if stored, err := m.Store(t.Context(), id, created, got); stored || err != nil {
				t.Errorf("Store over what the Go SDK stored = %v, %v; want false", stored, err)
			}
		}
	}
	if executed < 6 {
		t.Errorf("%d statements for %s", executed, kind)
	}
}

// checkFoundByThem executes a query of the Go SDK for a key that we stored under its name with another beginning.
func checkFoundByThem(t *testing.T, db *sql.DB, m *rdbms.Metastore, query string, args []any) {
	t.Helper()
	id, created := "ours"+args[0].(string), int64(1709663280)
	theirs := append([]any{id}, args[1:]...)
	if len(args) > 1 {
		created = args[1].(time.Time).Unix()
	}
	ours := recordOf(t)
	if _, err := m.Store(t.Context(), id, created, ours); err != nil {
		t.Fatal(err)
	}
	var text string
	err := db.QueryRowContext(t.Context(), query, theirs...).Scan(&text)
	if err != nil || text != string(ours.AppendJSON(nil)) {
		t.Errorf("%s finds %s, %v; want what we stored", query, text, err)
	}
}

// checkObserved puts rows into the table as other SDKs were seen to, and has those in UTC found, and those in local
// time only where they are asked for. insert takes id, created as text, and key_record.
func checkObserved(
	t *testing.T, server, column string, db *sql.DB, insert string, open func(rdbms.Options) *rdbms.Metastore,
) {
	t.Helper()
	plain := open(rdbms.Options{})
	checked := 0
	for i, o := range readShapes(t).Observed.Observations {
		if !strings.HasPrefix(o.Server, server) || o.Column != column {
			continue
		}
		checked++
		created, err := time.Parse(time.DateTime, o.Created)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(o.Client)
		if err != nil {
			t.Fatal(err)
		}
		id := "observed" + string(rune('a'+i))
		execute(t, db, insert, id, o.Stored, keyRecord)
		isUTC := strings.HasPrefix(o.Stored, o.Created)
		got, err := plain.Load(t.Context(), id, created.Unix())
		if err != nil || (got != nil) != isUTC {
			t.Errorf("%s: Load = %+v, %v", o.Stored, got, err)
		}
		local := open(rdbms.Options{LocalZone: zone})
		if got, err = local.Load(t.Context(), id, created.Unix()); err != nil || got == nil || got.Created != created.Unix() {
			t.Errorf("%s, reading local time too: Load = %+v, %v", o.Stored, got, err)
		}
		if got, err = local.LoadLatest(t.Context(), id); err != nil || got == nil || got.Created != created.Unix() {
			t.Errorf("%s, reading local time too: LoadLatest = %+v, %v", o.Stored, got, err)
		}
	}
	if checked == 0 {
		t.Errorf("nothing was observed of %s with %s", server, column)
	}
}

func TestPostgresShapes(t *testing.T) {
	inNewYork(t)
	for column, ddl := range map[string]string{"TIMESTAMP": canonicalTable, "TIMESTAMPTZ": timestamptzTable} {
		dsn := postgresTable(t, postgresServer.Get(t), ddl)
		open := func(o rdbms.Options) *rdbms.Metastore {
			o.ConnectionString = dsn
			return openPostgres(t, o)
		}
		if column == "TIMESTAMPTZ" { // in a TIMESTAMP this client's zone would be kept: that is in checkObserved
			exchange(t, "postgres", rawPostgres(t, dsn), open(rdbms.Options{}))
		}
		checkObserved(t, "PostgreSQL", column, rawPostgres(t, dsn+"&default_query_exec_mode=simple_protocol"),
			"INSERT INTO encryption_key (id, created, key_record) VALUES ($1, $2, $3)", open)
	}
}

func TestMySQLShapes(t *testing.T) {
	inNewYork(t)
	for _, kind := range []string{"mysql", "(default, no option)"} {
		dsn := mysqlTable(t, mariaDBServer.Get(t), canonicalMySQLTable)
		open := func(o rdbms.Options) *rdbms.Metastore {
			o.ConnectionString = dsn
			return openMySQL(t, o)
		}
		exchange(t, kind, rawMySQL(t, dsn), open(rdbms.Options{}))
		checkObserved(t, "MySQL", "TIMESTAMP", rawMySQL(t, dsn),
			"INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)", open)
	}
}

// TestSDKRecords: the members of a record stand in the order that each SDK writes.
func TestSDKRecords(t *testing.T) {
	dsn := mysqlTable(t, mariaDBServer.Get(t), canonicalMySQLTable)
	m, db := openMySQL(t, rdbms.Options{ConnectionString: dsn}), rawMySQL(t, dsn)
	const (
		created = "2024-03-05 18:30:00"
		member  = `"Created":1709663400`
		key     = `"Key":"c2VhbGVkIGtleQ=="`
		parent  = `"ParentKeyMeta":{"KeyId":"_SK_s_p","Created":1709663400}`
		revoked = `"Revoked":true`
	)
	for id, text := range map[string]string{
		"go":      "{" + revoked + "," + member + "," + key + "," + parent + "}",
		"c sharp": "{" + member + "," + key + "," + parent + "," + revoked + "}",
		"java":    "{" + parent + "," + revoked + "," + member + "," + key + "}",
		"blanks": "{ \"Key\": \"c2VhbGVkIGtleQ==\",\r\n \"Created\" : 1709663400, \"Revoked\":true,\n" +
			`"ParentKeyMeta": {"Created":1709663400, "KeyId":"_SK_s_p"} }`,
	} {
		execute(t, db, "INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)", id, created, text)
		got, err := m.Load(t.Context(), id, 1709663400)
		if err != nil || got == nil || string(got.Key) != "sealed key" || !got.Revoked || got.Parent == nil ||
			*got.Parent != (envelope.KeyMeta{ID: "_SK_s_p", Created: 1709663400}) {
			t.Errorf("%s: Load = %+v, %v", id, got, err)
		}
	}
}
