package engine

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

func newSession(t testing.TB, collation string, setup ...string) *Session {
	t.Helper()
	c, err := sqltype.NamedCollation(collation)
	if err != nil {
		t.Fatal(err)
	}
	db := NewDatabase("keys", c)
	db.Now = func() time.Time { return time.Date(2024, 7, 1, 12, 0, 0, 123456700, time.UTC) }
	s := NewSession(db, 51, "user", false)
	for _, batch := range setup {
		if got := run(t, s, batch); strings.Contains(got, "error") {
			t.Fatalf("%s: %s", batch, got)
		}
	}
	return s
}

// run executes a batch and writes down what came: "a|b" for a row, "(n)" for a count, "error n", "info n".
func run(t testing.TB, s *Session, batch string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	results, err := s.Execute(ctx, batch, s.DB.NewVariables())
	if err != nil {
		t.Fatalf("%s: %v", batch, err)
	}
	return written(results)
}

func written(results []*Result) string {
	var out []string
	for _, r := range results {
		for _, m := range r.Messages {
			if m.Class > 10 {
				out = append(out, fmt.Sprintf("error %d", m.Number))
			} else if m.Number != 3621 {
				out = append(out, strings.TrimSpace(fmt.Sprintf("info %d %.20s", m.Number, m.Message)))
			}
		}
		for _, row := range r.Rows {
			var values []string
			for i, v := range row {
				values = append(values, sqltype.Show(v, r.Columns[i].Type))
			}
			out = append(out, strings.Join(values, "|"))
		}
		if r.Counted && r.Columns == nil {
			out = append(out, fmt.Sprintf("(%d)", r.Count))
		}
	}
	return strings.Join(out, "; ")
}

const (
	keyTable = `CREATE TABLE encryption_key (id NVARCHAR(255) NOT NULL, created DATETIME2(3) NOT NULL,
		key_record NVARCHAR(MAX) NOT NULL, PRIMARY KEY (id, created))`
	threeKeys = `INSERT INTO encryption_key (id, created, key_record) VALUES ('a', '2024-01-01', '{}'),
		('a', '2024-01-02', '{"x":1}'), (N'b', '2024-01-01', N'no')`
)

func TestScript(t *testing.T) {
	text, err := os.ReadFile("testdata/script.txt")
	if err != nil {
		t.Fatal(err)
	}
	batch, n := "", 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		want, answer := strings.CutPrefix(line, "=")
		switch {
		case line == "" || line[0] == '#':
		case !answer:
			batch = strings.TrimPrefix(line, "~")
		default:
			n++
			s := newSession(t, sqltype.DefaultCollation, keyTable, threeKeys)
			if got := run(t, s, batch); got != strings.TrimPrefix(want, " ") {
				t.Errorf("%s\n\tgot  %s\n\twant %s", batch, got, want)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d batches", n)
	}
}
