package engine

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

func wrongArguments(name string, n int) error {
	return sqltype.Syntaxf(174, 1, "The %s function requires %d argument(s).", strings.ToLower(name), n)
}

// function is a scalar function of values that are not NULL; with one that is, it answers NULL.
type function struct {
	arguments []sqltype.Kind // each is converted to it; Null: left as it is
	optional  int            // of the last ones
	result    sqltype.Type
	eval      func(b *binder, arguments []any, types []sqltype.Type) (any, error)
}

var (
	nvarcharType = sqltype.Type{Kind: sqltype.NVarChar, Size: 4000}
	nameType     = sqltype.Type{Kind: sqltype.NVarChar, Size: 128}
	intType      = sqltype.Type{Kind: sqltype.Int}
	variantType  = sqltype.Type{Kind: sqltype.Variant}
)

// call binds functions with rules of their own, and looks up the others.
func (b *binder) call(c *tsql.Call) (*expr, error) {
	if isAggregate(c.Name) {
		return b.aggregateCall(c)
	}
	switch c.Name {
	case "COALESCE":
		return b.coalesce(c)
	case "ISNULL":
		return b.isNullCall(c)
	case "NULLIF":
		if len(c.Arguments) != 2 {
			return nil, wrongArguments(c.Name, 2)
		}
		return b.caseOf(&tsql.Case{
			When: []tsql.Expression{&tsql.Binary{Operator: "=", Left: c.Arguments[0], Right: c.Arguments[1]}},
			Then: []tsql.Expression{&tsql.Literal{}}, Else: c.Arguments[0],
		})
	case "IIF":
		if len(c.Arguments) != 3 {
			return nil, wrongArguments(c.Name, 3)
		}
		return b.caseOf(&tsql.Case{When: c.Arguments[:1], Then: c.Arguments[1:2], Else: c.Arguments[2]})
	case "CONCAT":
		return b.concat(c)
	case "DATEADD":
		return b.dateAdd(c)
	case "DATEDIFF", "DATEDIFF_BIG":
		return b.dateDiff(c)
	case "UPPER", "LOWER", "LTRIM", "RTRIM", "LEFT", "RIGHT", "SUBSTRING":
		return b.textFunction(c)
	}
	f, ok := functions[c.Name]
	if !ok {
		if f, ok = serverFunctions[c.Name]; !ok {
			return nil, sqltype.Syntaxf(195, 10, "'%s' is not a recognized built-in function name.", c.Name)
		}
	}
	return b.apply(c, f)
}

// apply binds the arguments of a function and calls it for each row.
func (b *binder) apply(c *tsql.Call, f function) (*expr, error) {
	if len(c.Arguments) > len(f.arguments) || len(c.Arguments) < len(f.arguments)-f.optional || c.Star {
		return nil, wrongArguments(c.Name, len(f.arguments))
	}
	var arguments []*expr
	var types []sqltype.Type
	for i, a := range c.Arguments {
		e, err := b.value(a)
		if err == nil && f.arguments[i] != sqltype.Null && e.typ.Kind != f.arguments[i] {
			to := sqltype.Type{Kind: f.arguments[i], Scale: 7}
			if to.IsString() {
				to.Size = sqltype.Max
			}
			e, err = b.convert(e, to)
		}
		if err != nil {
			return nil, err
		}
		arguments, types = append(arguments, e), append(types, e.typ)
	}
	result := &expr{typ: f.result}
	if result.typ.IsString() {
		result.typ.Collation = b.db().Collation
	}
	result.sources, result.outer = join(arguments...)
	result.eval = func(v *env) (any, error) {
		values := make([]any, len(arguments))
		for i, a := range arguments {
			var err error
			if values[i], err = a.eval(v); err != nil || values[i] == nil {
				return nil, err
			}
		}
		return f.eval(b, values, types)
	}
	return result, nil
}

