package rdbms

import (
	"context"
	"database/sql"
	"errors"
)

// inspectPostgres reads the table that a statement without schema means.
func inspectPostgres(ctx context.Context, conn *sql.Conn) (*Table, error) {
	t := &Table{Kind: "postgres"}
	err := conn.QueryRowContext(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version'),
		current_setting('TimeZone'), n.nspname || '.' || c.relname, NOT (has_table_privilege(c.oid, 'SELECT') AND
		has_table_privilege(c.oid, 'INSERT'))
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = to_regclass('encryption_key')`).Scan(&t.Server, &t.SessionZone, &t.Name, &t.Forbidden)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoTable
	}
	if err != nil {
		return nil, err
	}
	if err := inspectPostgresColumns(ctx, conn, t); err != nil {
		return nil, err
	}
	return t, inspectPostgresKeys(ctx, conn, t)
}

// inspectPostgresColumns sees through domains. A non-deterministic collation takes texts that differ for equal; those
// of type bpchar are padded with blanks, which do not count; citext ignores case.
func inspectPostgresColumns(ctx context.Context, conn *sql.Conn, t *Table) error {
	rows, err := conn.QueryContext(ctx, `SELECT a.attname, coalesce(b.typname, t.typname),
		CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, NOT a.attnotnull,
		current_setting('server_encoding'), CASE c.collname WHEN 'default' THEN d.datcollate ELSE c.collname END,
		coalesce(to_jsonb(c) ->> 'collisdeterministic' = 'false', false)
		FROM pg_catalog.pg_attribute a
		JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
		JOIN pg_catalog.pg_database d ON d.datname = current_database()
		LEFT JOIN pg_catalog.pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
		LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation
		WHERE a.attrelid = to_regclass('encryption_key') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			c         = Column{Scale: -1}
			modifier  int
			encoding  string
			collation sql.NullString
		)
		if err := rows.Scan(&c.Name, &c.Type, &modifier, &c.Nullable, &encoding, &collation, &c.Folds); err != nil {
			return err
		}
		if collation.Valid {
			c.Collation, c.CharacterSet = collation.String, encoding
		}
		switch c.Type {
		case "varchar", "bpchar":
			c.Length = max(0, modifier-4) // without a length the modifier is -1
		case "timestamp", "timestamptz":
			c.Scale = 6
			if modifier >= 0 {
				c.Scale = modifier
			}
		}
		c.Folds = c.Folds || c.Type == "bpchar" || c.Type == "citext"
		t.Columns = append(t.Columns, c)
	}
	return rows.Err()
}

// inspectPostgresKeys counts as unique what is checked for every row at its insert.
func inspectPostgresKeys(ctx context.Context, conn *sql.Conn, t *Table) error {
	rows, err := conn.QueryContext(ctx, `SELECT c.relname, i.indisprimary,
		i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL, coalesce(a.attname, '')
		FROM pg_catalog.pg_index i
		JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
		CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
		LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		WHERE i.indrelid = to_regclass('encryption_key') AND k.position <= i.indnkeyatts ORDER BY c.relname, k.position`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k Key
		var column string
		if err := rows.Scan(&k.Name, &k.Primary, &k.Unique, &column); err != nil {
			return err
		}
		t.addKey(k, column)
	}
	return rows.Err()
}
