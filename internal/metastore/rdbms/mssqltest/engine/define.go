package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// createTable is CREATE TABLE. Definitions are not undone by ROLLBACK.
func (x *execution) createTable(st *tsql.CreateTable, r *Result) error {
	db := x.session.DB
	schema, name, ok := db.split(st.Table)
	if schema = db.schema(schema); schema == "" || !ok {
		return sqltype.Errorf(2760, 1,
			`The specified schema name "%s" either does not exist or you do not have permission to use it.`,
			strings.Join(st.Table[:len(st.Table)-1], "."))
	}
	if strings.HasPrefix(name, "#") {
		return sqltype.Unsupported("temporary tables")
	}
	if _, err := db.table(st.Table); err == nil {
		return sqltype.Errorf(2714, 6, "There is already an object named '%s' in the database.", name)
	}
	t := &Table{ID: db.id(), Schema: schema, Name: name, Created: db.Now().Unix()}
	for i := range st.Columns {
		if err := x.defineColumn(t, &st.Columns[i]); err != nil {
			return err
		}
	}
	for i := range st.Indexes {
		if err := x.defineIndex(t, &st.Indexes[i], r); err != nil {
			return err
		}
	}
	db.tables = append(db.tables, t)
	return nil
}

func (x *execution) defineColumn(t *Table, c *tsql.Column) error {
	db := x.session.DB
	if db.column(t, c.Name) >= 0 {
		return sqltype.Errorf(2705, 3, "Column names in each table must be unique. Column name '%s' in table '%s' is "+
			"specified more than once.", c.Name, t.Name)
	}
	kind, err := sqltype.Named(c.Type.Name, c.Type.Length, false)
	if err != nil {
		return err
	}
	column := &Column{Name: c.Name, Type: kind, Nullable: c.Null == nil || *c.Null}
	if kind.IsString() {
		column.Type.Collation = db.Collation
		if c.Collation != "" && !strings.EqualFold(c.Collation, "database_default") {
			if column.Type.Collation, err = sqltype.NamedCollation(c.Collation); err != nil {
				return err
			}
		}
	} else if c.Collation != "" {
		return sqltype.Errorf(447, 0, "Expression type %s is invalid for COLLATE clause.", kind.Name())
	}
	if c.Default != nil {
		if kind.Kind == sqltype.RowVersion {
			return sqltype.Errorf(1755, 1, "Defaults cannot be created on columns of data type timestamp. Table '%s', column "+
				"'%s'.",
				t.Name, c.Name)
		}
		b := x.binder(nil)
		if column.Default, err = b.value(c.Default); err != nil {
			return err
		}
		if _, err := (sqltype.Conversion{Compat: db.Compat}).Convert(nil, column.Default.typ, kind); err != nil {
			return err
		}
	}
	t.Columns = append(t.Columns, column)
	return nil
}

// defineIndex adds a constraint or an index to a table.
func (x *execution) defineIndex(t *Table, def *tsql.Index, r *Result) error {
	db := x.session.DB
	ix := &Index{Name: def.Name, Primary: def.Primary, Unique: def.Unique, IgnoreDupKey: def.IgnoreDupKey}
	ix.Clustered = def.Primary
	if def.Clustered != nil {
		ix.Clustered = *def.Clustered
	}
	if err := x.checkIndex(t, def, ix); err != nil {
		return err
	}
	if def.Constraint {
		ix.ID = db.id()
		if ix.Name == "" {
			prefix := map[bool]string{true: "PK", false: "UQ"}[def.Primary]
			ix.Name = fmt.Sprintf("%s__%.9s__%016X", prefix, t.Name, ix.ID)
		}
	}
	for _, o := range def.Columns {
		c := db.column(t, o.By.(*tsql.ColumnName).Name.Last())
		if c < 0 {
			return sqltype.Errorf(1911, 1, "Column name '%s' does not exist in the target table or view.",
				o.By.(*tsql.ColumnName).Name.Last())
		}
		if k := t.Columns[c].Type; k.Size == sqltype.Max || k.Bytes() == 16 && k.Kind != sqltype.UniqueIdentifier &&
			!k.IsFixed() ||
			k.Kind == sqltype.Text || k.Kind == sqltype.NText || k.Kind == sqltype.Image {
			return sqltype.Errorf(1919, 1, "Column '%s' in table '%s' is of a type that is invalid for use as a key column in "+
				"an index.",
				t.Columns[c].Name, t.Name)
		}
		ix.columns, ix.descending = append(ix.columns, c), append(ix.descending, o.Descending)
	}
	if err := ix.checkNulls(t, def); err != nil {
		return err
	}
	if err := ix.checkWidth(t, r); err != nil {
		return err
	}
	if def.Filter != nil {
		columns := &scope{}
		for i, c := range t.Columns {
			columns.columns = append(columns.columns, scopeColumn{Column: *c, table: t.Name, at: i})
		}
		var err error
		if ix.filter, err = x.binder(columns).condition(def.Filter); err != nil {
			return err
		}
	}
	return x.fill(t, ix)
}

