package engine

import (
	"context"
	"fmt"
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

func TestStatements(t *testing.T) {
	for _, c := range []struct{ batch, want string }{
		{"SELECT 1 + 2 * 3, -7 / 2, 7 % 3, N'a' + 'b', (1 + 2) * 3", "7|-3|1|ab|9"},
		{"SELECT id FROM encryption_key WHERE id = 'A' ORDER BY created DESC", "a; a"},
		{"SELECT TOP (1) created FROM dbo.encryption_key WHERE id = 'a' ORDER BY created DESC", "2024-01-02 00:00:00.000"},
		{"SELECT TOP 1 k.created FROM [keys].[dbo].[encryption_key] AS k WHERE k.id = 'a' ORDER BY 1", "2024-01-01 00:00:00.000"},
		{"SELECT key_record FROM keys..encryption_key WHERE id = 'b' AND created = DATEADD(SECOND, 1704067200, '1970-01-01')", "no"},
		{"SELECT key_record FROM encryption_key WHERE id = 'b' AND created = '2024-01-01T00:00:00.0010'", ""},
		{"SELECT id, COUNT(*) AS n, MAX(created) FROM encryption_key GROUP BY id HAVING COUNT(*) > 1", "a|2|2024-01-02 00:00:00.000"},
		{"SELECT COUNT(*), COUNT(DISTINCT id), MIN(id), SUM(LEN(id)) FROM encryption_key", "3|2|a|3"},
		{"SELECT COUNT(*) FROM encryption_key WHERE id = 'none'", "0"},
		{"SELECT DISTINCT id FROM encryption_key ORDER BY id DESC", "b; a"},
		{"SELECT id FROM encryption_key WHERE ISJSON(key_record) <> 1", "b"},
		{"SELECT DATALENGTH(key_record), LEN(N'ab  '), LEFT('abc', 2), RIGHT(id, 1), SUBSTRING('abc', 2, 5) FROM encryption_key WHERE id = 'b'", "4|2|ab|b|bc"},
		{"SELECT COUNT(*) FROM encryption_key WHERE id LIKE 'A%' AND key_record LIKE '%[x-z]%'", "1"},
		{"SELECT COUNT(*) FROM encryption_key WHERE id IN ('a', 'c') AND id NOT IN ('c') AND created BETWEEN '2024-01-01' AND '2024-01-01'", "1"},
		{"SELECT x.n FROM (SELECT COUNT(*) AS n FROM encryption_key) AS x", "3"},
		{"SELECT id FROM encryption_key AS o WHERE created = (SELECT MAX(created) FROM encryption_key AS i WHERE i.id = o.id) ORDER BY id", "a; b"},
		{"SELECT a.id, b.id FROM encryption_key a LEFT JOIN encryption_key b ON b.id = 'b' AND a.id = 'b' ORDER BY a.id, a.created", "a|<NULL>; a|<NULL>; b|b"},
		{"SELECT COUNT(*) FROM encryption_key a, encryption_key b", "9"},
		{"SELECT CASE WHEN NULL = NULL THEN 1 WHEN NULL IS NULL THEN 2 END, COALESCE(NULL, 3), ISNULL(NULL, 4), NULLIF(1, 1), IIF(1 = 1, 'y', 'n')", "2|3|4|<NULL>|y"},
		{"SELECT CAST('12' AS INT), CONVERT(VARCHAR(3), 'abcdef'), TRY_CAST('x' AS INT), CONVERT(CHAR(8), CAST('2024-02-03' AS DATE), 112)", "12|abc|<NULL>|20240203"},
		{
			"SELECT SYSUTCDATETIME(), GETUTCDATE(), DATEDIFF(second, '1970-01-01', SYSUTCDATETIME()), DATEDIFF_BIG(ms, '1970-01-01', '2024-01-01')",
			"2024-07-01 12:00:00.1234567|Jul  1 2024 12:00PM|1719835200|1704067200000",
		},
		{"SELECT DATEADD(hour, -27, MAX(created)) FROM encryption_key", "2023-12-31 21:00:00.000"},
		{"SELECT DATEADD(month, 1, CAST('2024-01-31' AS DATETIME2(0))), DATEADD(year, 1, CAST('2024-02-29' AS DATE))", "2024-02-29 00:00:00|2025-02-28"},
		{"DECLARE @a INT = 3, @b NVARCHAR(2); SET @b = 'xyz'; SELECT @a, @b; SELECT @a = 4; SELECT @a", "3|xy; (1); 4"},
		{"IF EXISTS (SELECT * FROM encryption_key WHERE id = 'a') PRINT 'yes' ELSE PRINT 'no'", "info 0 yes"},
		{"IF NOT EXISTS (SELECT 1 FROM encryption_key WHERE id = 'a') BEGIN SELECT 1; SELECT 2 END ELSE BEGIN SELECT 3 END", "3"},
		{"EXEC sp_executesql N'SELECT id FROM encryption_key WHERE id = @x', N'@x NVARCHAR(9)', @x = N'b'", "b"},
		{"SELECT @@TRANCOUNT, @@SPID, DB_NAME(), SUSER_SNAME(), SCHEMA_NAME()", "0|51|keys|user|dbo"},
		{"SELECT [name] FROM sys.tables; SELECT 'x' AS [select], 1 \"b c\"", "encryption_key; x|1"},
		{"/* a /* b */ c */ SELECT 1 -- d", "1"},
		{"SET NOCOUNT ON; DELETE FROM encryption_key; SELECT COUNT(*) FROM encryption_key", "0"},
		{"UPDATE encryption_key SET key_record = N'new', id = UPPER(id) WHERE id = 'b'; SELECT id, key_record FROM encryption_key WHERE id = 'b'", "(1); B|new"},
		{"DELETE FROM encryption_key WHERE id = 'a' AND created > '2024-01-01'; SELECT @@ROWCOUNT, COUNT(*) FROM encryption_key", "(1); 1|2"},
		{"TRUNCATE TABLE encryption_key; SELECT COUNT(*) FROM encryption_key", "0"},
		{"INSERT INTO encryption_key SELECT id + 'x', created, key_record FROM encryption_key; SELECT COUNT(*) FROM encryption_key WHERE id LIKE '_x'", "(3); 3"},
		{"BEGIN TRAN; DELETE FROM encryption_key; ROLLBACK; SELECT COUNT(*), @@TRANCOUNT FROM encryption_key", "(3); 3|0"},
		{"BEGIN TRAN; BEGIN TRAN; DELETE FROM encryption_key; COMMIT; SELECT @@TRANCOUNT; COMMIT; SELECT COUNT(*) FROM encryption_key", "(3); 1; 0"},
		{"SELECT COUNT(*) FROM encryption_key WITH (NOLOCK) OPTION (RECOMPILE)", "3"},
		{"WAITFOR DELAY '00:00:00'; SELECT 1", "1"},
		{"USE keys; SELECT 1", "; 1"},
		{"SELECT 1 RETURN SELECT 2", "1"},
		{"SET TRANSACTION ISOLATION LEVEL READ COMMITTED SET LOCK_TIMEOUT -1 SET QUOTED_IDENTIFIER, ANSI_NULLS ON SELECT 1", "1"},
	} {
		s := newSession(t, sqltype.DefaultCollation, keyTable, threeKeys)
		if got := strings.TrimPrefix(run(t, s, c.batch), "; "); got != strings.TrimPrefix(c.want, "; ") {
			t.Errorf("%s\n\tgot  %s\n\twant %s", c.batch, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ batch, want string }{
		{"SELEC 1", "error 102"},
		{"SELECT 1 FROM", "error 102"},
		{"SELECT 'a", "error 105"},
		{"SELECT /* a", "error 113"},
		{"SELECT * FROM encryption_key WHERE", "error 102"},
		{"SELECT key_record FROM encryption_key WHERE id = 'a' ORDER BY created DESC limit 1", "error 102"},
		{"SELECT FROM", "error 156"},
		{"SELECT 1; SELEC", "error 102"}, // nothing of it runs
		{"SELECT * FROM nothing", "error 208"},
		{"SELECT * FROM other.dbo.encryption_key", "error 208"},
		{"SELECT * FROM sys.nothing", "error 208"},
		{"SELECT nothing FROM encryption_key", "error 207"},
		{"SELECT x.id FROM encryption_key AS k", "error 4104"},
		{"SELECT id FROM encryption_key a, encryption_key b", "error 209"},
		{"SELECT @x", "error 137"},
		{"DECLARE @a INT, @A INT", "error 134"},
		{"SELECT NOTHING(1)", "error 195"},
		{"SELECT DATEADD(SECOND, 1)", "error 174"},
		{"SELECT DATEADD(fortnight, 1, '2024-01-01')", "error 155"},
		{"SELECT DATEADD(SECOND, CAST(2147483648 AS BIGINT), '1970-01-01')", "error 8115"},
		{"SELECT DATEADD(SECOND, 2147483647, '9999-01-01')", "error 517"},
		{"SELECT DATEADD(SECOND, -1, '1753-01-01')", "error 517"},
		{"SELECT DATEDIFF(SECOND, '1900-01-01', '2024-01-01')", "error 535"},
		{"SELECT 2147483647 + 1", "error 8115"},
		{"SELECT 1 / 0", "error 8134"},
		{"SELECT CAST('x' AS INT)", "error 245"},
		{"SELECT id, COUNT(*) FROM encryption_key", "error 8120"},
		{"SELECT 1 WHERE COUNT(*) = 1", "error 147"},
		{"SELECT 1 WHERE 1", "error 4145"},
		{"SELECT (SELECT id FROM encryption_key)", "error 512"},
		{"SELECT 1 WHERE 1 = (SELECT 1, 2)", "error 116"},
		{"SELECT TOP (-1) 1", "error 1060"},
		{"SELECT 'a' COLLATE nonsense", "error 448"},
		{"SELECT 1 WHERE 'a' COLLATE Latin1_General_BIN2 = N'A' COLLATE Latin1_General_CI_AS", "error 468"},
		{"INSERT INTO encryption_key VALUES ('a', '2024-01-01', 'x')", "error 2627"},
		{"INSERT INTO encryption_key VALUES ('A ', '2024-01-01', 'x'); SELECT @@ERROR, @@ROWCOUNT", "error 2627; 2627|0"},
		{"SET XACT_ABORT ON; INSERT INTO encryption_key VALUES ('a', '2024-01-01', 'x'); SELECT 1", "error 2627"},
		{"INSERT INTO encryption_key VALUES ('c', '2024-01-01', 'x'), ('a', '2024-01-01', 'x'); SELECT COUNT(*) FROM encryption_key", "error 2627; 3"},
		{"UPDATE encryption_key SET id = 'a', created = '2024-01-01'; SELECT COUNT(*) FROM encryption_key", "error 2627; 3"},
		{"INSERT INTO encryption_key VALUES (NULL, '2024-01-01', 'x')", "error 515"},
		{"INSERT INTO encryption_key (id, created) VALUES ('c', '2024-01-01')", "error 515"},
		{"INSERT INTO encryption_key (id, created) VALUES ('c')", "error 109"},
		{"INSERT INTO encryption_key (id) VALUES ('c', 1)", "error 110"},
		{"INSERT INTO encryption_key VALUES ('c')", "error 213"},
		{"INSERT INTO encryption_key (id, id) VALUES ('c', 'c')", "error 264"},
		{"INSERT INTO encryption_key (nothing) VALUES ('c')", "error 207"},
		{"INSERT INTO encryption_key VALUES (REPLICATE(N'x', 256), '2024-01-01', 'x')", "error 2628"},
		{"INSERT INTO encryption_key VALUES ('c', 'yesterday', 'x')", "error 241"},
		{"INSERT INTO encryption_key VALUES ('c', 5, 'x')", "error 206"},
		{"CREATE TABLE encryption_key (a INT)", "error 2714"},
		{"CREATE TABLE nothing.t (a INT)", "error 2760"},
		{"CREATE TABLE t (a INT, A INT)", "error 2705"},
		{"CREATE TABLE t (a NONSENSE)", "error 2715"},
		{"CREATE TABLE t (a NVARCHAR(MAX) PRIMARY KEY)", "error 1919"},
		{"CREATE TABLE t (a CHAR(901) PRIMARY KEY)", "error 1944"},
		{"CREATE TABLE t (a INT PRIMARY KEY, b INT PRIMARY KEY)", "error 1779"},
		{"CREATE TABLE t (created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)", "error 1755"},
		{"CREATE TABLE t (a INT COLLATE Latin1_General_BIN2)", "error 447"},
		{"CREATE UNIQUE INDEX i ON encryption_key (created)", "error 1505"},
		{"DROP TABLE nothing", "error 3701"},
		{"COMMIT", "error 3902"},
		{"ROLLBACK", "error 3903"},
		{"USE other", "error 911"},
		{"SET NONSENSE ON", "error 195"},
		{"EXEC nothing", "error 2812"},
		{"EXEC sp_executesql N'SELECT @x', N'@x INT'", "error 8178"},
		{"EXEC sp_executesql 'SELECT 1'", "error 214"},
		{"EXEC sp_executesql N'SELECT @x', N'@x INT', @y = 1", "error 8145"},
		{"WAITFOR DELAY 'soon'", "error 148"},
		{"MERGE encryption_key AS t USING (SELECT 1 AS x) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT VALUES (1)", "error 50000"},
		{"ALTER TABLE encryption_key ADD x INT", "error 50000"},
		{"SELECT " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), "error 191"},
		{"EXEC sp_executesql N'EXEC sp_executesql N''SELEC'''", "error 102"},
	} {
		s := newSession(t, sqltype.DefaultCollation, keyTable, threeKeys)
		if got := run(t, s, c.batch); got != c.want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", c.batch, got, c.want)
		}
	}
}
