package rdbms

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// inspectMySQL reads the table of the connection's database.
func inspectMySQL(ctx context.Context, conn *sql.Conn) (*Table, error) {
	t := &Table{Kind: "mysql"}
	var version string
	err := conn.QueryRowContext(ctx, `SELECT @@version,
		IF(@@session.time_zone = 'SYSTEM', CONCAT('SYSTEM: ', @@system_time_zone), @@session.time_zone),
		CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'encryption_key'`).Scan(&version, &t.SessionZone, &t.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoTable
	}
	if err != nil {
		return nil, err
	}
	t.Server = "MySQL " + version
	if strings.Contains(version, "MariaDB") {
		t.Server = "MariaDB " + strings.TrimSuffix(version, "-MariaDB")
	}
	if err := inspectMySQLColumns(ctx, conn, t); err != nil {
		return nil, err
	}
	return t, inspectMySQLKeys(ctx, conn, t)
}

// inspectMySQLColumns: but for binary strings every collation folds something; those of numbers ("_bin") only blanks at
// the end, and not even these where they say so.
func inspectMySQLColumns(ctx context.Context, conn *sql.Conn, t *Table) error {
	rows, err := conn.QueryContext(ctx, `SELECT COLUMN_NAME, LOWER(DATA_TYPE), COALESCE(CHARACTER_MAXIMUM_LENGTH, 0),
		COALESCE(DATETIME_PRECISION, -1), IS_NULLABLE = 'YES', COALESCE(CHARACTER_SET_NAME, ''), COALESCE(COLLATION_NAME, '')
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'encryption_key'
		ORDER BY ORDINAL_POSITION`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c Column
		var length uint64 // up to 2^32-1
		if err := rows.Scan(&c.Name, &c.Type, &length, &c.Scale, &c.Nullable, &c.CharacterSet, &c.Collation); err != nil {
			return err
		}
		c.Length = int(length)
		exact := strings.HasSuffix(c.Collation, "nopad_bin") || strings.HasSuffix(c.Collation, "0900_bin")
		c.Folds = c.Collation != "" && c.Collation != "binary" && !exact
		t.Columns = append(t.Columns, c)
	}
	return rows.Err()
}

// inspectMySQLKeys: an index over the beginning of a column keeps only ids apart that differ there, which makes that
// length the column's.
func inspectMySQLKeys(ctx context.Context, conn *sql.Conn, t *Table) error {
	rows, err := conn.QueryContext(ctx, `SELECT INDEX_NAME, INDEX_NAME = 'PRIMARY', NON_UNIQUE = 0,
		COALESCE(COLUMN_NAME, ''), COALESCE(SUB_PART, '') FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
		AND TABLE_NAME = 'encryption_key' ORDER BY INDEX_NAME, SEQ_IN_INDEX`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k Key
		var column, part string
		if err := rows.Scan(&k.Name, &k.Primary, &k.Unique, &column, &part); err != nil {
			return err
		}
		t.addKey(k, column)
		length, err := strconv.Atoi(part)
		if c := t.Column(column); err == nil && k.Unique && c != nil && (c.Length == 0 || length < c.Length) {
			c.Length = length
		}
	}
	return rows.Err()
}
