package engine

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

var operatorNames = map[string]string{
	"=": "equal to", "<>": "not equal to", "<": "less than", "<=": "less than or equal to", ">": "greater than",
	">=": "greater than or equal to", "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo",
	"LIKE": "like",
}

func (b *binder) binary(e *tsql.Binary) (*expr, error) {
	if e.Operator == "AND" || e.Operator == "OR" {
		return b.logical(e)
	}
	left, err := b.value(e.Left)
	if err != nil {
		return nil, err
	}
	right, err := b.value(e.Right)
	if err != nil {
		return nil, err
	}
	switch e.Operator {
	case "+", "-", "*", "/", "%":
		return b.arithmetic(e.Operator, left, right)
	}
	return b.compare(e.Operator, left, right)
}

// logical is AND and OR with three values.
func (b *binder) logical(e *tsql.Binary) (*expr, error) {
	left, err := b.condition(e.Left)
	if err != nil {
		return nil, err
	}
	right, err := b.condition(e.Right)
	if err != nil {
		return nil, err
	}
	decides := e.Operator == "OR" // the value of one side that decides
	result := &expr{condition: true, typ: sqltype.Type{Kind: sqltype.Bit}}
	result.sources, result.outer = join(left, right)
	result.eval = func(v *env) (any, error) {
		l, err := left.eval(v)
		if err != nil || l == decides {
			return l, err
		}
		r, err := right.eval(v)
		if err != nil || r == decides {
			return r, err
		}
		if l == nil || r == nil {
			return nil, nil
		}
		return !decides, nil
	}
	return result, nil
}

func (b *binder) not(e *tsql.Not) (*expr, error) {
	inner, err := b.condition(e.Value)
	if err != nil {
		return nil, err
	}
	result := &expr{condition: true, typ: inner.typ, sources: inner.sources, outer: inner.outer}
	result.eval = func(v *env) (any, error) {
		value, err := inner.eval(v)
		if err != nil || value == nil {
			return nil, err
		}
		return value == false, nil
	}
	return result, nil
}

func (b *binder) isNull(e *tsql.IsNull) (*expr, error) {
	inner, err := b.value(e.Value)
	if err != nil {
		return nil, err
	}
	result := &expr{condition: true, typ: sqltype.Type{Kind: sqltype.Bit}, sources: inner.sources, outer: inner.outer}
	result.eval = func(v *env) (any, error) {
		value, err := inner.eval(v)
		return value == nil, err
	}
	return result, nil
}

// common brings two operands to one type and collation.
func (b *binder) common(operator string, left, right *expr) (l, r *expr, t sqltype.Type, err error) {
	t = sqltype.Common(left.typ, right.typ)
	for _, side := range []*expr{left, right} {
		if k := side.typ.Kind; k == sqltype.Text || k == sqltype.NText || k == sqltype.Image {
			if operator == "LIKE" {
				t.Kind, t.Size = sqltype.NVarChar, sqltype.Max
				continue
			}
			return nil, nil, t, sqltype.Errorf(402, 1, "The data types %s and %s are incompatible in the %s operator.",
				left.typ.Name(), right.typ.Name(), operatorNames[operator])
		}
	}
	if operator == "LIKE" && !t.IsString() {
		t = sqltype.Type{Kind: sqltype.NVarChar, Size: sqltype.Max}
	}
	if t.IsString() {
		if t.Collation, _, err = b.collationOf(operator, left, right); err != nil {
			return nil, nil, t, err
		}
	}
	if l, err = b.convert(left, t); err == nil {
		r, err = b.convert(right, t)
	}
	return l, r, t, err
}

// collationOf chooses by the rules of precedence.
func (b *binder) collationOf(operator string, left, right *expr) (*sqltype.Collation, labels, error) {
	l, r := left.typ.Collation, right.typ.Collation
	switch {
	case l == nil:
		return r, right.label, nil
	case r == nil:
		return l, left.label, nil
	case left.label > right.label:
		return l, left.label, nil
	case right.label > left.label:
		return r, right.label, nil
	case l.Name != r.Name && left.label != coercible:
		return nil, conflict, sqltype.Errorf(468, 9,
			`Cannot resolve the collation conflict between "%s" and "%s" in the %s operation.`,
			r.Name, l.Name, operatorNames[operator])
	}
	return l, left.label, nil
}

func (b *binder) compare(operator string, left, right *expr) (*expr, error) {
	l, r, t, err := b.common(operator, left, right)
	if err != nil {
		return nil, err
	}
	result := &expr{condition: true, typ: sqltype.Type{Kind: sqltype.Bit}}
	result.sources, result.outer = join(left, right)
	result.seekable(operator, left, l, r)
	result.seekable(operator, right, r, l)
	folds := operator == "=" && t.IsString() && (left.column != nil || right.column != nil)
	result.eval = func(v *env) (any, error) {
		a, err := l.eval(v)
		if err != nil {
			return nil, err
		}
		c, err := r.eval(v)
		if err != nil || a == nil || c == nil {
			return nil, err
		}
		if operator == "LIKE" {
			return like(a.(string), c.(string), t.Collation), nil
		}
		n := sqltype.Compare(a, c, t)
		if folds && n == 0 && a != c {
			b.noteFolded(left, right, a, c)
		}
		return holds(operator, n), nil
	}
	return result, nil
}

