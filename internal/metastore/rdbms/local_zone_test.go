package rdbms_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// TestLocalRows: where clients wrote local time beside others in UTC, each key is found by its own time, and the newest
// one is the newest, not the one whose figures are the largest.
func TestLocalRows(t *testing.T) {
	inNewYork(t)
	const noon = 1_700_000_040
	type store struct {
		db     *sql.DB
		insert string
		open   func(rdbms.Options) *rdbms.Metastore
	}
	open := map[string]func() store{
		"PostgreSQL": func() store {
			dsn := postgresTable(t, postgresServer.Get(t), canonicalTable)
			return store{
				rawPostgres(t, dsn+"&default_query_exec_mode=simple_protocol"),
				"INSERT INTO encryption_key (id, created, key_record) VALUES ($1, $2, $3)",
				func(o rdbms.Options) *rdbms.Metastore { o.ConnectionString = dsn; return openPostgres(t, o) },
			}
		},
		"MariaDB": func() store {
			dsn := mysqlTable(t, mariaDBServer.Get(t), exactMySQLTable)
			return store{
				rawMySQL(t, dsn), "INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)",
				func(o rdbms.Options) *rdbms.Metastore { o.ConnectionString = dsn; return openMySQL(t, o) },
			}
		},
	}
	for name, open := range open {
		for _, zoneName := range []string{"America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
			zone, err := time.LoadLocation(zoneName)
			if err != nil {
				t.Fatal(err)
			}
			s := open()
			write := func(id string, created int64, in *time.Location) {
				text := (&envelope.KeyRecord{Created: created, Key: fmt.Append(nil, created)}).AppendJSON(nil)
				execute(t, s.db, s.insert, id, time.Unix(created, 0).In(in).Format(time.DateTime), string(text))
			}
			m := s.open(rdbms.Options{LocalZone: zone})
			expect := func(id string, newest int64, all ...int64) {
				for _, created := range all {
					got, err := m.Load(t.Context(), id, created)
					if err != nil || got == nil || got.Created != created || string(got.Key) != fmt.Sprint(created) {
						t.Errorf("%s, %s, %s: Load(%d) = %+v, %v", name, zone, id, created, got, err)
					}
				}
				if got, err := m.LoadLatest(t.Context(), id); err != nil || got == nil || got.Created != newest {
					t.Errorf("%s, %s, %s: LoadLatest = %+v, %v; want %d", name, zone, id, got, err, newest)
				}
			}
			write("local, then UTC", noon, zone)
			write("local, then UTC", noon+3600, time.UTC)
			expect("local, then UTC", noon+3600, noon, noon+3600)
			write("UTC, then local", noon, time.UTC)
			write("UTC, then local", noon+3600, zone)
			expect("UTC, then local", noon+3600, noon, noon+3600)

			// The figures of one are those of the other, read as UTC.
			_, offset := time.Unix(noon, 0).In(zone).Zone()
			write("other", noon, zone)
			if got, err := m.Load(t.Context(), "other", noon+int64(offset)); got != nil || err != nil {
				t.Errorf("%s, %s: Load of another moment = %+v, %v; want none", name, zone, got, err)
			}
			stored, err := m.Store(t.Context(), "ours", noon, &envelope.KeyRecord{Created: noon, Key: []byte(fmt.Sprint(noon))})
			if !stored || err != nil {
				t.Errorf("%s, %s: Store = %v, %v", name, zone, stored, err)
			}
			expect("ours", noon, noon)
			if got, err := s.open(rdbms.Options{}).Load(t.Context(), "ours", noon); err != nil || got == nil {
				t.Errorf("%s, %s: what was written is not in UTC: %+v, %v", name, zone, got, err)
			}

			execute(t, s.db, s.insert, "neither", "2023-11-14 03:04:05", string(recordOf(t).AppendJSON(nil)))
			if got, err := m.LoadLatest(t.Context(), "neither"); !failed(got, err) {
				t.Errorf("%s, %s: a time that is neither: LoadLatest = %+v, %v", name, zone, got, err)
			}
		}
	}
}
