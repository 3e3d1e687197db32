package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// TestKeyLength: entries of clustered indexes have 900 bytes, others 1700; the table that may exceed it is made with a
// warning.
func TestKeyLength(t *testing.T) {
	for _, c := range []struct {
		definition string
		longest    int // characters
	}{
		{"id NVARCHAR(512) NOT NULL, created DATETIME2(7) NOT NULL, PRIMARY KEY (id, created)", 446},
		{"id NVARCHAR(512) NOT NULL, created DATETIME2(0) NOT NULL, PRIMARY KEY (id, created)", 447},
		{"id VARCHAR(1000) NOT NULL, created DATETIME NOT NULL, PRIMARY KEY (id, created)", 892},
		{"id NVARCHAR(1000) NOT NULL, created DATETIMEOFFSET NOT NULL, PRIMARY KEY NONCLUSTERED (id, created)", 845},
		{"id NVARCHAR(1000) NOT NULL, created DATETIME NOT NULL, UNIQUE (id, created)", 846},
	} {
		s := newSession(t, sqltype.DefaultCollation)
		if got := run(t, s, "CREATE TABLE t ("+c.definition+")"); !strings.HasPrefix(got, "info 1945") {
			t.Errorf("%s: %q; want the warning 1945", c.definition, got)
		}
		insert := "INSERT t VALUES (REPLICATE('x', %d), '2024-01-01')"
		if got := run(t, s, fmt.Sprintf(insert, c.longest)); got != "(1)" {
			t.Errorf("%s: %d characters: %s", c.definition, c.longest, got)
		}
		if got := run(t, s, fmt.Sprintf(insert, c.longest+1)); got != "error 1946" {
			t.Errorf("%s: %d characters: %s; want error 1946", c.definition, c.longest+1, got)
		}
	}
}

func TestIndexes(t *testing.T) {
	for _, c := range []struct{ definition, second, want string }{
		{"id INT NOT NULL PRIMARY KEY, v INT", "INSERT t VALUES (1, 2)", "error 2627"},
		{"id INT UNIQUE, v INT", "INSERT t VALUES (1, 2)", "error 2627"},
		{"id INT, v INT); CREATE UNIQUE INDEX i ON t (id", "INSERT t VALUES (1, 2)", "error 2601"},
		{"id INT, v INT); CREATE UNIQUE INDEX i ON t (id) WHERE v = 1; SELECT (1", "INSERT t VALUES (1, 2)", "(1)"},
		{"id INT, v INT); CREATE UNIQUE INDEX i ON t (id) WHERE v = 1; SELECT (1", "INSERT t VALUES (1, 1)", "error 2601"},
		{"id INT, v INT); CREATE INDEX i ON t (id", "INSERT t VALUES (1, 2)", "(1)"},
		{"id INT, v INT); ALTER TABLE t ADD CONSTRAINT k UNIQUE (id", "INSERT t VALUES (1, 2)", "error 2627"},
		{
			"id INT NOT NULL, v INT, PRIMARY KEY (id) WITH (IGNORE_DUP_KEY = ON)", "INSERT t VALUES (1, 2)",
			"info 3604 Duplicate key was ig; (0)",
		},
		{"id INT UNIQUE, v INT DEFAULT 7", "INSERT t (id) VALUES (NULL); INSERT t (id) VALUES (NULL); SELECT v FROM t " +
			"WHERE id IS NULL", "(1); error 2627; 7"},
	} {
		s := newSession(t, sqltype.DefaultCollation, "CREATE TABLE t ("+c.definition+")", "INSERT t VALUES (1, 1)")
		if got := run(t, s, c.second); got != c.want {
			t.Errorf("%s: %s; want %s", c.definition, got, c.want)
		}
	}
}

func TestRowVersion(t *testing.T) {
	s := newSession(t, sqltype.DefaultCollation, "CREATE TABLE t (id INT PRIMARY KEY, created TIMESTAMP NOT NULL)",
		"INSERT t (id) VALUES (1)", "INSERT t VALUES (2)")
	if got := run(t, s, "INSERT t (id, created) VALUES (3, 0x01)"); got != "error 273" {
		t.Errorf("a value for a rowversion: %s", got)
	}
	if got := run(t, s, "SELECT COUNT(DISTINCT created) FROM t; UPDATE t SET created = 0x01"); got != "2; error 272" {
		t.Errorf("rowversions: %s", got)
	}
}

