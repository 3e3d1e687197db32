package engine

import (
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// maxSources bounds the joins of a query; they are bits in expr.sources.
const maxSources = 60

// plan finds the rows of FROM and WHERE.
type plan struct {
	x       *execution
	scope   *scope
	sources []planSource
	where   []*expr
	width   int
}

type planSource struct {
	stored *Table
	rows   func(*env) ([][]any, error) // of views and subqueries
	left   bool
	on     []*expr
	offset int
	width  int
	access access
}

// plan binds FROM and WHERE.
func (x *execution) plan(from []tsql.Source, where tsql.Expression, outer *scope) (*plan, error) {
	q := &plan{x: x, scope: &scope{outer: outer}}
	if len(from) > maxSources {
		return nil, sqltype.Unsupported("more than %d tables in a query", maxSources)
	}
	for i := range from {
		if err := q.source(&from[i]); err != nil {
			return nil, err
		}
	}
	b := x.binder(q.scope)
	for i := range from {
		on, err := b.conjuncts(from[i].On)
		if err != nil {
			return nil, err
		}
		q.sources[i].on = on
	}
	var err error
	if q.where, err = b.conjuncts(where); err != nil {
		return nil, err
	}
	for i := range q.sources {
		q.sources[i].access = q.access(i)
	}
	return q, nil
}

// conjuncts takes a condition apart at its ANDs.
func (b *binder) conjuncts(e tsql.Expression) ([]*expr, error) {
	if e == nil {
		return nil, nil
	}
	if and, ok := e.(*tsql.Binary); ok && and.Operator == "AND" {
		left, err := b.conjuncts(and.Left)
		if err != nil {
			return nil, err
		}
		right, err := b.conjuncts(and.Right)
		return append(left, right...), err
	}
	c, err := b.condition(e)
	return []*expr{c}, err
}

// source adds a table, a view or a subquery of FROM.
func (q *plan) source(s *tsql.Source) error {
	src := planSource{left: s.Left, offset: q.width}
	var columns []*Column
	table, schema := s.Alias, ""
	switch {
	case s.Query != nil:
		inner, err := q.x.query(s.Query, q.scope.outer)
		if err != nil {
			return err
		}
		for i := range inner.columns {
			c := &inner.columns[i]
			columns = append(columns, &Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable})
		}
		src.rows = func(v *env) ([][]any, error) { return inner.run(v.outer) }
	default:
		db := q.x.session.DB
		if table == "" {
			schema, table, _ = db.split(s.Table)
		}
		if view := db.view(s.Table); view != nil {
			columns = view.columns
			src.rows = func(*env) ([][]any, error) { return view.rows(db), nil }
			break
		}
		stored, err := db.table(s.Table)
		if err != nil {
			return err
		}
		src.stored, columns = stored, stored.Columns
	}
	src.width = len(columns)
	for i, c := range columns {
		q.scope.columns = append(q.scope.columns, scopeColumn{
			Column: *c, table: table, schema: schema, source: len(q.sources), at: q.width + i, stored: src.stored,
		})
	}
	q.width += src.width
	q.sources = append(q.sources, src)
	return nil
}

// each calls f with every row that FROM and WHERE leave, until f returns false.
func (q *plan) each(outer *env, f func(*env) (bool, error)) error {
	v := &env{row: make([]any, q.width), outer: outer}
	_, err := q.step(0, v, f)
	return err
}

func (q *plan) step(i int, v *env, f func(*env) (bool, error)) (more bool, err error) {
	if err := q.x.ctx.Err(); err != nil {
		return false, err
	}
	if i == len(q.sources) {
		// Conditions without a source are left when there is no FROM.
		if holds, err := q.holds(q.where, v, func(c *expr) bool { return i == 0 || c.sources == 0 }); err != nil || !holds {
			return true, err
		}
		return f(&env{row: append([]any(nil), v.row...), outer: v.outer})
	}
	src := &q.sources[i]
	rows, err := q.rowsOf(src, v)
	if err != nil {
		return false, err
	}
	matched := false
	for _, r := range rows {
		copy(v.row[src.offset:], r)
		holds, err := q.holds(src.on, v, func(*expr) bool { return true })
		if err != nil {
			return false, err
		}
		if !holds {
			continue
		}
		matched = true
		if more, err := q.filtered(i, v, f); err != nil || !more {
			return more, err
		}
	}
	if src.left && !matched {
		clear(v.row[src.offset : src.offset+src.width])
		return q.filtered(i, v, f)
	}
	return true, nil
}

func (q *plan) rowsOf(src *planSource, v *env) ([][]any, error) {
	if src.stored != nil {
		return src.access.rows(src.stored, v)
	}
	return src.rows(v)
}

// filtered applies the conditions that need no source behind this one, and goes on.
func (q *plan) filtered(i int, v *env, f func(*env) (bool, error)) (bool, error) {
	before, known := uint64(1)<<i-1, uint64(1)<<(i+1)-1
	if i == len(q.sources)-1 {
		known = ^uint64(0)
	}
	holds, err := q.holds(q.where, v, func(c *expr) bool { return c.sources&^before != 0 && c.sources&^known == 0 })
	if err != nil || !holds {
		return true, err
	}
	return q.step(i+1, v, f)
}

// holds is true if all conditions that are chosen are.
func (q *plan) holds(conditions []*expr, v *env, chosen func(*expr) bool) (bool, error) {
	for _, c := range conditions {
		if !chosen(c) {
			continue
		}
		if yes, err := truth(c.eval(v)); err != nil || !yes {
			return false, err
		}
	}
	return true, nil
}
