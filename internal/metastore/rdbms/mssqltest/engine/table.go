package engine

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// Limits of index keys in bytes.
const (
	clusteredKeyBytes    = 900
	nonclusteredKeyBytes = 1700
)

// Table is a table of users.
type Table struct {
	ID      int
	Schema  string
	Name    string
	Created int64
	Columns []*Column
	Indexes []*Index
	rows    []*row // in the order of insertion
}

// Column is a column of a table or a view.
type Column struct {
	Name     string
	Type     sqltype.Type
	Nullable bool
	Default  *expr
}

type row struct{ values []any }

// Index keeps keys in order, and unique if it says so.
type Index struct {
	Name         string
	ID           int // of the constraint, 0 for a plain index
	Primary      bool
	Unique       bool
	Clustered    bool
	IgnoreDupKey bool
	columns      []int
	descending   []bool
	filter       *expr
	entries      []entry
}

type entry struct {
	key string
	row *row
}

// key is the row's key, or that of its first columns for fewer values.
func (t *Table) key(ix *Index, values []any) string {
	var b strings.Builder
	for i, v := range values {
		b.WriteString(sqltype.Key(v, t.Columns[ix.columns[i]].Type))
	}
	return b.String()
}

func (ix *Index) keyValues(values []any) []any {
	key := make([]any, len(ix.columns))
	for i, c := range ix.columns {
		key[i] = values[c]
	}
	return key
}

// covers is false of rows that a filter leaves out.
func (ix *Index) covers(r *row) (bool, error) {
	if ix.filter == nil {
		return true, nil
	}
	return truth(ix.filter.eval(&env{row: r.values}))
}

// seek returns the rows whose keys begin with prefix.
func (ix *Index) seek(prefix string) []*row {
	from := sort.Search(len(ix.entries), func(i int) bool { return ix.entries[i].key >= prefix })
	var found []*row
	for _, e := range ix.entries[from:] {
		if !strings.HasPrefix(e.key, prefix) {
			break
		}
		found = append(found, e.row)
	}
	return found
}

// insert puts a row into the table and its indexes. ignored is true if an index ignores its duplicate key.
func (s *Session) insert(t *Table, r *row) (ignored bool, err error) {
	keys := make([]string, len(t.Indexes))
	for i, ix := range t.Indexes {
		covered, err := ix.covers(r)
		if err != nil {
			return false, err
		}
		if !covered {
			continue
		}
		values := ix.keyValues(r.values)
		if err := t.checkKey(ix, values); err != nil {
			return false, err
		}
		keys[i] = t.key(ix, values)
		if ix.Unique && len(ix.seek(keys[i])) > 0 {
			if ix.IgnoreDupKey {
				return true, nil
			}
			return false, s.duplicate(t, ix, values)
		}
	}
	t.rows = append(t.rows, r)
	for i, ix := range t.Indexes {
		if keys[i] != "" {
			ix.add(entry{keys[i], r})
		}
	}
	s.undo = append(s.undo, func() { t.drop(r) })
	return false, nil
}

func (ix *Index) add(e entry) {
	at := sort.Search(len(ix.entries), func(i int) bool { return ix.entries[i].key > e.key })
	ix.entries = slices.Insert(ix.entries, at, e)
}

// remove takes a row out of the table.
func (s *Session) remove(t *Table, r *row) {
	t.drop(r)
	s.undo = append(s.undo, func() { t.restore(r) })
}

func (t *Table) drop(r *row) {
	t.rows = slices.DeleteFunc(t.rows, func(other *row) bool { return other == r })
	for _, ix := range t.Indexes {
		ix.entries = slices.DeleteFunc(ix.entries, func(e entry) bool { return e.row == r })
	}
}

// restore puts back a row that was dropped.
func (t *Table) restore(r *row) {
	t.rows = append(t.rows, r)
	for _, ix := range t.Indexes {
		if covered, err := ix.covers(r); err == nil && covered {
			ix.add(entry{t.key(ix, ix.keyValues(r.values)), r})
		}
	}
}

// checkKey holds a key against the limit of its index.
func (t *Table) checkKey(ix *Index, values []any) error {
	size := 0
	for i, v := range values {
		size += sqltype.KeyBytes(v, t.Columns[ix.columns[i]].Type)
	}
	limit, name := ix.limit()
	if size > limit {
		return sqltype.Errorf(1946, 3, "Operation failed. The index entry of length %d bytes for the index '%s' exceeds "+
			"the maximum length of %d bytes for %s indexes.", size, ix.Name, limit, name)
	}
	return nil
}

func (ix *Index) limit() (int, string) {
	if ix.Clustered {
		return clusteredKeyBytes, "clustered"
	}
	return nonclusteredKeyBytes, "nonclustered"
}

func (s *Session) duplicate(t *Table, ix *Index, values []any) error {
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = sqltype.Show(v, t.Columns[ix.columns[i]].Type)
	}
	object, key := t.Schema+"."+t.Name, strings.Join(shown, ", ")
	e := sqltype.Errorf(2601, 1, "Cannot insert duplicate key row in object '%s' with unique index '%s'. The duplicate "+
		"key value is (%s).", object, ix.Name, key)
	if ix.ID != 0 {
		kind := "UNIQUE KEY"
		if ix.Primary {
			kind = "PRIMARY KEY"
		}
		e = sqltype.Errorf(2627, 1, "Violation of %s constraint '%s'. Cannot insert duplicate key in object '%s'. The "+
			"duplicate key value is (%s).", kind, ix.Name, object, key)
	}
	e.Class = 14
	return e
}

// scan returns all rows: in the order of the clustered index if there is one.
func (t *Table) scan() []*row {
	for _, ix := range t.Indexes {
		if ix.Clustered {
			rows := make([]*row, len(ix.entries))
			for i, e := range ix.entries {
				rows[i] = e.row
			}
			return rows
		}
	}
	return slices.Clone(t.rows)
}

func (d *Database) nextRowVersion() []byte {
	d.rowVersion++
	return binary.BigEndian.AppendUint64(nil, 2000+d.rowVersion)
}

// column finds a column by name.
func (d *Database) column(t *Table, name string) int {
	return slices.IndexFunc(t.Columns, func(c *Column) bool { return d.same(c.Name, name) })
}

// sorted are the tables in the order of their numbers.
func (d *Database) sorted() []*Table {
	tables := slices.Clone(d.tables)
	slices.SortFunc(tables, func(a, b *Table) int { return cmp.Compare(a.ID, b.ID) })
	return tables
}
