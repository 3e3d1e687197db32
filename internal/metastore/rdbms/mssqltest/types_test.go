package mssqltest_test

import (
	"database/sql"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// TestTypesBothWays: what the driver sends arrives with its type and value, and comes back.
func TestTypesBothWays(t *testing.T) {
	s := start(t, mssqltest.Options{})
	moment := time.Date(2024, 3, 5, 18, 28, 0, 123456700, time.UTC)
	whole := moment.Truncate(time.Second)
	zone := time.FixedZone("", 5*3600+1800)
	long := strings.Repeat("日本", 3000)
	for _, strict := range []bool{false, true} {
		db := open(t, s)
		if strict {
			db = open(t, s, "encrypt=strict")
		}
		for _, c := range []struct {
			sent     any
			wire     string
			value    any // as the server has it
			received any
		}{
			{"idé 😀", "nvarchar(6)", "idé 😀", "idé 😀"},
			{"", "nvarchar(max)", "", ""},
			{long, "nvarchar(max)", long, long},
			{mssql.VarChar("abc"), "varchar(3)", "abc", "abc"},
			{mssql.VarChar("é"), "varchar(2)", "Ã©", "Ã©"},
			// the driver sends UTF-8 and says that it is the database's code page
			{mssql.NVarCharMax("x"), "nvarchar(max)", "x", "x"},
			{mssql.VarCharMax("x"), "varchar(max)", "x", "x"},
			{int64(-5), "bigint", int64(-5), int64(-5)},
			{int32(7), "int", int64(7), int64(7)},
			{true, "bit", true, true},
			{1.5, "float", 1.5, 1.5},
			{[]byte{0, 1}, "varbinary(2)", []byte{0, 1}, []byte{0, 1}},
			{mssql.DateTime1(whole), "datetime", whole, whole},
			{civil.DateTimeOf(moment), "datetime2(7)", moment, moment},
			{civil.DateOf(moment), "date", whole.Truncate(24 * time.Hour), whole.Truncate(24 * time.Hour)},
			{mssql.DateTimeOffset(moment.In(zone)), "datetimeoffset(7)", moment.In(zone), moment.In(zone)},
			{sql.NullString{}, "nvarchar(4000)", nil, nil},
		} {
			var got any
			if err := db.QueryRowContext(limit(t), "SELECT @p1", c.sent).Scan(&got); err != nil {
				t.Errorf("%s: %v", c.wire, err)
				continue
			}
			r := last(t, s)
			if r.Procedure != "sp_executesql" || r.Statement != "SELECT @p1" || len(r.Params) != 1 || r.Params[0].Name != "@p1" {
				t.Fatalf("arrived: %+v", r)
			}
			if p := r.Params[0]; p.Type != c.wire || !same(p.Value, c.value) {
				t.Errorf("%v arrived as %s %v; want %s", c.sent, p.Type, p.Value, c.wire)
			}
			if !same(got, c.received) {
				t.Errorf("%v came back as %v", c.sent, got)
			}
		}
	}
	if logins := s.Logins(); len(logins) != 2 || logins[0].Strict || !logins[1].Strict || !logins[0].Encrypted ||
		!logins[1].Encrypted {
		t.Errorf("logins: %+v", logins)
	}
}

func same(a, b any) bool {
	x, ok := a.(time.Time)
	y, both := b.(time.Time)
	if !ok || !both {
		return reflect.DeepEqual(a, b)
	}
	_, zoneX := x.Zone()
	_, zoneY := y.Zone()
	return x.Equal(y) && zoneX == zoneY
}

// TestColumns: every type of column comes with its name and can be read, NULL too.
func TestColumns(t *testing.T) {
	s := start(t, mssqltest.Options{Setup: []string{
		`CREATE TABLE t (a BIT, b TINYINT, c SMALLINT, d INT, e BIGINT, f REAL, g FLOAT,
		h CHAR(3), i VARCHAR(9), j VARCHAR(MAX), k TEXT, l NCHAR(3), m NVARCHAR(9), n NVARCHAR(MAX), o NTEXT,
		p DATE, q DATETIME, r SMALLDATETIME, s DATETIME2(3), u DATETIMEOFFSET(0), v VARBINARY(9), w UNIQUEIDENTIFIER,
		x VARCHAR(9) COLLATE Latin1_General_100_BIN2_UTF8, y SQL_VARIANT, z ROWVERSION)`,
		`INSERT t VALUES (1, 2, -3, -4, 5, 0.5, 1.5, 'ä', 'ä', 'ä', 'ä', N'日', N'日', N'日', N'日',
		'2024-01-02', '2024-01-02', '2024-01-02', '2024-01-02T03:04:05.678',
		'2024-01-02T03:04:05+02:00', 0x0102, NULL, N'日', 5)`,
		`INSERT t (a) VALUES (NULL)`,
	}})
	rows, err := open(t, s).QueryContext(limit(t), "SELECT * FROM t ORDER BY a DESC")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range types {
		names = append(names, c.DatabaseTypeName())
	}
	if want := "BIT TINYINT SMALLINT INT BIGINT REAL FLOAT CHAR VARCHAR VARCHAR TEXT NCHAR NVARCHAR NVARCHAR NTEXT DATE " +
		"DATETIME SMALLDATETIME DATETIME2 DATETIMEOFFSET VARBINARY UNIQUEIDENTIFIER NVARCHAR SQL_VARIANT " +
		"BINARY"; strings.Join(names,
		" ") != want {
		t.Errorf("types: %v", names)
	}
	values := make([]any, len(types))
	targets := make([]any, len(types))
	for i := range values {
		targets[i] = &values[i]
	}
	day := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	want := []any{
		true, int64(2), int64(-3), int64(-4), int64(5), 0.5, 1.5, "ä  ", "ä", "ä", "ä", "日  ", "日", "日", "日", day, day, day,
		day.Add(3*time.Hour + 4*time.Minute + 5*time.Second + 678*time.Millisecond),
		time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", 7200)),
		[]byte{1, 2},
		nil, "日", int64(5),
	}
	for row := 0; rows.Next(); row++ {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			expected := want[i]
			if row == 1 {
				expected = nil
			}
			if !same(values[i], expected) {
				t.Errorf("row %d, %s: %v; want %v", row, types[i].Name(), values[i], expected)
			}
		}
		if version, ok := values[len(want)].([]byte); !ok || len(version) != 8 {
			t.Errorf("row %d has the version %v", row, values[len(want)])
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}

// TestLongAnswers: answers and requests of many packets.
func TestLongAnswers(t *testing.T) {
	s := start(t, mssqltest.Options{})
	for _, size := range []string{"4096", "8000", "32767"} {
		db := open(t, s, "packet size="+size)
		text := strings.Repeat("0123456789日", 40000)
		var got string
		if err := db.QueryRowContext(limit(t), "SELECT @p1", text).Scan(&got); err != nil || got != text {
			t.Errorf("packets of %s: %d characters, %v", size, len(got), err)
		}
	}
}

// TestNotesReachTheLog: see engine for all of them.
func TestNotesReachTheLog(t *testing.T) {
	s := start(t, mssqltest.Options{Setup: []string{`CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL,
		created DATETIME NOT NULL, key_record NVARCHAR(MAX) NOT NULL, PRIMARY KEY (id, created))`}})
	db := open(t, s)
	local := time.Date(2024, 1, 1, 10, 0, 0, 1e6, time.FixedZone("", 7200))
	if _, err := db.ExecContext(limit(t), insertKey, "日", local, "{}"); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, n := range last(t, s).Notes {
		kinds[n.Kind] = n.Column
	}
	if want := map[string]string{
		mssqltest.Lost: "id", mssqltest.OffsetDropped: "created",
		mssqltest.Rounded: "created",
	}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("notes of an insert: %v", kinds)
	}
	for id, want := range map[any]bool{"?": true, mssql.VarChar("?"): false} {
		var record string
		if err := db.QueryRowContext(limit(t), "SELECT key_record FROM encryption_key WHERE id = @p1",
			id).Scan(&record); err != nil {
			t.Fatal(err)
		}
		notes := last(t, s).Notes
		if scanned := len(notes) == 1 && notes[0].Kind == mssqltest.Scan && notes[0].Column == "id"; scanned != want {
			t.Errorf("id as %T: %v", id, notes)
		}
	}
}