func (b *binder) noteFolded(left, right *expr, a, c any) {
	column := left.column
	if column == nil {
		column = right.column
	}
	b.x.session.note(NoteFolded, column.Name, a.(string)+" = "+c.(string))
}

func holds(operator string, n int) bool {
	switch operator {
	case "=":
		return n == 0
	case "<>":
		return n != 0
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	default:
		return n >= 0
	}
}

// like knows % and _, and classes of single characters as in [_] and [a-z].
func like(s, pattern string, c *sqltype.Collation) bool {
	for pattern != "" {
		if pattern[0] == '%' {
			for pattern = pattern[1:]; ; {
				if like(s, pattern, c) {
					return true
				}
				if s == "" {
					return false
				}
				_, size := utf8.DecodeRuneInString(s)
				s = s[size:]
			}
		}
		if s == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(s)
		one := s[:size]
		s = s[size:]
		if end := strings.IndexByte(pattern, ']'); pattern[0] == '[' && end > 0 {
			if !inClass(one, pattern[1:end], c) {
				return false
			}
			pattern = pattern[end+1:]
			continue
		}
		_, size = utf8.DecodeRuneInString(pattern)
		if pattern[0] != '_' && c.Key("x"+one+"x") != c.Key("x"+pattern[:size]+"x") {
			return false
		}
		pattern = pattern[size:]
	}
	return s == ""
}

func inClass(one, class string, c *sqltype.Collation) bool {
	class, negated := strings.CutPrefix(class, "^")
	runes := []rune(class)
	for i := 0; i < len(runes); i++ {
		if i+2 < len(runes) && runes[i+1] == '-' {
			if c.Key(one) >= c.Key(string(runes[i])) && c.Key(one) <= c.Key(string(runes[i+2])) {
				return !negated
			}
			i += 2
		} else if c.Key(one) == c.Key(string(runes[i])) {
			return !negated
		}
	}
	return negated
}

// arithmetic is for numbers, and + for texts.
func (b *binder) arithmetic(operator string, left, right *expr) (*expr, error) {
	l, r, t, err := b.common(operator, left, right)
	if err != nil {
		return nil, err
	}
	text := t.IsString()
	if !text && !t.IsWhole() && t.Kind != sqltype.Float && t.Kind != sqltype.Real || text && operator != "+" ||
		t.Kind == sqltype.Bit {
		return nil, sqltype.Errorf(402, 1, "The data types %s and %s are incompatible in the %s operator.",
			left.typ.Name(), right.typ.Name(), operatorNames[operator])
	}
	if text {
		if t.Size != sqltype.Max {
			t.Size = min(left.typ.Size+right.typ.Size, 4000)
		}
	}
	result := &expr{typ: t, label: max(left.label, right.label)}
	result.sources, result.outer = join(left, right)
	result.eval = func(v *env) (any, error) {
		a, err := l.eval(v)
		if err != nil {
			return nil, err
		}
		c, err := r.eval(v)
		if err != nil || a == nil || c == nil {
			return nil, err
		}
		switch a := a.(type) {
		case string:
			return a + c.(string), nil
		case int64:
			return whole(operator, a, c.(int64), t)
		default:
			return float(operator, a.(float64), c.(float64))
		}
	}
	return result, nil
}

func whole(operator string, a, c int64, t sqltype.Type) (any, error) {
	overflow := sqltype.Errorf(8115, 2, "Arithmetic overflow error converting expression to data type %s.", t.Name())
	var n int64
	switch operator {
	case "+":
		if n = a + c; (n > a) != (c > 0) && c != 0 {
			return nil, overflow
		}
	case "-":
		if n = a - c; (n < a) != (c > 0) && c != 0 {
			return nil, overflow
		}
	case "*":
		if n = a * c; a != 0 && (n/a != c || a == -1 && c == math.MinInt64) {
			return nil, overflow
		}
	default:
		if c == 0 {
			return nil, sqltype.Errorf(8134, 1, "Divide by zero error encountered.")
		}
		if a == math.MinInt64 && c == -1 {
			return nil, overflow
		}
		if n = a / c; operator == "%" {
			n = a % c
		}
	}
	return sqltype.Conversion{}.Convert(n, sqltype.Type{Kind: sqltype.BigInt}, t)
}

func float(operator string, a, c float64) (any, error) {
	switch operator {
	case "+":
		return a + c, nil
	case "-":
		return a - c, nil
	case "*":
		return a * c, nil
	}
	if c == 0 {
		return nil, sqltype.Errorf(8134, 1, "Divide by zero error encountered.")
	}
	if operator == "%" {
		return math.Mod(a, c), nil
	}
	return a / c, nil
}