// TestCaseSensitiveNames: under a binary collation names of objects, columns and variables are sensitive.
func TestCaseSensitiveNames(t *testing.T) {
	s := newSession(t, "Latin1_General_100_BIN2", keyTable)
	for _, c := range []struct{ batch, want string }{
		{"SELECT COUNT(*) FROM encryption_key", "0"},
		{"SELECT COUNT(*) FROM Encryption_Key", "error 208"},
		{"SELECT ID FROM encryption_key", "error 207"},
		{"DECLARE @a INT = 1; SELECT @A", "error 137"},
		{"SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES", "1"},
		{"SELECT COUNT(*) FROM information_schema.tables", "error 208"},
		{"INSERT encryption_key VALUES ('a','2024-01-01','')", "(1)"},
		{"INSERT encryption_key VALUES ('A','2024-01-01','')", "(1)"},
		{"INSERT encryption_key VALUES ('a ','2024-01-01','')", "error 2627"},
	} {
		if got := run(t, s, c.batch); got != c.want {
			t.Errorf("%s: %s; want %s", c.batch, got, c.want)
		}
	}
}

func TestCatalogue(t *testing.T) {
	s := newSession(t, sqltype.DefaultCollation, `CREATE SCHEMA app`, `CREATE TABLE app.encryption_key (
		id VARCHAR(100) COLLATE Latin1_General_BIN2 NOT NULL, created DATETIME2(3) NOT NULL,
		key_record NVARCHAR(MAX) NOT NULL,
		note NTEXT, at DATETIMEOFFSET(0), CONSTRAINT pk PRIMARY KEY (id, created DESC))`)
	for _, c := range []struct{ query, want string }{
		{"SELECT SCHEMA_NAME(schema_id), name, type FROM sys.tables", "app|encryption_key|U "},
		{
			`SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.collation_name, c.is_nullable FROM sys.columns c
			JOIN sys.types t ON t.user_type_id = c.user_type_id
			WHERE c.object_id = OBJECT_ID(N'app.encryption_key') ORDER BY c.column_id`,
			"id|varchar|100|0|0|Latin1_General_BIN2|0; created|datetime2|7|23|3|<NULL>|0; " +
				"key_record|nvarchar|-1|0|0|SQL_Latin1_General_CP1_CI_AS|0; note|ntext|16|0|0|SQL_Latin1_General_CP1_CI_AS|1; " +
				"at|datetimeoffset|8|26|0|<NULL>|1",
		},
		{
			`SELECT i.name, i.type_desc, i.is_primary_key, i.is_unique, k.key_ordinal, COL.name, k.is_descending_key
			FROM sys.indexes i
			JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
			JOIN sys.columns COL ON COL.object_id = k.object_id AND COL.column_id = k.column_id ORDER BY k.key_ordinal`,
			"pk|CLUSTERED|1|1|1|id|0; pk|CLUSTERED|1|1|2|created|1",
		},
		{
			`SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, DATETIME_PRECISION, IS_NULLABLE, COLLATION_NAME
			FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'encryption_key' AND ORDINAL_POSITION < 4
			ORDER BY ORDINAL_POSITION`,
			"id|varchar|100|<NULL>|NO|Latin1_General_BIN2; created|datetime2|<NULL>|3|NO|<NULL>; " +
				"key_record|nvarchar|-1|<NULL>|NO|SQL_Latin1_General_CP1_CI_AS",
		},
		{`SELECT u.COLUMN_NAME, t.CONSTRAINT_TYPE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS t
			JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE u
			ON u.CONSTRAINT_NAME = t.CONSTRAINT_NAME ORDER BY u.ORDINAL_POSITION`, "id|PRIMARY KEY; created|PRIMARY KEY"},
		{"SELECT OBJECT_ID('encryption_key'), OBJECT_SCHEMA_NAME(OBJECT_ID('app.encryption_key'))", "<NULL>|app"},
		{"SELECT CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(20)), " +
			"CAST(COLLATIONPROPERTY('Latin1_General_100_BIN2_UTF8', 'CodePage') AS INT)", ProductVersion + "|65001"},
		{"SELECT collation_name, compatibility_level FROM sys.databases WHERE name = DB_NAME()", sqltype.DefaultCollation +
			"|150"},
		{"SELECT 1 FROM sys.columns WHERE nothing = 1", "error 207"},
	} {
		if got := run(t, s, c.query); got != c.want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", c.query, got, c.want)
		}
	}
	var rows [][]any
	for name, def := range views {
		columns := viewColumns(s.DB, def.columns)
		for _, row := range def.rows(s.DB) {
			rows = append(rows, row)
			if len(row) != len(columns) {
				t.Errorf("%s has %d columns and %d values", name, len(columns), len(row))
			}
			for i, v := range row {
				if v == nil && i < len(columns) && !columns[i].Nullable {
					t.Errorf("%s: %s is NULL", name, columns[i].Name)
				}
			}
		}
	}
	if len(rows) < 40 {
		t.Errorf("%d rows in all views", len(rows))
	}
}