func (b *binder) values(list []tsql.Expression) ([]*expr, error) {
	bound := make([]*expr, len(list))
	for i, e := range list {
		var err error
		if bound[i], err = b.value(e); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

func (b *binder) coalesce(c *tsql.Call) (*expr, error) {
	values, err := b.values(c.Arguments)
	if err != nil {
		return nil, err
	}
	if len(values) < 2 {
		return nil, wrongArguments(c.Name, 2)
	}
	if values, err = b.unify(values); err != nil {
		return nil, err
	}
	return firstOf(values), nil
}

// isNullCall is ISNULL, which has the type of its first argument.
func (b *binder) isNullCall(c *tsql.Call) (*expr, error) {
	values, err := b.values(c.Arguments)
	if err != nil {
		return nil, err
	}
	if len(values) != 2 {
		return nil, wrongArguments(c.Name, 2)
	}
	if values[0].typ.Kind == sqltype.Null {
		return values[1], nil
	}
	if values[1], err = b.convert(values[1], values[0].typ); err != nil {
		return nil, err
	}
	return firstOf(values), nil
}

func firstOf(values []*expr) *expr {
	result := &expr{typ: values[0].typ}
	result.sources, result.outer = join(values...)
	result.eval = func(v *env) (any, error) {
		for _, e := range values {
			if value, err := e.eval(v); err != nil || value != nil {
				return value, err
			}
		}
		return nil, nil
	}
	return result
}

func (b *binder) concat(c *tsql.Call) (*expr, error) {
	values, err := b.values(c.Arguments)
	if err != nil {
		return nil, err
	}
	to := nvarcharType
	to.Collation = b.db().Collation
	for i := range values {
		if values[i], err = b.convert(values[i], to); err != nil {
			return nil, err
		}
	}
	result := &expr{typ: to}
	result.sources, result.outer = join(values...)
	result.eval = func(v *env) (any, error) {
		all := ""
		for _, e := range values {
			value, err := e.eval(v)
			if err != nil {
				return nil, err
			}
			s, _ := value.(string)
			all += s
		}
		return all, nil
	}
	return result, nil
}

// textFunction has the functions that answer a text of the type that they were given.
func (b *binder) textFunction(c *tsql.Call) (*expr, error) {
	counts := map[string]int{"LEFT": 2, "RIGHT": 2, "SUBSTRING": 3}
	want := max(1, counts[c.Name])
	if len(c.Arguments) != want {
		return nil, wrongArguments(c.Name, want)
	}
	text, err := b.value(c.Arguments[0])
	if err != nil {
		return nil, err
	}
	if !text.typ.IsString() {
		if text, err = b.convert(text, sqltype.Type{Kind: sqltype.VarChar, Size: 8000}); err != nil {
			return nil, err
		}
	}
	f := function{
		arguments: []sqltype.Kind{sqltype.Null, sqltype.Int, sqltype.Int}, optional: 2, result: text.typ,
		eval: textPart(c.Name),
	}
	result, err := b.apply(c, f)
	if err == nil {
		result.typ, result.label = text.typ, text.label
	}
	return result, err
}

func textPart(name string) func(*binder, []any, []sqltype.Type) (any, error) {
	return func(_ *binder, a []any, types []sqltype.Type) (any, error) {
		s, ok := a[0].(string)
		if !ok {
			return nil, sqltype.Unsupported("%s of %s", name, types[0].Name())
		}
		switch name {
		case "UPPER":
			return strings.ToUpper(s), nil
		case "LOWER":
			return strings.ToLower(s), nil
		case "LTRIM":
			return strings.TrimLeft(s, " "), nil
		case "RTRIM":
			return strings.TrimRight(s, " "), nil
		}
		units := sqltype.UTF16(s)
		from, n := int64(0), a[1].(int64)
		switch name {
		case "RIGHT":
			from = max(0, int64(len(units))-n)
		case "SUBSTRING":
			from, n = n-1, a[2].(int64)
		}
		if n < 0 {
			return nil, sqltype.Errorf(537, 3, "Invalid length parameter passed to the LEFT or SUBSTRING function.")
		}
		end := min(int64(len(units)), from+n)
		from = min(max(0, from), int64(len(units)))
		return sqltype.FromUTF16(units[from:max(from, end)]), nil
	}
}

// functions of the current time are added by init.
var functions = map[string]function{
	"LEN":        {[]sqltype.Kind{sqltype.Null}, 0, intType, length},
	"DATALENGTH": {[]sqltype.Kind{sqltype.Null}, 0, intType, dataLength},
	"ISJSON":     {[]sqltype.Kind{sqltype.NVarChar}, 0, intType, isJSON},
	"ABS":        {[]sqltype.Kind{sqltype.BigInt}, 0, sqltype.Type{Kind: sqltype.BigInt}, absolute},
	"NCHAR":      {[]sqltype.Kind{sqltype.Int}, 0, sqltype.Type{Kind: sqltype.NVarChar, Size: 2}, character},
	"REPLICATE":  {[]sqltype.Kind{sqltype.NVarChar, sqltype.Int}, 0, nvarcharType, replicate},
	"CHARINDEX":  {[]sqltype.Kind{sqltype.NVarChar, sqltype.NVarChar}, 0, intType, charIndex},
}

func length(_ *binder, a []any, types []sqltype.Type) (any, error) {
	s, ok := a[0].(string)
	if !ok {
		s = sqltype.Show(a[0], types[0])
	}
	return int64(len(sqltype.UTF16(strings.TrimRight(s, " ")))), nil
}

func dataLength(_ *binder, a []any, types []sqltype.Type) (any, error) {
	return int64(sqltype.KeyBytes(a[0], types[0])), nil
}

func isJSON(_ *binder, a []any, _ []sqltype.Type) (any, error) {
	s := strings.TrimSpace(a[0].(string))
	if json.Valid([]byte(s)) && (s[0] == '{' || s[0] == '[') {
		return int64(1), nil
	}
	return int64(0), nil
}

func absolute(_ *binder, a []any, _ []sqltype.Type) (any, error) {
	n := a[0].(int64)
	if n == math.MinInt64 {
		return nil, sqltype.Errorf(8115, 2, "Arithmetic overflow error converting expression to data type bigint.")
	}
	return max(n, -n), nil
}

func character(_ *binder, a []any, _ []sqltype.Type) (any, error) {
	if n := a[0].(int64); n >= 0 && n <= 0xffff {
		return sqltype.FromUTF16([]uint16{uint16(n)}), nil
	}
	return nil, nil
}

func replicate(_ *binder, a []any, _ []sqltype.Type) (any, error) {
	s, n := a[0].(string), a[1].(int64)
	if n < 0 || s == "" {
		return nil, nil
	}
	n = min(n, int64(4000/len(sqltype.UTF16(s))))
	return strings.Repeat(s, int(n)), nil
}

func charIndex(_ *binder, a []any, _ []sqltype.Type) (any, error) {
	before, _, ok := strings.Cut(a[1].(string), a[0].(string))
	if !ok {
		return int64(0), nil
	}
	return int64(len(sqltype.UTF16(before)) + 1), nil
}

// clock makes the functions of the current time.
func clock(t sqltype.Type, utc bool) function {
	return function{nil, 0, t, func(b *binder, _ []any, _ []sqltype.Type) (any, error) {
		now := b.db().today()
		if utc {
			now = now.UTC()
		}
		from := sqltype.Type{Kind: sqltype.DateTimeOffset, Scale: 7}
		return sqltype.Conversion{Compat: b.db().Compat}.Convert(now.Round(100*time.Nanosecond), from, t)
	}}
}

func init() {
	datetime, datetime2 := sqltype.Type{Kind: sqltype.DateTime}, sqltype.Type{Kind: sqltype.DateTime2, Scale: 7}
	functions["GETDATE"] = clock(datetime, false)
	functions["GETUTCDATE"] = clock(datetime, true)
	functions["SYSDATETIME"] = clock(datetime2, false)
	functions["SYSUTCDATETIME"] = clock(datetime2, true)
	functions["SYSDATETIMEOFFSET"] = clock(sqltype.Type{Kind: sqltype.DateTimeOffset, Scale: 7}, false)
}
