package engine

import (
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// in is IN: a chain of comparisons, or a query that is run for each row.
func (b *binder) in(e *tsql.In) (*expr, error) {
	if e.Query == nil {
		var chain tsql.Expression
		for _, item := range e.List {
			var one tsql.Expression = &tsql.Binary{Operator: "=", Left: e.Value, Right: item}
			if chain != nil {
				one = &tsql.Binary{Operator: "OR", Left: chain, Right: one}
			}
			chain = one
		}
		return b.bind(chain)
	}
	value, err := b.value(e.Value)
	if err != nil {
		return nil, err
	}
	q, err := b.x.query(e.Query, b.scope)
	if err != nil {
		return nil, err
	}
	if len(q.columns) != 1 {
		return nil, sqltype.Errorf(116, 1, "Only one expression can be specified in the select list when the subquery is "+
			"not introduced with EXISTS.")
	}
	var candidate any
	item := &expr{typ: q.columns[0].Type, eval: func(*env) (any, error) { return candidate, nil }}
	equal, err := b.compare("=", value, item)
	if err != nil {
		return nil, err
	}
	result := &expr{condition: true, typ: equal.typ, sources: ^uint64(0)}
	result.eval = func(v *env) (any, error) {
		rows, err := q.run(v)
		if err != nil {
			return nil, err
		}
		var answer any = false
		for _, row := range rows {
			candidate = row[0]
			same, err := equal.eval(v)
			if err != nil || same == true {
				return same, err
			}
			if same == nil {
				answer = nil
			}
		}
		return answer, nil
	}
	return result, nil
}

func (b *binder) exists(e *tsql.Exists) (*expr, error) {
	q, err := b.x.query(e.Query, b.scope)
	if err != nil {
		return nil, err
	}
	result := &expr{condition: true, typ: sqltype.Type{Kind: sqltype.Bit}, sources: ^uint64(0)}
	result.eval = func(v *env) (any, error) {
		rows, err := q.run(v)
		return len(rows) > 0, err
	}
	return result, nil
}

func (b *binder) subquery(s *tsql.Select) (*expr, error) {
	q, err := b.x.query(s, b.scope)
	if err != nil {
		return nil, err
	}
	if len(q.columns) != 1 {
		return nil, sqltype.Errorf(116, 1, "Only one expression can be specified in the select list when the subquery is "+
			"not introduced with EXISTS.")
	}
	return &expr{typ: q.columns[0].Type, label: implicit, sources: ^uint64(0), eval: func(v *env) (any, error) {
		rows, err := q.run(v)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		if len(rows) > 1 {
			return nil, sqltype.Errorf(512, 1, "Subquery returned more than 1 value. This is not permitted when the subquery "+
				"follows =, !=, <, <= , >, >= or when the subquery is used as an expression.")
		}
		return rows[0][0], nil
	}}, nil
}

func (b *binder) caseOf(e *tsql.Case) (*expr, error) {
	var whens, thens []*expr
	for i, when := range e.When {
		if e.Value != nil {
			when = &tsql.Binary{Operator: "=", Left: e.Value, Right: when}
		}
		w, err := b.condition(when)
		if err != nil {
			return nil, err
		}
		t, err := b.value(e.Then[i])
		if err != nil {
			return nil, err
		}
		whens, thens = append(whens, w), append(thens, t)
	}
	otherwise := e.Else
	if otherwise == nil {
		otherwise = &tsql.Literal{}
	}
	last, err := b.value(otherwise)
	if err != nil {
		return nil, err
	}
	if thens, err = b.unify(append(thens, last)); err != nil {
		return nil, err
	}
	result := &expr{typ: thens[0].typ}
	result.sources, result.outer = join(append(append([]*expr{}, whens...), thens...)...)
	result.eval = func(v *env) (any, error) {
		for i, w := range whens {
			yes, err := truth(w.eval(v))
			if err != nil {
				return nil, err
			}
			if yes {
				return thens[i].eval(v)
			}
		}
		return thens[len(thens)-1].eval(v)
	}
	return result, nil
}

// unify converts values to the type among theirs that has precedence.
func (b *binder) unify(values []*expr) ([]*expr, error) {
	t := values[0].typ
	for _, v := range values[1:] {
		common := sqltype.Common(t, v.typ)
		if common.Collation == nil {
			common.Collation = v.typ.Collation
		}
		t = common
	}
	if t.Kind == sqltype.Null {
		t.Kind = sqltype.Int
	}
	unified := make([]*expr, len(values))
	for i, v := range values {
		var err error
		if unified[i], err = b.convert(v, t); err != nil {
			return nil, err
		}
	}
	return unified, nil
}

// cast is CAST and CONVERT; what is too long is cut in silence.
func (b *binder) cast(e *tsql.Cast) (*expr, error) {
	inner, err := b.value(e.Value)
	if err != nil {
		return nil, err
	}
	to, err := sqltype.Named(e.Type.Name, e.Type.Length, true)
	if err != nil {
		return nil, err
	}
	if to.IsString() {
		if to.Collation = inner.typ.Collation; to.Collation == nil {
			to.Collation = b.db().Collation
		}
	}
	conversion := sqltype.Conversion{Explicit: true, Compat: b.db().Compat}
	if e.Style != nil {
		style, err := b.value(e.Style)
		if err != nil {
			return nil, err
		}
		n, err := style.eval(&env{})
		if err != nil {
			return nil, err
		}
		number, _ := n.(int64)
		conversion.Style = int(number)
	}
	if _, err := conversion.Convert(nil, inner.typ, to); err != nil {
		return nil, err
	}
	result := &expr{typ: to, label: inner.label, sources: inner.sources, outer: inner.outer}
	result.eval = func(v *env) (any, error) {
		value, err := inner.eval(v)
		if err == nil {
			value, err = conversion.Convert(value, inner.typ, to)
		}
		if err != nil {
			if e.Try {
				return nil, nil
			}
			return nil, err
		}
		value, _ = sqltype.Fit(value, to)
		return value, nil
	}
	return result, nil
}
