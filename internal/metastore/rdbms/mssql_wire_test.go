package rdbms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

const wireCreated = 1_700_000_040

// wireRecord has a parent with letters that not every VARCHAR holds.
func wireRecord(id string) *envelope.KeyRecord {
	return &envelope.KeyRecord{
		ID: id, Created: wireCreated, Key: []byte("sealed"),
		Parent: &envelope.KeyMeta{ID: "_SK_é日🔑_p", Created: wireCreated - 60},
	}
}

// TestMSSQLWire: statements, types and values of parameters are those of the table's columns, so that the server
// converts, rounds and loses nothing and uses the index. A load is one request once the table is known, and none is
// prepared.
func TestMSSQLWire(t *testing.T) {
	inNewYork(t)
	const id = "_IK_alice_s_p"
	when := time.Unix(wireCreated, 0).UTC()
	plainJSON := string(wireRecord(id).AppendJSON(nil))
	escaped := strings.NewReplacer("é", `\u00e9`, "日", `\u65e5`, "🔑", `\ud83d\udd11`).Replace(plainJSON)
	types := map[string]struct{ id, created, record, json string }{
		"ddl":                          {"nvarchar(13)", "datetime2(7)", "nvarchar(max)", plainJSON},
		"plan":                         {"nvarchar(13)", "datetime2(7)", "nvarchar(max)", plainJSON},
		"varchar and datetime":         {"varchar(13)", "datetime", "varchar(max)", escaped},
		"datetimeoffset, unique index": {"nvarchar(13)", "datetimeoffset(7)", "nvarchar(max)", plainJSON},
		"UTF-8":                        {"varchar(13)", "datetime2(7)", "varchar(max)", escaped},
	}
	for _, table := range mssqlTables(t) {
		t.Run(table.name, func(t *testing.T) {
			d := standInMSSQL(t, mssqltest.Options{}, table.ddl)
			m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
			if err := m.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.standIn.Forget()
			if stored, err := m.Store(t.Context(), id, wireCreated, wireRecord(id)); !stored || err != nil {
				t.Fatal(stored, err)
			}
			if got, err := m.Load(t.Context(), id, wireCreated); got == nil || err != nil {
				t.Fatal(got, err)
			}
			if got, err := m.LoadLatest(t.Context(), id); got == nil || err != nil {
				t.Fatal(got, err)
			}
			want := types[table.name]
			params := []mssqltest.Param{
				{Name: "@p1", Type: want.id, Value: id},
				{Name: "@p2", Type: want.created, Value: when},
				{Name: "@p3", Type: want.record, Value: want.json},
			}
			declared := fmt.Sprintf("@p1 %s,@p2 %s,@p3 %s", want.id, want.created, want.record)
			checkRequests(t, d.standIn.Requests(), []mssqltest.Request{
				{
					Statement: "INSERT INTO encryption_key (id, created, key_record) VALUES (@p1, @p2, @p3)",
					Declared:  declared, Params: params,
				},
				{
					Statement: "SELECT id, created, key_record FROM encryption_key WHERE id = @p1 AND created = @p2",
					Declared:  declared[:strings.Index(declared, ",@p3")], Params: params[:2],
				},
				{
					Statement: "SELECT TOP (1) id, created, key_record FROM encryption_key WHERE id = @p1 ORDER BY created DESC",
					Declared:  declared[:strings.Index(declared, ",@p2")], Params: params[:1],
				},
			})
		})
	}
}

func checkRequests(t *testing.T, got, want []mssqltest.Request) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d requests; want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		g := got[i]
		if g.Procedure != "sp_executesql" || g.Statement != w.Statement || g.Declared != w.Declared {
			t.Errorf("request %s %q %q; want %q %q", g.Procedure, g.Statement, g.Declared, w.Statement, w.Declared)
		}
		if len(g.Notes) > 0 || g.Error != nil || g.Cancelled || g.Rows != 1 {
			t.Errorf("%q: notes %+v, error %v, cancelled %v, rows %d", g.Statement, g.Notes, g.Error, g.Cancelled, g.Rows)
		}
		if !slices.EqualFunc(g.Params, w.Params, sameParam) {
			t.Errorf("%q: parameters %+v; want %+v", g.Statement, g.Params, w.Params)
		}
	}
}

