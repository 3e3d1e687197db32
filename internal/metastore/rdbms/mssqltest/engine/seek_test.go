package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// TestSeeksFindWhatScansFind: the same rows come from a table with indexes and from one without.
func TestSeeksFindWhatScansFind(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	ids := []string{"'a'", "'A'", "N'a '", "'b'", "N'é'", "'e'", "NULL", "N'aa'", "''"}
	times := []string{
		"'2024-01-01'", "'2024-01-01T00:00:00.001'", "CAST('2024-01-02' AS DATETIME)", "NULL",
		"CAST('2024-01-01' AS DATETIMEOFFSET)",
	}
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	var condition func(depth int) string
	condition = func(depth int) string {
		switch n := random.IntN(9); {
		case n < 2 && depth > 0:
			return "(" + condition(depth-1) + " AND " + condition(depth-1) + ")"
		case n == 2 && depth > 0:
			return "(" + condition(depth-1) + " OR " + condition(depth-1) + ")"
		case n == 3 && depth > 0:
			return "NOT " + condition(depth-1)
		case n == 4:
			return "id IN (" + pick(ids) + ", " + pick(ids) + ")"
		case n == 5:
			return "id " + pick([]string{"<", ">=", "<>", "LIKE"}) + " " + pick(ids)
		case n == 6:
			return "created " + pick([]string{"=", "<", ">="}) + " " + pick(times)
		default:
			return "id " + "= " + pick(ids)
		}
	}
	for _, kind := range []string{
		"NVARCHAR(9) COLLATE Latin1_General_BIN2", "NVARCHAR(9)",
		"VARCHAR(9) COLLATE Latin1_General_CI_AI",
	} {
		s := newSession(t, sqltype.DefaultCollation)
		columns := "(n INT, id " + kind + ", created DATETIME2(3)"
		run(t, s, "CREATE TABLE plain "+columns+"); CREATE TABLE indexed "+columns+"); CREATE INDEX i ON indexed (id, "+
			"created); CREATE INDEX j ON indexed (created)")
		for n := range 40 {
			row := fmt.Sprintf("VALUES (%d, %s, %s)", n, pick(ids), pick(times))
			run(t, s, "INSERT plain "+row+"; INSERT indexed "+row)
		}
		found := 0
		for range 150 {
			where := condition(3)
			want := run(t, s, "SELECT n FROM plain WHERE "+where+" ORDER BY n")
			if got := run(t, s, "SELECT n FROM indexed WHERE "+where+" ORDER BY n"); got != want {
				t.Fatalf("%s, %s\n\tindexed %s\n\tplain   %s", kind, where, got, want)
			}
			if want != "" {
				found++
			}
		}
		if found < 25 {
			t.Errorf("%s: only %d conditions found rows", kind, found)
		}
	}
}
