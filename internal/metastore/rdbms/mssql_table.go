package rdbms

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// What an entry of an index can have, in bytes. Before SQL Server 2016 (version 13) 900 was the limit for all.
const (
	maxClusteredEntry    = 900
	maxNonclusteredEntry = 1700
)

// inspectMSSQL reads the table that a statement without schema means.
func inspectMSSQL(ctx context.Context, conn *sql.Conn) (*Table, error) {
	t := &Table{Kind: "mssql"}
	var version, edition, schema sql.NullString
	err := conn.QueryRowContext(ctx, "SELECT CONVERT(NVARCHAR(128), SERVERPROPERTY('ProductVersion')), "+
		"CONVERT(NVARCHAR(128), SERVERPROPERTY('Edition')), OBJECT_SCHEMA_NAME(OBJECT_ID('encryption_key'))").
		Scan(&version, &edition, &schema)
	if err != nil {
		return nil, err
	}
	if !schema.Valid {
		return nil, errNoTable
	}
	t.Server = strings.TrimSpace("SQL Server " + version.String + " " + edition.String)
	t.Name = schema.String + "." + tableName
	sizes, err := inspectMSSQLColumns(ctx, conn, t)
	if err != nil {
		return nil, err
	}
	major, _, _ := strings.Cut(version.String, ".")
	n, _ := strconv.Atoi(major)
	return t, inspectMSSQLKeys(ctx, conn, t, sizes, n >= 13)
}

// inspectMSSQLColumns adds the columns, with types of the user's own making as the system's types beneath, and returns
// how many bytes each may take. A collation that is not binary folds case, accents or other differences, and even a
// binary one does not count trailing blanks.
func inspectMSSQLColumns(ctx context.Context, conn *sql.Conn, t *Table) (sizes map[string]int, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT c.name, TYPE_NAME(c.system_type_id), TYPE_NAME(c.user_type_id),
		c.max_length, c.scale, c.is_nullable, c.collation_name,
		CONVERT(INT, COLLATIONPROPERTY(c.collation_name, 'CodePage'))
		FROM sys.columns AS c WHERE c.object_id = OBJECT_ID('encryption_key') ORDER BY c.column_id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	sizes = map[string]int{}
	for rows.Next() {
		var (
			c               = Column{Scale: -1}
			system, user    sql.NullString
			collation, page sql.NullString
			size, scale     int
		)
		if err := rows.Scan(&c.Name, &system, &user, &size, &scale, &c.Nullable, &collation, &page); err != nil {
			return nil, err
		}
		c.Type = strings.ToLower(system.String)
		if !system.Valid { // a type that shares its system type with others
			c.Type = strings.ToLower(user.String)
		}
		sizes[c.Name] = size
		switch c.Type {
		case "char", "varchar":
			c.Length, c.CharacterSet = max(size, 0), page.String // -1 is MAX
		case "nchar", "nvarchar":
			c.Length = max(size/2, 0)
		case "text":
			c.CharacterSet = page.String
		case "datetime", "smalldatetime":
			c.Scale = 0
		case "datetime2", "datetimeoffset":
			c.Scale = scale
		}
		if collation.Valid {
			c.Collation = collation.String
			c.Folds = !strings.Contains(strings.ToUpper(c.Collation)+"_", "_BIN2_") &&
				!strings.Contains(strings.ToUpper(c.Collation)+"_", "_BIN_")
		}
		t.Columns = append(t.Columns, c)
	}
	return sizes, rows.Err()
}

// inspectMSSQLKeys adds the indexes, and finds how long an id their entries leave room for. An index with
// IGNORE_DUP_KEY is not unique to us: it drops a duplicate in silence, so that its creator would believe in it.
func inspectMSSQLKeys(ctx context.Context, conn *sql.Conn, t *Table, sizes map[string]int, wide bool) error {
	rows, err := conn.QueryContext(ctx, `SELECT i.name, i.is_primary_key,
		CASE WHEN i.is_unique = 1 AND i.ignore_dup_key = 0 AND i.has_filter = 0 AND i.is_disabled = 0 THEN 1 ELSE 0 END,
		CASE WHEN i.type = 1 THEN 1 ELSE 0 END, c.name
		FROM sys.indexes AS i
		JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
		JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
		WHERE i.object_id = OBJECT_ID('encryption_key') AND i.is_hypothetical = 0 AND k.key_ordinal > 0
		ORDER BY i.index_id, k.key_ordinal`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	room := map[string]int{} // by index
	for rows.Next() {
		var (
			k         Key
			clustered bool
			column    string
		)
		if err := rows.Scan(&k.Name, &k.Primary, &k.Unique, &clustered, &column); err != nil {
			return err
		}
		last := t.addKey(k, column)
		if len(last.Columns) == 1 {
			room[last.Name] = maxClusteredEntry
			if wide && !clustered {
				room[last.Name] = maxNonclusteredEntry
			}
		}
		if !strings.EqualFold(column, "id") {
			room[last.Name] -= max(sizes[column], 0)
		}
	}
	for _, k := range t.Keys {
		if k.has("id") && (t.MaxIDBytes == 0 || room[k.Name] < t.MaxIDBytes) {
			t.MaxIDBytes = max(room[k.Name], 1)
		}
	}
	return rows.Err()
}
