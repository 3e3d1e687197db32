package engine

import (
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

func isAggregate(name string) bool {
	switch name {
	case "COUNT", "COUNT_BIG", "MIN", "MAX", "SUM":
		return true
	case "AVG", "STRING_AGG", "STDEV", "VAR", "CHECKSUM_AGG":
		return true // refused when it is bound
	}
	return false
}

func hasAggregate(e tsql.Expression) bool {
	switch e := e.(type) {
	case *tsql.Call:
		if isAggregate(e.Name) {
			return true
		}
		for _, a := range e.Arguments {
			if hasAggregate(a) {
				return true
			}
		}
	case *tsql.Binary:
		return hasAggregate(e.Left) || hasAggregate(e.Right)
	case *tsql.Cast:
		return hasAggregate(e.Value)
	case *tsql.Negate:
		return hasAggregate(e.Value)
	case *tsql.Collate:
		return hasAggregate(e.Value)
	case *tsql.Case:
		for i := range e.When {
			if hasAggregate(e.When[i]) || hasAggregate(e.Then[i]) {
				return true
			}
		}
		return hasAggregate(e.Else)
	}
	return false
}

// aggregateCall binds COUNT, MIN, MAX and SUM over the rows of a group.
func (b *binder) aggregateCall(c *tsql.Call) (*expr, error) {
	if b.aggregate {
		return nil, sqltype.Errorf(130, 1, "Cannot perform an aggregate function on an expression containing an aggregate "+
			"or a subquery.")
	}
	if b.scope == nil || b.scope.grouped == nil {
		return nil, sqltype.Syntaxf(147, 1, "An aggregate may not appear in the WHERE clause unless it is in a subquery "+
			"contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.")
	}
	if !c.Star && len(c.Arguments) != 1 {
		return nil, wrongArguments(c.Name, 1)
	}
	inner := *b
	inner.aggregate = true
	var argument *expr
	result := &expr{typ: sqltype.Type{Kind: sqltype.Int}}
	if !c.Star {
		var err error
		if argument, err = inner.value(c.Arguments[0]); err != nil {
			return nil, err
		}
		result.sources, result.outer = join(argument)
	}
	switch c.Name {
	case "COUNT", "COUNT_BIG":
		if c.Name == "COUNT_BIG" {
			result.typ.Kind = sqltype.BigInt
		}
		result.eval = func(v *env) (any, error) { return count(v, argument, c.Distinct) }
	case "MIN", "MAX":
		result.typ, result.label = argument.typ, argument.label
		result.eval = func(v *env) (any, error) { return extreme(v, argument, c.Name == "MAX") }
	case "SUM":
		if result.typ = argument.typ; !result.typ.IsWhole() || result.typ.Kind == sqltype.Bit {
			return nil, sqltype.Unsupported("SUM of %s", argument.typ.Name())
		}
		result.eval = func(v *env) (any, error) { return sum(v, argument) }
	default:
		return nil, sqltype.Unsupported("the aggregate %s", c.Name)
	}
	return result, nil
}

// over calls f with the argument's value in each row of the group, but for NULL.
func over(v *env, argument *expr, f func(any) error) error {
	for _, row := range v.group {
		var value any = true
		if argument != nil {
			var err error
			if value, err = argument.eval(&env{row: row, outer: v.outer}); err != nil {
				return err
			}
		}
		if value == nil {
			continue
		}
		if err := f(value); err != nil {
			return err
		}
	}
	return nil
}

func count(v *env, argument *expr, distinct bool) (any, error) {
	n := int64(0)
	seen := map[string]bool{}
	err := over(v, argument, func(value any) error {
		if distinct {
			key := sqltype.Key(value, argument.typ)
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		n++
		return nil
	})
	return n, err
}

func extreme(v *env, argument *expr, largest bool) (best any, err error) {
	err = over(v, argument, func(value any) error {
		if best == nil || (sqltype.Compare(value, best, argument.typ) > 0) == largest {
			best = value
		}
		return nil
	})
	return best, err
}

func sum(v *env, argument *expr) (total any, err error) {
	err = over(v, argument, func(value any) (err error) {
		if total == nil {
			total = int64(0)
		}
		total, err = whole("+", total.(int64), value.(int64), argument.typ)
		return err
	})
	return total, err
}

// groups makes one row of each group. Without GROUP BY all rows are one, even if there are none.
func (sel *selection) groups(outer *env) ([]found, error) {
	members := map[string]*env{}
	var order []*env
	if len(sel.groupBy) == 0 {
		all := &env{outer: outer}
		members[""] = all
		order = append(order, all)
	}
	err := sel.plan.each(outer, func(v *env) (bool, error) {
		var key strings.Builder
		for _, e := range sel.groupBy {
			value, err := e.eval(v)
			if err != nil {
				return false, err
			}
			key.WriteString(sqltype.Key(value, e.typ))
		}
		g := members[key.String()]
		if g == nil {
			g = &env{outer: outer}
			members[key.String()] = g
			order = append(order, g)
		}
		g.group = append(g.group, v.row)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	var rows []found
	for _, g := range order {
		if sel.having != nil {
			if yes, err := truth(sel.having.eval(g)); err != nil {
				return nil, err
			} else if !yes {
				continue
			}
		}
		r, err := sel.output(g)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}
