package engine

import (
	"slices"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// query is a bound SELECT.
type query struct {
	columns []ResultColumn
	assigns []string // variables, in place of columns
	run     func(outer *env) ([][]any, error)
}

// selection is what happens to the rows of a plan.
type selection struct {
	plan    *plan
	outputs []*expr
	keys    []*expr // of ORDER BY
	orders  []tsql.Order
	grouped bool
	groupBy []*expr
	having  *expr
	top     *expr
	unique  bool
}

// query binds a SELECT. The row is that of its sources; outer is that of the query around.
func (x *execution) query(s *tsql.Select, outer *scope) (*query, error) {
	p, err := x.plan(s.From, s.Where, outer)
	if err != nil {
		return nil, err
	}
	b := x.binder(p.scope)
	sel := &selection{plan: p, orders: s.OrderBy, unique: s.Distinct}
	if err := sel.group(b, s); err != nil {
		return nil, err
	}
	q := &query{}
	if err := q.items(b, sel, s.Items); err != nil {
		return nil, err
	}
	if err := sel.order(b, s, q); err != nil {
		return nil, err
	}
	if s.Top != nil {
		if sel.top, err = b.value(s.Top); err != nil {
			return nil, err
		}
	}
	q.run = sel.run
	return q, nil
}

// group binds GROUP BY and HAVING.
func (sel *selection) group(b *binder, s *tsql.Select) (err error) {
	sel.grouped = len(s.GroupBy) > 0 || s.Having != nil || slices.ContainsFunc(s.Items, func(i tsql.Item) bool {
		return hasAggregate(i.Value)
	})
	if !sel.grouped {
		return nil
	}
	for _, e := range s.GroupBy {
		g, err := b.value(e)
		if err != nil {
			return err
		}
		sel.groupBy = append(sel.groupBy, g)
	}
	b.scope.grouped = append([]*expr{}, sel.groupBy...)
	if s.Having != nil {
		sel.having, err = b.condition(s.Having)
	}
	return err
}

// items binds what is selected.
func (q *query) items(b *binder, sel *selection, items []tsql.Item) error {
	for _, item := range items {
		if item.Star {
			if err := q.star(b, sel, item.Of); err != nil {
				return err
			}
			continue
		}
		e, err := b.value(item.Value)
		if err != nil {
			return err
		}
		if item.Assign != "" {
			if err := q.assignment(b, &e, item.Assign); err != nil {
				return err
			}
		}
		q.add(sel, e, item.Alias)
	}
	if len(q.assigns) > 0 && len(q.assigns) != len(sel.outputs) {
		return sqltype.Syntaxf(141, 1, "A SELECT statement that assigns a value to a variable must not be combined with "+
			"data-retrieval operations.")
	}
	return nil
}

func (q *query) assignment(b *binder, e **expr, name string) error {
	t, _, err := b.x.vars.Get(name)
	if err == nil {
		*e, err = b.convert(*e, t)
	}
	q.assigns = append(q.assigns, name)
	return err
}

func (q *query) star(b *binder, sel *selection, of tsql.Name) error {
	found := false
	for i := range b.scope.columns {
		c := &b.scope.columns[i]
		if of == nil || b.db().same(c.table, of.Last()) {
			found = true
			if b.scope.grouped != nil && !groupedBy(b.scope, c) {
				return sqltype.Errorf(8120, 1, "Column '%s' is invalid in the select list because it is not contained in either "+
					"an aggregate function or the GROUP BY clause.", c.Name)
			}
			q.add(sel, columnExpr(c, 0), "")
		}
	}
	if !found {
		return sqltype.Errorf(263, 1, "Must specify table to select from.")
	}
	return nil
}

func (q *query) add(sel *selection, e *expr, alias string) {
	column := ResultColumn{Name: alias, Type: e.typ, Nullable: true, Computed: e.column == nil}
	if e.column != nil {
		column.Nullable = e.column.Nullable
		if alias == "" {
			column.Name = e.column.Name
		}
	}
	if column.Type.Kind == sqltype.Null {
		column.Type.Kind = sqltype.Int
	}
	sel.outputs = append(sel.outputs, e)
	q.columns = append(q.columns, column)
}

// order binds ORDER BY: by alias, by number, or by any expression.
func (sel *selection) order(b *binder, s *tsql.Select, q *query) error {
	for _, o := range s.OrderBy {
		if name, ok := o.By.(*tsql.ColumnName); ok && len(name.Name) == 1 {
			at := slices.IndexFunc(s.Items, func(i tsql.Item) bool {
				return i.Alias != "" && b.db().same(i.Alias, name.Name.Last())
			})
			if at >= 0 && len(s.Items) == len(sel.outputs) {
				sel.keys = append(sel.keys, sel.outputs[at])
				continue
			}
		}
		if l, ok := o.By.(*tsql.Literal); ok {
			n, ok := l.Value.(int64)
			if !ok || n < 1 || n > int64(len(sel.outputs)) {
				return sqltype.Syntaxf(108, 1, "The ORDER BY position number %v is out of range of the number of items in the "+
					"select list.", l.Value)
			}
			sel.keys = append(sel.keys, sel.outputs[n-1])
			continue
		}
		key, err := b.value(o.By)
		if err != nil {
			return err
		}
		sel.keys = append(sel.keys, key)
	}
	return nil
}

// found is a row of the result and the keys that it is sorted by.
type found struct {
	values []any
	keys   []any
}

func (sel *selection) run(outer *env) ([][]any, error) {
	limit := int64(-1)
	if sel.top != nil {
		v, err := sel.top.eval(&env{outer: outer})
		if err != nil {
			return nil, err
		}
		n, ok := v.(int64)
		if !ok {
			return nil, sqltype.Syntaxf(1060, 1, "The number of rows provided for a TOP or FETCH clauses row count parameter "+
				"must be an integer.")
		}
		if n < 0 {
			return nil, sqltype.Syntaxf(127, 1, "A TOP N or FETCH rowcount value may not be negative.")
		}
		if limit = n; n == 0 {
			return nil, nil
		}
	}
	rows, err := sel.collect(outer, limit)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, sel.less)
	if limit >= 0 && int64(len(rows)) > limit {
		rows = rows[:limit]
	}
	result := make([][]any, len(rows))
	for i, r := range rows {
		result[i] = r.values
	}
	return result, nil
}

