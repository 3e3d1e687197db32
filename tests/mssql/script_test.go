package mssql_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// liveServer names the variable with the connection string, in the form of ADO.NET, of a real server whose login may
// make databases.
const liveServer = "ASHERAH_TEST_MSSQL"

// TestScriptOnRealServer holds what the stand-in was told about SQL Server against one.
func TestScriptOnRealServer(t *testing.T) {
	text := os.Getenv(liveServer)
	if text == "" {
		t.Skip(liveServer + " is not set: no SQL Server to compare the stand-in with")
	}
	name := "asherah_test_" + strings.ToLower(rand.Text())
	master := openADO(t, text)
	execute(t, master, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		_, _ = master.Exec("ALTER DATABASE " + name + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
		if _, err := master.Exec("DROP DATABASE " + name); err != nil {
			t.Errorf("the database %s is left behind: %v", name, err)
		}
	})
	runScript(t, openADO(t, text+";Database="+name), name)
}

// TestScriptThroughTheDriver: the same script over the wire.
func TestScriptThroughTheDriver(t *testing.T) {
	s := start(t, mssqltest.Options{})
	runScript(t, openGo(t, s), "keys")
}

func openADO(t *testing.T, text string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlserver", text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t *testing.T, db *sql.DB, batch string) {
	t.Helper()
	if _, err := db.Exec(batch); err != nil {
		t.Fatalf("%s: %v", batch, err)
	}
}

func runScript(t *testing.T, db *sql.DB, database string) {
	t.Helper()
	script, err := os.ReadFile("../../internal/metastore/rdbms/mssqltest/engine/testdata/script.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(script), "keys", database)
	batch, n := "", 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		want, answer := strings.CutPrefix(line, "=")
		switch {
		case line == "" || line[0] == '#':
		case !answer:
			batch = line
		case batch[0] != '~': // those are about the stand-in itself
			n++
			execute(t, db, "DROP TABLE IF EXISTS encryption_key, t")
			execute(t, db, keyTable)
			execute(t, db, `INSERT INTO encryption_key (id, created, key_record) VALUES ('a', '2024-01-01', '{}'),
				('a', '2024-01-02', '{"x":1}'), (N'b', '2024-01-01', N'no')`)
			if got, want := driverAnswer(t, db, batch), comparable(strings.TrimPrefix(want, " ")); got != want {
				t.Errorf("%s\n\tgot  %s\n\twant %s", batch, got, want)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d batches", n)
	}
}

var (
	counted  = regexp.MustCompile(`^(\(\d+\)|info .*)$`)
	fraction = regexp.MustCompile(`(:\d\d)\.\d*?(0*)\b`)
)

// comparable leaves out of an answer what the driver does not tell: counts, information, what comes after an error, and
// how many digits a time has.
func comparable(answer string) string {
	var kept []string
	for part := range strings.SplitSeq(answer, "; ") {
		if part == "" || counted.MatchString(part) {
			continue
		}
		kept = append(kept, short(part))
		if strings.HasPrefix(part, "error ") {
			break
		}
	}
	return strings.Join(kept, "; ")
}

// short takes the zeros at the end of fractions of seconds away.
func short(text string) string {
	return fraction.ReplaceAllStringFunc(text, func(s string) string {
		return strings.TrimRight(strings.TrimRight(s,
			"0"), ".")
	})
}

func driverAnswer(t *testing.T, db *sql.DB, batch string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var parts []string
	rows, err := db.QueryContext(ctx, batch)
	if err == nil {
		defer func() { _ = rows.Close() }()
		for more := true; more; more = rows.NextResultSet() {
			parts = append(parts, resultRows(t, rows)...)
		}
		err = rows.Err()
	}
	var e mssql.Error
	switch {
	case errors.As(err, &e) && len(e.All) > 0:
		parts = append(parts, fmt.Sprintf("error %d", e.All[0].Number))
	case err != nil:
		t.Fatalf("%s: %v", batch, err)
	}
	return strings.Join(parts, "; ")
}

func resultRows(t *testing.T, rows *sql.Rows) (lines []string) {
	t.Helper()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, targets := make([]any, len(types)), make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		shown := make([]string, len(values))
		for i, v := range values {
			shown[i] = short(inWords(v, types[i].DatabaseTypeName()))
		}
		lines = append(lines, strings.Join(shown, "|"))
	}
	return lines
}

// inWords writes a value as the script has it.
func inWords(v any, kind string) string {
	switch v := v.(type) {
	case nil:
		return "<NULL>"
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		switch kind {
		case "DATETIME", "SMALLDATETIME":
			return v.Format("Jan _2 2006 ") + fmt.Sprintf("%7s", v.Format("3:04PM"))
		case "DATE":
			return v.Format("2006-01-02")
		default:
			return v.Format("2006-01-02 15:04:05.0000000")
		}
	default:
		return fmt.Sprint(v)
	}
}
