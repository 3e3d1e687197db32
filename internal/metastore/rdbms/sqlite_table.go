package rdbms

import (
	"context"
	"database/sql"
	"strings"
)

// inspectSQLite reads how the table is made. SQLite keeps to no length and to no type, so that there are no limits to
// report.
func inspectSQLite(ctx context.Context, conn *sql.Conn) (*Table, error) {
	t := &Table{Kind: "sqlite", Name: tableName}
	if err := conn.QueryRowContext(ctx, "SELECT 'SQLite ' || sqlite_version()").Scan(&t.Server); err != nil {
		return nil, err
	}
	collations, err := inspectSQLiteKeys(ctx, conn, t)
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, `SELECT name, lower(type), "notnull" = 0 FROM pragma_table_info('encryption_key')
		ORDER BY cid`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		c := Column{Scale: -1}
		if err := rows.Scan(&c.Name, &c.Type, &c.Nullable); err != nil {
			return nil, err
		}
		c.Type, _, _ = strings.Cut(c.Type, "(")
		c.Collation = collations[c.Name]
		c.Folds = c.Collation != "" && c.Collation != "BINARY"
		t.Columns = append(t.Columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(t.Columns) == 0 {
		return nil, errNoTable
	}
	return t, nil
}

// inspectSQLiteKeys adds the indexes, and returns the collations that the unique ones compare columns with.
func inspectSQLiteKeys(ctx context.Context, conn *sql.Conn, t *Table) (map[string]string, error) {
	collations := map[string]string{}
	rows, err := conn.QueryContext(ctx, `SELECT i.name, i.origin = 'pk', i."unique" AND NOT i.partial, x.name, x.coll
		FROM pragma_index_list('encryption_key') AS i, pragma_index_xinfo(i.name) AS x
		WHERE x.key = 1 ORDER BY i.seq, x.seqno`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			k      Key
			column sql.NullString // NULL for an expression
			coll   string
		)
		if err := rows.Scan(&k.Name, &k.Primary, &k.Unique, &column, &coll); err != nil {
			return nil, err
		}
		if t.addKey(k, column.String).Unique && column.Valid && (collations[column.String] == "" || coll != "BINARY") {
			collations[column.String] = coll
		}
	}
	return collations, rows.Err()
}
