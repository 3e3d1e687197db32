package engine

import (
	"slices"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

func (d *Database) schemaID(name string) int {
	return 1 + slices.IndexFunc(d.schemas, func(s string) bool { return d.same(s, name) })
}

const objectColumns = "name sysname, object_id int, schema_id int, parent_object_id int, type char(2), type_desc " +
	"nvarchar(60),create_date datetime, is_ms_shipped bit"

func objectRow(d *Database, t *Table, name string, id, parent int, kind, description string) []any {
	return []any{
		name, int64(id), int64(d.schemaID(t.Schema)), int64(parent), kind, description, time.Unix(t.Created, 0).UTC(), false,
	}
}

func objectRows(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		rows = append(rows, objectRow(d, t, t.Name, t.ID, 0, "U ", "USER_TABLE"))
		for _, ix := range t.Indexes {
			switch {
			case ix.Primary:
				rows = append(rows, objectRow(d, t, ix.Name, ix.ID, t.ID, "PK", "PRIMARY_KEY_CONSTRAINT"))
			case ix.ID != 0:
				rows = append(rows, objectRow(d, t, ix.Name, ix.ID, t.ID, "UQ", "UNIQUE_CONSTRAINT"))
			}
		}
	}
	return rows
}

func tableRows(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		rows = append(rows, append(objectRow(d, t, t.Name, t.ID, 0, "U ", "USER_TABLE"), int64(0), false))
	}
	return rows
}

const columnColumns = "object_id int, name sysname?, column_id int, system_type_id tinyint, user_type_id int, " +
	"max_length smallint,precision tinyint, scale tinyint, collation_name sysname?, is_nullable bit?, is_identity bit, " +
	"is_computed bit, default_object_id int, generated_always_type tinyint?, encryption_type int?"

func columnRows(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		for i, c := range t.Columns {
			kind := describe(c.Type)
			rows = append(rows, []any{
				int64(t.ID), c.Name, int64(i + 1), int64(kind.system), int64(kind.user), int64(kind.length), int64(kind.precision),
				int64(kind.scale), collationName(c.Type), c.Nullable, false, false, int64(0), int64(0), nil,
			})
		}
	}
	return rows
}

func collationName(t sqltype.Type) any {
	if t.IsString() {
		return t.Collation.Name
	}
	return nil
}

const indexColumns = "object_id int, name sysname?, index_id int, type tinyint, type_desc nvarchar(60)?, is_unique " +
	"bit?, ignore_dup_key bit?, is_primary_key bit?, is_unique_constraint bit?, is_disabled bit?, is_hypothetical bit?, " +
	"has_filter bit"

func indexRows(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		if !slices.ContainsFunc(t.Indexes, func(ix *Index) bool { return ix.Clustered }) {
			rows = append(rows, []any{
				int64(t.ID), nil, int64(0), int64(0), "HEAP", false, false, false, false, false, false, false,
			})
		}
		for i, ix := range t.Indexes {
			kind, description := int64(2), "NONCLUSTERED"
			if ix.Clustered {
				kind, description = 1, "CLUSTERED"
			}
			rows = append(rows, []any{
				int64(t.ID), ix.Name, t.indexID(i), kind, description, ix.Unique, ix.IgnoreDupKey, ix.Primary,
				ix.ID != 0 && !ix.Primary, false, false, ix.filter != nil,
			})
		}
	}
	return rows
}

// indexID is 1 for the clustered index, and from 2 on for the others.
func (t *Table) indexID(i int) int64 {
	if t.Indexes[i].Clustered {
		return 1
	}
	id := int64(2)
	for _, ix := range t.Indexes[:i] {
		if !ix.Clustered {
			id++
		}
	}
	return id
}

const indexColumnColumns = "object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, " +
	"partition_ordinal tinyint, is_descending_key bit?, is_included_column bit?"

func indexColumnRows(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		for i, ix := range t.Indexes {
			for n, c := range ix.columns {
				rows = append(rows, []any{
					int64(t.ID), t.indexID(i), int64(n + 1), int64(c + 1), int64(n + 1), int64(0), ix.descending[n], false,
				})
			}
		}
	}
	return rows
}