// notes runs a batch with parameters and returns the kinds and columns of what was noted.
func notes(t *testing.T, s *Session, statement, declared string, given ...Argument) []string {
	t.Helper()
	s.Notes = nil
	vars, err := s.Bind(statement, declared, given)
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Execute(t.Context(), statement, vars)
	if err != nil || strings.Contains(written(results), "error") {
		t.Fatalf("%s: %v, %s", statement, err, written(results))
	}
	var kinds []string
	for _, n := range s.Notes {
		kinds = append(kinds, strings.TrimSpace(n.Kind+" "+n.Column))
	}
	return kinds
}

func TestNotes(t *testing.T) {
	moment := func(text string) Argument {
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return Argument{Type: sqltype.Type{Kind: sqltype.DateTimeOffset, Scale: 7}, Value: v}
	}
	narrow := `CREATE TABLE t (id VARCHAR(20) NOT NULL, created DATETIME NOT NULL, PRIMARY KEY (id, created))`
	wide := `CREATE TABLE t (id NVARCHAR(20) NOT NULL, created DATETIME2(0) NOT NULL, PRIMARY KEY (id, created))`
	const (
		load   = "SELECT * FROM t WHERE id = @p1"
		insert = "INSERT t VALUES (@p1, @p2)"
	)
	// text is an argument that is a text, of NVARCHAR or VARCHAR.
	text := func(v string) Argument {
		return Argument{Type: sqltype.Type{Kind: sqltype.NVarChar, Size: 20}, Value: v}
	}
	narrowText := func(v string) Argument {
		return Argument{Type: sqltype.Type{Kind: sqltype.VarChar, Size: 20}, Value: v}
	}
	const upper = "SELECT * FROM t WHERE UPPER(id) = @p1"
	type arguments = []Argument
	for _, c := range []struct {
		table, statement, declared string
		given                      arguments
		want                       []string
	}{
		{narrow, load, "@p1 NVARCHAR(20)", arguments{text("a")}, []string{"scan id"}},
		{narrow, load, "@p1 VARCHAR(20)", arguments{narrowText("a")}, nil},
		{wide, load, "@p1 VARCHAR(20)", arguments{narrowText("a")}, nil},
		{wide, load, "@p1 NVARCHAR(20)", arguments{text("a")}, nil},
		{wide, upper, "@p1 NVARCHAR(20)", arguments{text("a")}, []string{"scan"}},
		{wide, load + " COLLATE Latin1_General_BIN2", "@p1 NVARCHAR(20)", arguments{text("a")}, []string{"scan id"}},
		{wide, "SELECT * FROM t WHERE id LIKE 'a%'", "", nil, nil},
		{wide, "SELECT * FROM t", "", nil, nil},
		{wide, load, "@p1 NVARCHAR(20)", arguments{text("KEY ")}, []string{"folded id"}},
		{wide, load, "@p1 NVARCHAR(2)", arguments{text("abc")}, []string{"cut @p1"}},
		{wide, load, "@p1 VARCHAR(20)", arguments{text("日")}, []string{"lost @p1"}},
		{
			narrow, insert, "@p1 NVARCHAR(20), @p2 DATETIMEOFFSET",
			arguments{text("日"), moment("2024-01-01T10:00:00.001+02:00")},
			[]string{"lost id", "offset dropped created", "rounded created"},
		},
		{wide, insert, "@p1 NVARCHAR(20), @p2 DATETIMEOFFSET", arguments{text("日"), moment("2024-01-01T10:00:00Z")}, nil},
	} {
		s := newSession(t, sqltype.DefaultCollation, c.table, "INSERT t VALUES ('key', '2024-01-01')")
		for i := range c.given {
			c.given[i].Type.Collation = s.DB.Collation
		}
		if got := notes(t, s, c.statement, c.declared, c.given...); !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: %v; want %v", c.statement, c.declared, got, c.want)
		}
	}
}