func (x *execution) checkIndex(t *Table, def *tsql.Index, ix *Index) error {
	if len(def.Columns) == 0 {
		return sqltype.Unsupported("an index without columns")
	}
	for _, other := range t.Indexes {
		switch {
		case ix.Primary && other.Primary && def.Table == nil:
			return sqltype.Errorf(8110, 0, "Cannot add multiple PRIMARY KEY constraints to table '%s'.", t.Name)
		case ix.Primary && other.Primary:
			return sqltype.Errorf(1779, 0, "Table '%s' already has a primary key defined on it.", t.Name)
		case ix.Clustered && other.Clustered && def.Clustered == nil:
			ix.Clustered = false
		case ix.Clustered && other.Clustered:
			return sqltype.Errorf(1902, 3, "Cannot create more than one clustered index on table '%s'. Drop the existing "+
				"clustered index '%s' before creating another.", t.Name, other.Name)
		case ix.Name != "" && x.session.DB.same(ix.Name, other.Name):
			return sqltype.Errorf(1913, 1, "The operation failed because an index or statistics with name '%s' already exists "+
				"on table '%s'.", ix.Name, t.Name)
		}
	}
	return nil
}

// checkNulls: a primary key makes its columns NOT NULL where nothing is said, and refuses NULL.
func (ix *Index) checkNulls(t *Table, def *tsql.Index) error {
	if !ix.Primary {
		return nil
	}
	for _, c := range ix.columns {
		if t.Columns[c].Nullable && def.Table != nil {
			return sqltype.Errorf(8111, 1, "Cannot define PRIMARY KEY constraint on nullable column in table '%s'.", t.Name)
		}
		t.Columns[c].Nullable = false
	}
	return nil
}

// checkWidth warns of keys that may become too long, and refuses those that always are.
func (ix *Index) checkWidth(t *Table, r *Result) error {
	longest, shortest := 0, 0
	for _, c := range ix.columns {
		longest += t.Columns[c].Type.Bytes()
		if t.Columns[c].Type.IsFixed() {
			shortest += t.Columns[c].Type.Bytes()
		}
	}
	limit, name := ix.limit()
	if shortest > limit {
		return sqltype.Errorf(1944, 1, "Index '%s' was not created. This index has a key length of at least %d bytes. The "+
			"maximum permissible key length is %d bytes.", ix.Name, shortest, limit)
	}
	if longest > limit {
		r.Messages = append(r.Messages, &sqltype.Error{
			Number: 1945, State: 1, Class: 10,
			Message: fmt.Sprintf("Warning! The maximum key length for a %s index is %d bytes. The index '%s' has maximum "+
				"length of %d bytes. For some combination of large values, the insert/update operation will fail.", name, limit,
				ix.Name,
				longest),
		})
	}
	return nil
}

// fill puts the rows that there are into a new index.
func (x *execution) fill(t *Table, ix *Index) error {
	for _, row := range t.rows {
		covered, err := ix.covers(row)
		if err != nil || !covered {
			if err != nil {
				return err
			}
			continue
		}
		values := ix.keyValues(row.values)
		if err := t.checkKey(ix, values); err != nil {
			return err
		}
		key := t.key(ix, values)
		if ix.Unique && len(ix.seek(key)) > 0 {
			return sqltype.Errorf(1505, 1, "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found "+
				"for the object name '%s.%s' and the index name '%s'.", t.Schema, t.Name, ix.Name)
		}
		ix.add(entry{key, row})
	}
	t.Indexes = append(t.Indexes, ix)
	return nil
}

func (x *execution) createSchema(st *tsql.CreateSchema) error {
	db := x.session.DB
	if db.schema(st.Name) != "" {
		return sqltype.Errorf(2714, 6, "There is already an object named '%s' in the database.", st.Name)
	}
	db.schemas = append(db.schemas, st.Name)
	return nil
}

func (x *execution) dropTables(st *tsql.DropTable) error {
	db := x.session.DB
	for _, name := range st.Tables {
		t, err := db.table(name)
		switch {
		case err == nil:
			db.tables = slices.DeleteFunc(db.tables, func(other *Table) bool { return other == t })
		case !st.IfExists:
			e := sqltype.Errorf(3701, 5, "Cannot drop the table '%s', because it does not exist or you do not have permission.",
				strings.Join(name, "."))
			e.Class = 11
			return e
		}
	}
	return nil
}
