package engine

import (
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

const databaseID = 5

// view is a catalogue view.
type view struct {
	columns []*Column
	rows    func(*Database) [][]any
}

// view finds a catalogue view by its name, with schema.
func (d *Database) view(name tsql.Name) *view {
	schema, object, ok := d.split(name)
	if !ok {
		return nil
	}
	for full, def := range views {
		s, o, _ := strings.Cut(full, ".")
		if d.same(s, schema) && d.same(o, object) {
			return &view{columns: viewColumns(d, def.columns), rows: def.rows}
		}
	}
	return nil
}

// viewColumns reads "name type, name type"; the types are those of tests for NULL, with ? behind them.
func viewColumns(d *Database, spec string) []*Column {
	var columns []*Column
	for item := range strings.SplitSeq(spec, ",") {
		name, typeName, _ := strings.Cut(strings.TrimSpace(item), " ")
		typeName, nullable := strings.CutSuffix(typeName, "?")
		var length *int
		if t, size, ok := strings.Cut(typeName, "("); ok {
			n := 0
			for _, r := range strings.TrimSuffix(size, ")") {
				n = 10*n + int(r-'0')
			}
			typeName, length = t, &n
		}
		t, err := sqltype.Named(typeName, length, false)
		if err != nil {
			panic("mssqltest: view with the type " + typeName)
		}
		if t.IsString() {
			t.Collation = d.Collation
		}
		columns = append(columns, &Column{Name: name, Type: t, Nullable: nullable})
	}
	return columns
}

type viewDefinition struct {
	columns string
	rows    func(*Database) [][]any
}

const (
	tableColumns       = objectColumns + ", temporal_type tinyint, is_memory_optimized bit"
	checkColumns       = "name sysname, object_id int, parent_object_id int, definition nvarchar(4000)?"
	triggerColumns     = "name sysname, object_id int, parent_id int, is_disabled bit, is_instead_of_trigger bit"
	schemaTableColumns = "TABLE_CATALOG sysname?, TABLE_SCHEMA sysname?, TABLE_NAME sysname, TABLE_TYPE varchar(10)?"
)

// Columns of real views that are not needed are left out: who asks for one gets error 207.
var views = map[string]viewDefinition{
	"sys.schemas": {"name sysname, schema_id int, principal_id int?", func(d *Database) [][]any {
		var rows [][]any
		for i, name := range d.schemas {
			rows = append(rows, []any{name, int64(i + 1), int64(1)})
		}
		return rows
	}},
	"sys.databases": {
		"name sysname, database_id int, compatibility_level tinyint, collation_name sysname?, state tinyint, state_desc " +
			"nvarchar(60),is_read_only bit, is_read_committed_snapshot_on bit, user_access_desc nvarchar(60)",
		func(d *Database) [][]any {
			return [][]any{{
				d.Name, int64(databaseID), int64(d.Compat), d.Collation.Name, int64(0), "ONLINE", false, false, "MULTI_USER",
			}}
		},
	},
	"sys.types": {
		"name sysname, system_type_id tinyint, user_type_id int, schema_id int, max_length smallint, precision tinyint, " +
			"scale tinyint,collation_name sysname?, is_nullable bit, is_user_defined bit",
		func(d *Database) [][]any {
			var rows [][]any
			for _, t := range systemTypes {
				rows = append(rows, []any{
					t.name, int64(t.system), int64(t.user), int64(4), int64(t.length), int64(t.precision), int64(t.scale),
					t.collation(d),
					true, false,
				})
			}
			return rows
		},
	},
	"sys.objects":                          {objectColumns, objectRows},
	"sys.tables":                           {tableColumns, tableRows},
	"sys.columns":                          {columnColumns, columnRows},
	"sys.all_columns":                      {columnColumns, columnRows},
	"sys.indexes":                          {indexColumns, indexRows},
	"sys.index_columns":                    {indexColumnColumns, indexColumnRows},
	"sys.key_constraints":                  {keyColumns, keyRows},
	"sys.default_constraints":              {checkColumns + ", parent_column_id int", none},
	"sys.check_constraints":                {checkColumns, none},
	"sys.triggers":                         {triggerColumns, none},
	"sys.views":                            {objectColumns, none},
	"INFORMATION_SCHEMA.TABLES":            {schemaTableColumns, schemaTables},
	"INFORMATION_SCHEMA.COLUMNS":           {schemaColumnColumns, schemaColumns},
	"INFORMATION_SCHEMA.TABLE_CONSTRAINTS": {schemaConstraintColumns, schemaConstraints},
	"INFORMATION_SCHEMA.KEY_COLUMN_USAGE":  {schemaKeyColumns, schemaKeys},
	"INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE": {
		"TABLE_CATALOG sysname?, TABLE_SCHEMA sysname?, TABLE_NAME sysname, COLUMN_NAME sysname?, " +
			"CONSTRAINT_CATALOG sysname?, CONSTRAINT_SCHEMA sysname?, CONSTRAINT_NAME sysname",
		func(d *Database) [][]any {
			var rows [][]any
			for _, k := range schemaKeys(d) {
				rows = append(rows, []any{k[3], k[4], k[5], k[6], k[0], k[1], k[2]})
			}
			return rows
		},
	},
}

func none(*Database) [][]any { return nil }

// systemType is a line of sys.types.
type systemType struct {
	name             string
	system, user     int
	length           int
	precision, scale int
}

var systemTypes = []systemType{
	{"image", 34, 34, 16, 0, 0},
	{"text", 35, 35, 16, 0, 0},
	{"uniqueidentifier", 36, 36, 16, 0, 0},
	{"date", 40, 40, 3, 10, 0},
	{"time", 41, 41, 5, 16, 7},
	{"datetime2", 42, 42, 8, 27, 7},
	{"datetimeoffset", 43, 43, 10, 34, 7},
	{"tinyint", 48, 48, 1, 3, 0},
	{"smallint", 52, 52, 2, 5, 0},
	{"int", 56, 56, 4, 10, 0},
	{"smalldatetime", 58, 58, 4, 16, 0},
	{"real", 59, 59, 4, 24, 0},
	{"datetime", 61, 61, 8, 23, 3},
	{"float", 62, 62, 8, 53, 0},
	{"sql_variant", 98, 98, 8016, 0, 0},
	{"ntext", 99, 99, 16, 0, 0},
	{"bit", 104, 104, 1, 1, 0},
	{"bigint", 127, 127, 8, 19, 0},
	{"varbinary", 165, 165, 8000, 0, 0},
	{"varchar", 167, 167, 8000, 0, 0},
	{"binary", 173, 173, 8000, 0, 0},
	{"char", 175, 175, 8000, 0, 0},
	{"timestamp", 189, 189, 8, 0, 0},
	{"nvarchar", 231, 231, 8000, 0, 0},
	{"nchar", 239, 239, 8000, 0, 0},
	{"sysname", 231, 256, 256, 0, 0},
}

func (t systemType) collation(d *Database) any {
	switch t.name {
	case "text", "ntext", "varchar", "char", "nvarchar", "nchar", "sysname":
		return d.Collation.Name
	}
	return nil
}

// describe has the line of sys.types for a type, with precision and scale as sys.columns has them.
func describe(t sqltype.Type) systemType {
	for _, known := range systemTypes {
		if known.name != t.Name() || known.name == "sysname" {
			continue
		}
		base := map[sqltype.Kind]int{sqltype.Time: 8, sqltype.DateTime2: 19, sqltype.DateTimeOffset: 26}[t.Kind]
		if base > 0 {
			known.precision, known.scale = base, t.Scale
			if t.Scale > 0 {
				known.precision += 1 + t.Scale
			}
		}
		known.length = t.Bytes()
		return known
	}
	return systemType{name: t.Name()}
}
