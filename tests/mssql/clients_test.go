// Package mssql_test lets clients that have nothing to do with us speak to the SQL Server stand-in:
// Microsoft.Data.SqlClient, FreeTDS and the Go driver are to see the same.
package mssql_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

const keyTable = `CREATE TABLE encryption_key (id NVARCHAR(255) NOT NULL, created DATETIME2(3) NOT NULL,
	key_record NVARCHAR(MAX) NOT NULL, CONSTRAINT pk PRIMARY KEY (id, created))`

func start(t *testing.T, o mssqltest.Options) *mssqltest.Server {
	t.Helper()
	o.Password = password
	if o.Setup == nil {
		o.Setup = []string{keyTable}
	}
	return mssqltest.Start(t, o)
}

// trusting is a connection string of SqlClient that checks the certificate.
func trusting(s *mssqltest.Server, more ...string) string {
	return s.ADO(append([]string{"Encrypt=Mandatory", "ServerCertificate=" + s.CertificateFile()}, more...)...)
}

func openGo(t *testing.T, s *mssqltest.Server) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlserver", s.URL("encrypt=true", "certificate="+s.CertificateFile()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// throughGo runs a statement with the Go driver and puts the answer into SqlClient's words.
func throughGo(t *testing.T, db *sql.DB, statement string, parameters []parameter) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var arguments []any
	for _, p := range parameters {
		arguments = append(arguments, sql.Named(strings.TrimPrefix(p.Name, "@"), argument(p)))
	}
	rows, err := db.QueryContext(ctx, statement, arguments...)
	if err != nil {
		return failed(t, err)
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	for _, c := range types {
		a.Columns = append(a.Columns, column{c.Name(), strings.ToLower(c.DatabaseTypeName())})
	}
	for rows.Next() {
		values := make([]any, len(types))
		targets := make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := make([]*string, len(values))
		for i, v := range values {
			row[i] = shown(v, a.Columns[i].Type)
		}
		a.Rows = append(a.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return failed(t, err)
	}
	return a
}

func failed(t *testing.T, err error) answer {
	t.Helper()
	var e mssql.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var a answer
	for _, each := range e.All {
		a.Errors = append(a.Errors, failure{int(each.Number), int(each.State), int(each.Class), each.Message})
	}
	return a
}

// argument is a parameter's value as the Go driver sends the type that SqlClient was told.
func argument(p parameter) any {
	text, isText := p.Value.(string)
	moment, isTime := strings.CutPrefix(text, "time:")
	t, _ := time.Parse(time.RFC3339Nano, moment)
	switch {
	case isTime && p.Type == "DateTimeOffset":
		return mssql.DateTimeOffset(t)
	case isTime:
		return mssql.DateTime1(t)
	case isText && p.Type == "VarChar":
		return mssql.VarChar(text)
	}
	return p.Value
}

func shown(v any, kind string) *string {
	var s string
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		s = v.Format("2006-01-02T15:04:05.0000000")
		if kind == "datetimeoffset" {
			s = v.Format("2006-01-02T15:04:05.0000000-07:00")
		}
	case []byte:
		s = hex.EncodeToString(v)
		if kind == "uniqueidentifier" {
			s = ""
		}
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
	default:
		s = fmt.Sprint(v)
	}
	return &s
}

func flat(rows [][]*string) []string {
	var list []string
	for _, row := range rows {
		var values []string
		for _, v := range row {
			if v == nil {
				values = append(values, "NULL")
			} else {
				values = append(values, *v)
			}
		}
		list = append(list, strings.Join(values, "|"))
	}
	return list
}