func sameParam(a, b mssqltest.Param) bool {
	if at, ok := a.Value.(time.Time); ok {
		bt, ok := b.Value.(time.Time)
		_, offset := at.Zone()
		return ok && at.Equal(bt) && offset == 0 && a.Name == b.Name && a.Type == b.Type
	}
	return a == b
}

// TestMSSQLPlainBinding: what TestMSSQLWire guards against happens with the types that the driver chooses by itself.
func TestMSSQLPlainBinding(t *testing.T) {
	inNewYork(t)
	table := mssqlTables(t)[2]
	if table.name != "varchar and datetime" {
		t.Fatal(table.name)
	}
	d := standInMSSQL(t, mssqltest.Options{}, table.ddl)
	db := rawMSSQL(t, d.ado())
	local := time.Unix(wireCreated, 0)
	if _, err := db.Exec("INSERT INTO encryption_key VALUES (@p1, @p2, @p3)", "_IK_日", local, "{}"); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow("SELECT id FROM encryption_key WHERE id = @p1", "x").Scan(new(string)); err == nil {
		t.Error("there is a row x")
	}
	noted := map[string]bool{}
	for _, r := range d.standIn.Requests() {
		for _, n := range r.Notes {
			noted[string(n.Kind)] = true
		}
	}
	for _, kind := range []string{string(mssqltest.Scan), string(mssqltest.Lost), string(mssqltest.OffsetDropped)} {
		if !noted[kind] {
			t.Errorf("no note %q: %v", kind, noted)
		}
	}
}

// TestMSSQLCanonical: rows that SqlClient writes for the canonical SDK of C#, with the types that it chooses, are
// found, and its statements find ours.
func TestMSSQLCanonical(t *testing.T) {
	inNewYork(t)
	for _, table := range mssqlTables(t) {
		t.Run(table.name, func(t *testing.T) {
			d := standInMSSQL(t, mssqltest.Options{}, table.ddl)
			db := rawMSSQL(t, d.ado())
			m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
			theirs, ours := wireRecord("_IK_theirs_s_p"), wireRecord("_IK_ours_s_p")
			when := mssql.DateTime1(time.Unix(wireCreated, 0).UTC())
			_, err := db.Exec("INSERT INTO encryption_key (id, created, key_record) VALUES (@p1, @p2, @p3)", theirs.ID, when,
				string((&envelope.KeyRecord{Created: wireCreated, Key: theirs.Key}).AppendJSON(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if stored, err := m.Store(t.Context(), theirs.ID, wireCreated, ours); stored || err != nil {
				t.Errorf("Store over theirs = %v, %v", stored, err)
			}
			for _, load := range []func() (*envelope.KeyRecord, error){
				func() (*envelope.KeyRecord, error) { return m.Load(t.Context(), theirs.ID, wireCreated) },
				func() (*envelope.KeyRecord, error) { return m.LoadLatest(t.Context(), theirs.ID) },
			} {
				if got, err := load(); err != nil || got == nil || string(got.Key) != string(theirs.Key) {
					t.Errorf("theirs = %+v, %v", got, err)
				}
			}
			if stored, err := m.Store(t.Context(), ours.ID, wireCreated, ours); !stored || err != nil {
				t.Fatal(stored, err)
			}
			var text string
			row := db.QueryRow("SELECT key_record from encryption_key where id = @p1 and created = @p2", ours.ID, when)
			if err := row.Scan(&text); err != nil {
				t.Fatal(err)
			}
			read, err := envelope.ParseKeyRecord([]byte(text))
			if err != nil || read.Parent.ID != ours.Parent.ID || read.Created != ours.Created {
				t.Errorf("ours as they read it: %+v, %v", read, err)
			}
		})
	}
}

// TestMSSQLFractions: a time with a fraction of a second is an error, not another time.
func TestMSSQLFractions(t *testing.T) {
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[1].ddl)
	db := rawMSSQL(t, d.ado())
	when := civil.DateTimeOf(time.Unix(wireCreated, 500_000_000).UTC())
	_, err := db.Exec("INSERT INTO encryption_key VALUES (@p1, @p2, @p3)", "_IK_a", when,
		string(wireRecord("_IK_a").AppendJSON(nil)))
	if err != nil {
		t.Fatal(err)
	}
	m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
	got, err := m.LoadLatest(t.Context(), "_IK_a")
	if got != nil || envelope.CodeOf(err) != envelope.MetastoreFailed || !strings.Contains(err.Error(), "whole seconds") {
		t.Errorf("LoadLatest = %+v, %v", got, err)
	}
}