// collect makes the rows of the result, before they are sorted.
func (sel *selection) collect(outer *env, limit int64) ([]found, error) {
	if sel.grouped {
		return sel.groups(outer)
	}
	var rows []found
	seen := map[string]bool{}
	err := sel.plan.each(outer, func(v *env) (bool, error) {
		r, err := sel.output(v)
		if err != nil {
			return false, err
		}
		if sel.unique {
			if key := sel.identity(r.values); seen[key] {
				return true, nil
			} else {
				seen[key] = true
			}
		}
		rows = append(rows, r)
		return limit < 0 || len(sel.keys) > 0 || int64(len(rows)) < limit, nil
	})
	return rows, err
}

func (sel *selection) output(v *env) (r found, err error) {
	r.values = make([]any, len(sel.outputs))
	for i, e := range sel.outputs {
		if r.values[i], err = e.eval(v); err != nil {
			return r, err
		}
	}
	r.keys = make([]any, len(sel.keys))
	for i, e := range sel.keys {
		if r.keys[i], err = e.eval(v); err != nil {
			return r, err
		}
	}
	return r, nil
}

// identity is the same for rows that DISTINCT takes for the same.
func (sel *selection) identity(values []any) string {
	var b strings.Builder
	for i, v := range values {
		b.WriteString(sqltype.Key(v, sel.outputs[i].typ))
	}
	return b.String()
}

func (sel *selection) less(a, b found) int {
	for i, e := range sel.keys {
		n := strings.Compare(sqltype.Key(a.keys[i], e.typ), sqltype.Key(b.keys[i], e.typ))
		if sel.orders[i].Descending {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return 0
}
