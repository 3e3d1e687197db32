package rdbms_test

import (
	"database/sql"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// TestForeignRows: a row that is not of the table's form is an error, never an absence.
func TestForeignRows(t *testing.T) {
	type table struct {
		m      *rdbms.Metastore
		db     *sql.DB
		insert string
		times  map[string]any // no times of creation
	}
	postgres := func(ddl string) table {
		dsn := postgresTable(t, postgresServer.Get(t), ddl)
		return table{
			openPostgres(t, rdbms.Options{ConnectionString: dsn}),
			rawPostgres(t, dsn+"&default_query_exec_mode=simple_protocol"),
			"INSERT INTO encryption_key (id, created, key_record) VALUES ($1, $2, $3)",
			map[string]any{"infinity": "infinity", "long ago": "-infinity", "fraction": "2024-03-05 18:30:00.5", "null": nil},
		}
	}
	mysql := func(ddl string) table {
		dsn := mysqlTable(t, mariaDBServer.Get(t), ddl)
		return table{
			openMySQL(t, rdbms.Options{ConnectionString: dsn}), rawMySQL(t, dsn+"?sql_mode=%27%27"),
			"INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)",
			map[string]any{
				"zero": "0000-00-00 00:00:00", "no month": "2024-00-05 18:30:00", "fraction": "2024-03-05 18:30:00.5", "null": nil,
			},
		}
	}
	const id, record = "id TEXT, ", "key_record TEXT, UNIQUE (id, created)"
	for name, s := range map[string]table{
		"TIMESTAMP":   postgres("CREATE TABLE encryption_key (" + id + "created TIMESTAMP, " + record + ")"),
		"TIMESTAMPTZ": postgres("CREATE TABLE encryption_key (" + id + "created TIMESTAMPTZ, " + record + ")"),
		"DATETIME": mysql(`CREATE TABLE encryption_key (id VARCHAR(255), created DATETIME(3), key_record TEXT,
			UNIQUE (id, created))`),
	} {
		for id, created := range s.times {
			execute(t, s.db, s.insert, id, created, keyRecord)
			if got, err := s.m.LoadLatest(t.Context(), id); !failed(got, err) {
				t.Errorf("%s: created is %v: LoadLatest = %+v, %v; want MetastoreFailed", name, created, got, err)
			}
		}
		for id, text := range map[string]any{
			"empty": "", "none": nil, "words": "key", "array": "[]", "cut": keyRecord[:40], "twice": keyRecord + keyRecord,
		} {
			execute(t, s.db, s.insert, id, "2024-03-05 18:30:00+00", text)
			got, err := s.m.LoadLatest(t.Context(), id)
			if got != nil || envelope.CodeOf(err) != envelope.MalformedRecord {
				t.Errorf("%s: key_record %v: LoadLatest = %+v, %v; want MalformedRecord", name, text, got, err)
			}
		}
	}
}