const keyColumns = objectColumns + ", unique_index_id int?, is_system_named bit"

func keyRows(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		for i, ix := range t.Indexes {
			if ix.ID == 0 {
				continue
			}
			kind, description := "UQ", "UNIQUE_CONSTRAINT"
			if ix.Primary {
				kind, description = "PK", "PRIMARY_KEY_CONSTRAINT"
			}
			rows = append(rows, append(objectRow(d, t, ix.Name, ix.ID, t.ID, kind, description), t.indexID(i), false))
		}
	}
	return rows
}

func schemaTables(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		rows = append(rows, []any{d.Name, t.Schema, t.Name, "BASE TABLE"})
	}
	return rows
}

const schemaColumnColumns = "TABLE_CATALOG sysname?, TABLE_SCHEMA sysname?, TABLE_NAME sysname, COLUMN_NAME " +
	"sysname?, ORDINAL_POSITION int?, COLUMN_DEFAULT nvarchar(4000)?, IS_NULLABLE varchar(3)?, DATA_TYPE sysname?, " +
	"CHARACTER_MAXIMUM_LENGTH int?, CHARACTER_OCTET_LENGTH int?, NUMERIC_PRECISION tinyint?, NUMERIC_SCALE int?, " +
	"DATETIME_PRECISION smallint?, CHARACTER_SET_NAME sysname?, COLLATION_NAME sysname?"

func schemaColumns(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		for i, c := range t.Columns {
			kind := describe(c.Type)
			nullable := "NO"
			if c.Nullable {
				nullable = "YES"
			}
			row := []any{
				d.Name, t.Schema, t.Name, c.Name, int64(i + 1), nil, nullable, c.Type.Name(), nil, nil, nil, nil, nil,
				nil, nil,
			}
			switch {
			case c.Type.IsString() || c.Type.Kind == sqltype.Binary || c.Type.Kind == sqltype.VarBinary:
				row[8], row[9] = int64(c.Type.Size), int64(c.Type.Bytes())
				if c.Type.IsString() {
					row[13], row[14] = characterSet(c.Type), c.Type.Collation.Name
				}
			case c.Type.IsTime():
				row[12] = int64(kind.scale)
			case c.Type.IsWhole():
				row[10], row[11] = int64(kind.precision), int64(0)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func characterSet(t sqltype.Type) string {
	switch {
	case t.IsUnicode():
		return "UNICODE"
	case t.Collation.IsUTF8():
		return "utf8"
	default:
		return "iso_1"
	}
}

const schemaConstraintColumns = "CONSTRAINT_CATALOG sysname?, CONSTRAINT_SCHEMA sysname?, CONSTRAINT_NAME sysname, " +
	"TABLE_CATALOG sysname?, TABLE_SCHEMA sysname?, TABLE_NAME sysname?, CONSTRAINT_TYPE varchar(11)?"

func schemaConstraints(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		for _, ix := range t.Indexes {
			switch {
			case ix.Primary:
				rows = append(rows, []any{d.Name, t.Schema, ix.Name, d.Name, t.Schema, t.Name, "PRIMARY KEY"})
			case ix.ID != 0:
				rows = append(rows, []any{d.Name, t.Schema, ix.Name, d.Name, t.Schema, t.Name, "UNIQUE"})
			}
		}
	}
	return rows
}

const schemaKeyColumns = "CONSTRAINT_CATALOG sysname?, CONSTRAINT_SCHEMA sysname?, CONSTRAINT_NAME sysname, " +
	"TABLE_CATALOG sysname?, TABLE_SCHEMA sysname?, TABLE_NAME sysname?, COLUMN_NAME sysname?, ORDINAL_POSITION int"

func schemaKeys(d *Database) [][]any {
	var rows [][]any
	for _, t := range d.sorted() {
		for _, ix := range t.Indexes {
			if ix.ID == 0 {
				continue
			}
			for n, c := range ix.columns {
				rows = append(rows, []any{d.Name, t.Schema, ix.Name, d.Name, t.Schema, t.Name, t.Columns[c].Name, int64(n + 1)})
			}
		}
	}
	return rows
}
