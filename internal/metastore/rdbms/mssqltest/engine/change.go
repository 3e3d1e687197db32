package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// insert is INSERT.
func (x *execution) insert(st *tsql.Insert, r *Result) error {
	db := x.session.DB
	t, err := db.table(st.Table)
	if err != nil {
		return err
	}
	targets, err := x.targets(t, st)
	if err != nil {
		return err
	}
	rows, err := x.newRows(st, len(targets))
	if err != nil {
		return err
	}
	for _, given := range rows {
		values := make([]any, len(t.Columns))
		set := make([]bool, len(t.Columns))
		for i, c := range targets {
			if given[i].fallback {
				continue
			}
			set[c] = true
			if values[c], err = x.assign(t, t.Columns[c], given[i].value, given[i].typ); err != nil {
				return err
			}
		}
		if err := x.complete(t, values, set); err != nil {
			return err
		}
		ignored, err := x.session.insert(t, &row{values: values})
		if err != nil {
			return err
		}
		if ignored {
			r.Messages = append(r.Messages, &sqltype.Error{Number: 3604, State: 1, Message: "Duplicate key was ignored."})
			continue
		}
		r.Count++
	}
	r.Command, r.Counted = CommandInsert, true
	return nil
}

// cell is what an INSERT gives for a column; fallback is the word DEFAULT.
type cell struct {
	typ      sqltype.Type
	value    any
	fallback bool
}

// targets are the columns that an INSERT gives.
func (x *execution) targets(t *Table, st *tsql.Insert) ([]int, error) {
	var targets []int
	if st.Columns == nil {
		for i, c := range t.Columns {
			if c.Type.Kind != sqltype.RowVersion {
				targets = append(targets, i)
			}
		}
		return targets, nil
	}
	for _, name := range st.Columns {
		c := x.session.DB.column(t, name)
		switch {
		case c < 0:
			return nil, sqltype.Errorf(207, 1, "Invalid column name '%s'.", name)
		case slices.Contains(targets, c):
			return nil, sqltype.Errorf(264, 1, "The column name '%s' is specified more than once in the SET clause or column "+
				"list of an INSERT.", name)
		case t.Columns[c].Type.Kind == sqltype.RowVersion:
			return nil, sqltype.Errorf(273, 1, "Cannot insert an explicit value into a timestamp column. Use INSERT with a "+
				"column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.")
		}
		targets = append(targets, c)
	}
	return targets, nil
}