// TestTransactionsWait: who writes in a transaction keeps the others out until it ends.
func TestTransactionsWait(t *testing.T) {
	first := newSession(t, sqltype.DefaultCollation, keyTable)
	second := NewSession(first.DB, 52, "other", false)
	if got := run(t, first, "BEGIN TRAN; "+threeKeys); got != "(3)" {
		t.Fatal(got)
	}
	if got := run(t, second, "SET LOCK_TIMEOUT 20; SELECT COUNT(*) FROM encryption_key"); got != "error 1222" {
		t.Errorf("beside a transaction: %s", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := NewSession(first.DB, 53, "", false).Execute(ctx, "SELECT 1", first.DB.NewVariables()); err == nil {
		t.Error("a wait outlived its context")
	}
	var done sync.WaitGroup
	done.Go(func() {
		third := NewSession(first.DB, 54, "", false)
		if got := run(t, third, "SELECT COUNT(*) FROM encryption_key"); got != "0" {
			t.Errorf("after the rollback: %s", got)
		}
	})
	first.Reset()
	done.Wait()
}

// FuzzBatch: whatever is asked, the engine answers.
func FuzzBatch(f *testing.F) {
	f.Add(keyTable)
	f.Add("SELECT TOP (1) a.id, COUNT(*) FROM encryption_key a LEFT JOIN sys.columns c ON c.name = a.id WHERE a.id LIKE " +
		"'[a-c]%' GROUP BY a.id ORDER BY 1 DESC")
	f.Add("DECLARE @a INT = 1; IF @a IN (SELECT 1) EXEC sp_executesql N'SELECT @x + 1', N'@x BIGINT', @a ELSE UPDATE " +
		"encryption_key SET id = NULL")
	f.Add("SELECT CASE WHEN DATEADD(ms, 5, CAST('2024-01-01' AS DATETIME2(3))) > GETDATE() THEN N'x' ELSE " +
		"COALESCE(NULL, 'y') END COLLATE Latin1_General_BIN2")
	f.Fuzz(func(t *testing.T, batch string) {
		s := newSession(t, sqltype.DefaultCollation, keyTable, threeKeys)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		results, _ := s.Execute(ctx, batch, s.DB.NewVariables())
		_ = written(results)
	})
}

// TestOldLevel: before compatibility level 150 truncation has another number.
func TestOldLevel(t *testing.T) {
	s := newSession(t, sqltype.DefaultCollation, "CREATE TABLE t (id VARCHAR(2))")
	for level, want := range map[int]string{150: "error 2628", 140: "error 8152"} {
		s.DB.Compat = level
		if got := run(t, s, "INSERT t VALUES ('abc')"); got != want {
			t.Errorf("level %d: %s; want %s", level, got, want)
		}
	}
}

// TestServerZone: the server's own clock shows its zone, UTC functions do not.
func TestServerZone(t *testing.T) {
	s := newSession(t, sqltype.DefaultCollation)
	s.DB.Zone = time.FixedZone("", -7*3600)
	const want = "Jul  1 2024  5:00AM|2024-07-01 05:00:00.1234567|2024-07-01 05:00:00.1234567 -07:00|2024-07-01 " +
		"12:00:00.1234567"
	if got := run(t, s, "SELECT GETDATE(), SYSDATETIME(), SYSDATETIMEOFFSET(), SYSUTCDATETIME()"); got != want {
		t.Errorf("%s; want %s", got, want)
	}
}