// statements of our dialect, of operators, and of the canonical C# metastore, which the first error shows to be none
// for SQL Server.
var statements = []struct {
	sql        string
	parameters []parameter
	errors     int  // the number of the error
	text       bool // FreeTDS prints it the same
}{
	{
		sql: "INSERT INTO encryption_key (id, created, key_record) VALUES (@id, @created, @key_record)",
		parameters: []parameter{
			{Name: "id", Value: "_SK_é😀"}, {Name: "created", Value: "time:2024-03-05T18:28:00Z"}, {
				Name:  "key_record",
				Value: `{"Key":"日"}`,
			},
		},
	},
	{
		sql: "INSERT INTO encryption_key (id, created, key_record) VALUES (@id, @created, @key_record)", errors: 2627,
		parameters: []parameter{
			{Name: "id", Value: "_sk_É😀 "}, {Name: "created", Value: "time:2024-03-05T18:28:00Z"}, {
				Name:  "key_record",
				Value: "x",
			},
		},
	},
	{sql: "SELECT key_record from encryption_key where id = @id and created = @created", parameters: []parameter{
		{Name: "id", Value: "_SK_é😀"}, {Name: "created", Value: "time:2024-03-05T18:28:00Z"},
	}},
	{
		sql: "SELECT key_record from encryption_key where id = @id order by created DESC limit 1", errors: 102,
		parameters: []parameter{
			{Name: "id", Value: "_SK_é😀"},
		},
	},
	{
		sql: "SELECT TOP (1) id, created, key_record FROM encryption_key WHERE id = @p1 ORDER BY created DESC",
		parameters: []parameter{
			{Name: "p1", Value: "_SK_é😀"},
		},
	},
	{
		sql: "SELECT id, created, key_record FROM [dbo].[encryption_key] WHERE id = @p1 AND created = @p2",
		parameters: []parameter{
			{Name: "p1", Type: "VarChar", Value: "none"}, {
				Name: "p2", Type: "DateTimeOffset",
				Value: "time:2024-03-05T18:28:00+02:00",
			},
		},
	},
	{
		sql: "SELECT key_record FROM encryption_key WHERE id = @id AND created = DATEADD(SECOND, @created, '1970-01-01')",
		parameters: []parameter{
			{Name: "id", Value: "_SK_é😀"}, {Name: "created", Value: 1709663280},
		},
	},
	{sql: "SELECT DATEADD(SECOND, @created, '1970-01-01')", errors: 8115, parameters: []parameter{{
		Name: "created",
		Type: "BigInt", Value: 1 << 31,
	}}},
	{sql: "SELECT @a, @b, @c, @d", parameters: []parameter{
		{Name: "a", Value: strings.Repeat("日本", 5000)}, {Name: "b", Value: ""}, {Name: "c", Value: true}, {
			Name: "d",
			Type: "BigInt", Value: -1,
		},
	}},
	{sql: "SELECT @a", errors: 137},
	{sql: "SELECT 1 AS one, N'日' AS two, CAST(NULL AS INT) AS three, 'a' + SPACE(0)", errors: 195},
	{
		sql:  "SELECT 1 AS one, N'日😀' AS two, CAST(NULL AS INT) AS three, CAST('x' AS CHAR(3)), CAST(1 AS BIGINT), 1.5E0",
		text: false,
	},
	{sql: "SELECT 1 AS one, N'日😀' AS two, CAST(NULL AS INT) AS three, 'x', CAST(-1 AS BIGINT)", text: true},
	{sql: "SELECT CAST('2024-01-02T03:04:05.678' AS DATETIME), CAST('2024-01-02T03:04:05.6789' AS DATETIME2(4)), " +
		"CAST('0001-01-01' AS DATE), CAST('9999-12-31T23:59:59.9999999-12:00' AS DATETIMEOFFSET)", errors: 242},
	{sql: "SELECT CAST('2024-01-02T03:04:05.678' AS DATETIME), CAST('2024-01-02T03:04:05.6789' AS DATETIME2(4)), " +
		"CAST('0001-01-01' AS DATE), CAST('1969-12-31T23:59:59.1234567-12:00' AS DATETIMEOFFSET), " +
		"CAST('2024-01-02T03:04:30' AS SMALLDATETIME)"},
	{sql: "SELECT CONVERT(NVARCHAR(128), SERVERPROPERTY('ProductVersion')), SERVERPROPERTY('EngineEdition'), " +
		"SERVERPROPERTY('Edition')", text: true},
	{sql: "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, COLLATION_NAME, IS_NULLABLE FROM " +
		"INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'encryption_key' ORDER BY ORDINAL_POSITION", text: true},
	{sql: "SELECT i.name, i.is_unique, k.key_ordinal, c.name FROM sys.indexes AS i JOIN sys.index_columns AS k ON " +
		"k.object_id = i.object_id AND k.index_id = i.index_id JOIN sys.columns AS c ON c.object_id = k.object_id AND " +
		"c.column_id = k.column_id WHERE i.object_id = OBJECT_ID('encryption_key') ORDER BY k.key_ordinal", text: false},
	{sql: "SELECT REPLICATE(CAST('x' AS NVARCHAR(MAX)), 4000), CAST(REPLICATE('y', 3000) AS TEXT), CAST(N'日' AS NTEXT)"},
	{sql: "DECLARE @x NVARCHAR(10) = N'b'; IF NOT EXISTS (SELECT 1 FROM encryption_key WHERE id = @x) SELECT 'no' ELSE " +
		"SELECT 'yes'", text: true},
	{sql: "SELECT nothing FROM encryption_key", errors: 207},
	{sql: "SELECT * FROM nothing", errors: 208},
	{sql: "SELECT * FROM encryption_key WHERE id = 'a' AND", errors: 102},
	{sql: "EXEC nothing", errors: 2812},
	{sql: "INSERT INTO encryption_key VALUES ('y', '2024-01-01', NULL)", errors: 515},
	{sql: "INSERT INTO encryption_key VALUES (REPLICATE('y', 256), '2024-01-01', 'x')", errors: 2628},
}

