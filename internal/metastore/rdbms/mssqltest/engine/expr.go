package engine

import (
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// expr is an expression that is bound to its columns and variables.
type expr struct {
	typ       sqltype.Type
	eval      func(*env) (any, error) // of a condition: bool, or nil for unknown
	condition bool
	label     labels // of the collation
	column    *scopeColumn
	sources   uint64 // one bit for each source of the innermost query whose columns it reads
	outer     bool   // it reads columns of a query around
	literal   bool

	seeks     []seek         // of a comparison: columns that an index may find by
	ranged    []*scopeColumn // columns of which an index may find a range
	converted []*scopeColumn // columns that no index finds, since they are converted first
}

// labels say whose collation wins: the higher; two columns with different ones are in conflict.
type labels uint8

const (
	coercible labels = iota // literals and variables
	implicit                // columns
	conflict
	explicit // COLLATE
)

// env is what an expression is evaluated in.
type env struct {
	row   []any // values of all sources of a query, one behind the other
	group [][]any
	outer *env
}

func (x *execution) env() *env { return &env{} }

// scope is what names mean inside of a query.
type scope struct {
	columns []scopeColumn
	outer   *scope
	grouped []*expr // of GROUP BY; not nil where there are aggregates
}

type scopeColumn struct {
	Column
	table  string // alias or name
	schema string // "" with an alias
	source int    // number of the source
	at     int    // in env.row
	stored *Table // nil for views and subqueries
}

// binder binds the expressions of one query.
type binder struct {
	x         *execution
	scope     *scope
	aggregate bool // inside of the argument of one
}

func (x *execution) binder(s *scope) *binder { return &binder{x: x, scope: s} }

func (b *binder) db() *Database { return b.x.session.DB }

// resolve finds a column in this query, then in those around it.
func (b *binder) resolve(name tsql.Name) (*expr, error) {
	depth := 0
	for s := b.scope; s != nil; s = s.outer {
		found := -1
		for i := range s.columns {
			if !b.matches(&s.columns[i], name) {
				continue
			}
			if found >= 0 {
				return nil, sqltype.Errorf(209, 1, "Ambiguous column name '%s'.", name.Last())
			}
			found = i
		}
		if found >= 0 {
			e := columnExpr(&s.columns[found], depth)
			if depth == 0 && s.grouped != nil && !b.aggregate && !groupedBy(s, e.column) {
				return nil, sqltype.Errorf(8120, 1, "Column '%s' is invalid in the select list because it is not contained in "+
					"either an aggregate function or the GROUP BY clause.", strings.Join(name, "."))
			}
			return e, nil
		}
		depth++
	}
	if len(name) > 1 {
		return nil, sqltype.Errorf(4104, 1, `The multi-part identifier "%s" could not be bound.`, strings.Join(name, "."))
	}
	return nil, sqltype.Errorf(207, 1, "Invalid column name '%s'.", name.Last())
}

func groupedBy(s *scope, c *scopeColumn) bool {
	for _, e := range s.grouped {
		if e.column == c {
			return true
		}
	}
	return false
}

func (b *binder) matches(c *scopeColumn, name tsql.Name) bool {
	if !b.db().same(c.Name, name.Last()) {
		return false
	}
	if len(name) == 1 {
		return true
	}
	if !b.db().same(c.table, name[len(name)-2]) {
		return false
	}
	return len(name) == 2 || c.schema != "" && (name[len(name)-3] == "" || b.db().same(c.schema, name[len(name)-3]))
}

func columnExpr(c *scopeColumn, depth int) *expr {
	e := &expr{typ: c.Type, label: implicit, column: c, outer: depth > 0}
	if depth == 0 {
		e.sources = 1 << c.source
	}
	at := c.at
	e.eval = func(v *env) (any, error) {
		for range depth {
			v = v.outer
		}
		if v.row == nil && len(v.group) > 0 {
			return v.group[0][at], nil
		}
		if v.row == nil {
			return nil, nil
		}
		return v.row[at], nil
	}
	return e
}

// truth is the value of a condition; unknown is false.
func truth(v any, err error) (bool, error) {
	yes, _ := v.(bool)
	return yes, err
}

// value binds what must not be a condition.
func (b *binder) value(e tsql.Expression) (*expr, error) {
	bound, err := b.bind(e)
	if err == nil && bound.condition {
		err = sqltype.Syntaxf(102, 1, "Incorrect syntax near a condition where a value is expected.")
	}
	return bound, err
}

// condition binds what must be one.
func (b *binder) condition(e tsql.Expression) (*expr, error) {
	bound, err := b.bind(e)
	if err == nil && !bound.condition {
		err = sqltype.Syntaxf(4145, 1, "An expression of non-boolean type specified in a context where a condition is "+
			"expected.")
	}
	return bound, err
}

func (b *binder) bind(e tsql.Expression) (*expr, error) {
	switch e := e.(type) {
	case *tsql.Literal:
		return b.literal(e), nil
	case *tsql.Variable:
		return b.variable(e.Name)
	case *tsql.ColumnName:
		return b.resolve(e.Name)
	case *tsql.Binary:
		return b.binary(e)
	case *tsql.Not:
		return b.not(e)
	case *tsql.Negate:
		return b.binary(&tsql.Binary{Operator: "-", Left: &tsql.Literal{Value: int64(0)}, Right: e.Value})
	case *tsql.IsNull:
		return b.isNull(e)
	case *tsql.In:
		return b.in(e)
	case *tsql.Between:
		return b.bind(&tsql.Binary{
			Operator: "AND",
			Left:     &tsql.Binary{Operator: ">=", Left: e.Value, Right: e.Low},
			Right:    &tsql.Binary{Operator: "<=", Left: e.Value, Right: e.High},
		})
	case *tsql.Case:
		return b.caseOf(e)
	case *tsql.Collate:
		return b.collate(e)
	case *tsql.Cast:
		return b.cast(e)
	case *tsql.Call:
		return b.call(e)
	case *tsql.Exists:
		return b.exists(e)
	case *tsql.Subquery:
		return b.subquery(e.Query)
	}
	return nil, sqltype.Unsupported("an expression of the form %T", e)
}

// literal makes a constant. 'x' is VARCHAR in the database's code page, N'x' NVARCHAR.
func (b *binder) literal(l *tsql.Literal) *expr {
	e := &expr{literal: true}
	value := l.Value
	switch v := value.(type) {
	case int64:
		e.typ.Kind = sqltype.Int
		if int64(int32(v)) != v {
			e.typ.Kind = sqltype.BigInt
		}
	case float64:
		e.typ.Kind = sqltype.Float
	case []byte:
		e.typ = sqltype.Type{Kind: sqltype.VarBinary, Size: max(1, len(v))}
	case string:
		e.typ = sqltype.Type{Kind: sqltype.VarChar, Collation: b.db().Collation}
		if l.National {
			e.typ.Kind = sqltype.NVarChar
		} else {
			v = e.typ.Collation.Decode(e.typ.Collation.Encode(v))
			value = v
		}
		e.typ.Size = max(1, e.typ.Length(v))
		if e.typ.Size > 8000 || l.National && e.typ.Size > 4000 {
			e.typ.Size = sqltype.Max
		}
	}
	e.eval = func(*env) (any, error) { return value, nil }
	return e
}

func (b *binder) variable(name string) (*expr, error) {
	if strings.HasPrefix(name, "@@") {
		return b.global(name)
	}
	t, _, err := b.x.vars.Get(name)
	if err != nil {
		return nil, err
	}
	if t.IsString() && t.Collation == nil {
		t.Collation = b.db().Collation
	}
	vars := b.x.vars
	return &expr{typ: t, eval: func(*env) (any, error) {
		_, v, err := vars.Get(name)
		return v, err
	}}, nil
}

func (b *binder) collate(e *tsql.Collate) (*expr, error) {
	inner, err := b.value(e.Value)
	if err != nil {
		return nil, err
	}
	if !inner.typ.IsString() {
		return nil, sqltype.Errorf(447, 0, "Expression type %s is invalid for COLLATE clause.", inner.typ.Name())
	}
	collated := *inner
	if strings.EqualFold(e.Name, "DATABASE_DEFAULT") || strings.EqualFold(e.Name, "CATALOG_DEFAULT") {
		collated.typ.Collation = b.db().Collation
	} else if collated.typ.Collation, err = sqltype.NamedCollation(e.Name); err != nil {
		return nil, err
	}
	if collated.typ.Collation.Name != inner.typ.Collation.Name {
		collated.column = nil // an index in another order does not serve
	}
	collated.label = explicit
	return &collated, nil
}

// convert makes an expression one of another type, as it happens by itself.
func (b *binder) convert(e *expr, to sqltype.Type) (*expr, error) {
	if to.IsString() && to.Collation == nil {
		to.Collation = e.typ.Collation
		if to.Collation == nil {
			to.Collation = b.db().Collation
		}
	}
	if e.typ.Kind == to.Kind && e.typ.Scale <= to.Scale && (!to.IsString() || to.Collation.Name == e.typ.Collation.Name) {
		same := *e
		same.typ = to
		return &same, nil
	}
	conversion := sqltype.Conversion{Compat: b.db().Compat}
	if _, err := conversion.Convert(nil, e.typ, to); err != nil {
		return nil, err
	}
	from, eval := e.typ, e.eval
	converted := *e
	converted.typ, converted.column = to, nil
	converted.eval = func(v *env) (any, error) {
		value, err := eval(v)
		if err != nil {
			return nil, err
		}
		return conversion.Convert(value, from, to)
	}
	return &converted, nil
}

func join(parts ...*expr) (sources uint64, outer bool) {
	for _, p := range parts {
		if p != nil {
			sources |= p.sources
			outer = outer || p.outer
		}
	}
	return sources, outer
}