// newRows evaluates what an INSERT gives, each row as wide as width.
func (x *execution) newRows(st *tsql.Insert, width int) ([][]cell, error) {
	if st.Query != nil {
		return x.selectedRows(st, width)
	}
	b := x.binder(nil)
	var rows [][]cell
	for _, expressions := range st.Rows {
		if len(expressions) != width {
			return nil, widthError(len(expressions), width, st)
		}
		row := make([]cell, width)
		for i, e := range expressions {
			if e == nil {
				row[i].fallback = true
				continue
			}
			bound, err := b.value(e)
			if err != nil {
				return nil, err
			}
			row[i].typ = bound.typ
			if row[i].value, err = bound.eval(x.env()); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (x *execution) selectedRows(st *tsql.Insert, width int) ([][]cell, error) {
	q, err := x.query(st.Query, nil)
	if err != nil {
		return nil, err
	}
	if len(q.columns) != width {
		return nil, widthError(len(q.columns), width, st)
	}
	selected, err := q.run(&env{})
	if err != nil {
		return nil, err
	}
	rows := make([][]cell, len(selected))
	for i, values := range selected {
		for n, v := range values {
			rows[i] = append(rows[i], cell{typ: q.columns[n].Type, value: v})
		}
	}
	return rows, nil
}

func widthError(have, want int, st *tsql.Insert) error {
	switch {
	case st.Columns == nil:
		return sqltype.Errorf(213, 1, "Column name or number of supplied values does not match table definition.")
	case st.Query != nil && have < want:
		return sqltype.Syntaxf(120, 1, "The select list for the INSERT statement contains fewer items than the insert "+
			"list. The number of SELECT values must match the number of INSERT columns.")
	case have < want:
		return sqltype.Syntaxf(109, 1, "There are more columns in the INSERT statement than values specified in the VALUES "+
			"clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT "+
			"statement.")
	}
	return sqltype.Syntaxf(110, 1, "There are fewer columns in the INSERT statement than values specified in the VALUES "+
		"clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT "+
		"statement.")
}

// assign converts a value to a column's type, and notes what is lost by it.
func (x *execution) assign(t *Table, c *Column, value any, from sqltype.Type) (any, error) {
	s := x.session
	conversion := sqltype.Conversion{
		Compat:  s.DB.Compat,
		Lost:    func(from, to string) { s.note(NoteLost, c.Name, fmt.Sprintf("%q became %q", from, to)) },
		Rounded: func(from, to time.Time) { s.note(NoteRounded, c.Name, fmt.Sprintf("%v became %v", from, to)) },
		Dropped: func(from time.Time) { s.note(NoteDropped, c.Name, fmt.Sprintf("of %v", from)) },
	}
	value, err := conversion.Convert(value, from, c.Type)
	if err != nil || value == nil {
		return value, err
	}
	fitted, cut := sqltype.Fit(value, c.Type)
	if !cut {
		return fitted, nil
	}
	if s.DB.Compat < 150 {
		return nil, sqltype.Errorf(8152, 30, "String or binary data would be truncated.")
	}
	return nil, sqltype.Errorf(2628, 1, "String or binary data would be truncated in table '%s.%s.%s', column '%s'. "+
		"Truncated value: '%v'.",
		s.DB.Name, t.Schema, t.Name, c.Name, fitted)
}

// complete fills in defaults and row versions, and refuses NULL where it is not allowed.
func (x *execution) complete(t *Table, values []any, set []bool) error {
	for i, c := range t.Columns {
		switch {
		case c.Type.Kind == sqltype.RowVersion:
			values[i] = x.session.DB.nextRowVersion()
		case !set[i] && c.Default != nil:
			v, err := c.Default.eval(x.env())
			if err == nil {
				values[i], err = x.assign(t, c, v, c.Default.typ)
			}
			if err != nil {
				return err
			}
		}
		if values[i] == nil && !c.Nullable {
			return sqltype.Errorf(515, 2, "Cannot insert the value NULL into column '%s', table '%s.%s.%s'; column does not "+
				"allow nulls. INSERT fails.", c.Name, x.session.DB.Name, t.Schema, t.Name)
		}
	}
	return nil
}

// affected finds the rows of UPDATE and DELETE.
func (x *execution) affected(name tsql.Name, where tsql.Expression) (*Table, *plan, []*row, error) {
	t, err := x.session.DB.table(name)
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := x.plan([]tsql.Source{{Table: name}}, where, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	var chosen []*row
	for _, r := range t.scan() {
		v := &env{row: r.values}
		yes, err := p.holds(p.where, v, func(*expr) bool { return true })
		if err != nil {
			return nil, nil, nil, err
		}
		if yes {
			chosen = append(chosen, r)
		}
	}
	return t, p, chosen, nil
}

func (x *execution) update(st *tsql.Update, r *Result) error {
	t, p, chosen, err := x.affected(st.Table, st.Where)
	if err != nil {
		return err
	}
	b := x.binder(p.scope)
	var columns []int
	var news []*expr
	for i, name := range st.Columns {
		c := x.session.DB.column(t, name)
		if c < 0 {
			return sqltype.Errorf(207, 1, "Invalid column name '%s'.", name)
		}
		if t.Columns[c].Type.Kind == sqltype.RowVersion {
			return sqltype.Errorf(272, 1, "Cannot update a timestamp column.")
		}
		e, err := b.value(st.Values[i])
		if err != nil {
			return err
		}
		columns, news = append(columns, c), append(news, e)
	}
	var changed []*row
	for _, old := range chosen {
		values := slices.Clone(old.values)
		for i, c := range columns {
			v, err := news[i].eval(&env{row: old.values})
			if err == nil {
				values[c], err = x.assign(t, t.Columns[c], v, news[i].typ)
			}
			if err != nil {
				return err
			}
		}
		set := slices.Repeat([]bool{true}, len(values))
		if err := x.complete(t, values, set); err != nil {
			return err
		}
		changed = append(changed, &row{values: values})
	}
	for _, old := range chosen {
		x.session.remove(t, old)
	}
	for _, fresh := range changed {
		if _, err := x.session.insert(t, fresh); err != nil {
			return err
		}
	}
	r.Command, r.Counted, r.Count = CommandUpdate, true, int64(len(chosen))
	return nil
}

func (x *execution) remove(st *tsql.Delete, r *Result) error {
	t, _, chosen, err := x.affected(st.Table, st.Where)
	if err != nil {
		return err
	}
	for _, old := range chosen {
		x.session.remove(t, old)
	}
	r.Command, r.Counted, r.Count = CommandDelete, true, int64(len(chosen))
	return nil
}