func TestClientsAgree(t *testing.T) {
	forGo, forCSharp := start(t, mssqltest.Options{}), start(t, mssqltest.Options{})
	db, client := openGo(t, forGo), startCSharp(t)
	client.must(request{Connection: "a", Open: trusting(forCSharp)})
	var texts, expected []string
	for _, s := range statements {
		want := throughGo(t, db, s.sql, s.parameters)
		got := client.ask(request{Connection: "a", SQL: s.sql, Parameters: s.parameters})
		if got.Failure != "" || got.number() != s.errors || want.number() != s.errors {
			t.Errorf("%s: %+v %s and %+v; want error %d", s.sql, got.Errors, got.Failure, want.Errors, s.errors)
			continue
		}
		if s.errors != 0 && got.Errors[0] != want.Errors[0] {
			t.Errorf("%s: %+v and %+v", s.sql, got.Errors[0], want.Errors[0])
		}
		if !slices.Equal(got.Columns, want.Columns) {
			t.Errorf("%s: columns %v and %v", s.sql, got.Columns, want.Columns)
		}
		if a, b := flat(got.Rows), flat(want.Rows); !slices.Equal(a, b) {
			t.Errorf("%s: rows %v and %v", s.sql, a, b)
		}
		if s.text {
			texts = append(texts, s.sql)
			expected = append(expected, flat(want.Rows)...)
		}
	}
	for _, version := range []string{"7.3", "7.4"} {
		rows, messages := tsql(t, forGo, version, texts...)
		if !slices.Equal(rows, expected) {
			t.Errorf("tsql %s: rows\n%s\nand\n%s\n%s", version, strings.Join(rows, "\n"), strings.Join(expected, "\n"), messages)
		}
	}
	if n := forCSharp.Connections(); n != 1 {
		t.Errorf("SqlClient has %d connections", n)
	}
}

// TestFreeTDSErrors: numbers, severities and states arrive, and the session goes on.
func TestFreeTDSErrors(t *testing.T) {
	s := start(t, mssqltest.Options{})
	rows, messages := tsql(t, s, "7.4", "SELECT 1 +", "INSERT encryption_key VALUES ('a', '2024-01-01', 'x')",
		"INSERT encryption_key VALUES ('A', '2024-01-01', 'x')", "PRINT 'hello'", "SELECT COUNT(*) FROM encryption_key")
	for _, want := range []string{"Msg 102 (severity 15, state 1)", "Msg 2627 (severity 14, state 1)", "hello"} {
		if !strings.Contains(messages, want) {
			t.Errorf("no %q in\n%s", want, messages)
		}
	}
	if len(rows) != 1 || rows[0] != "1" {
		t.Errorf("rows: %q", rows)
	}
	if l := s.Logins(); len(l) == 0 || !l[0].Encrypted {
		t.Errorf("logins: %+v", l)
	}
}
