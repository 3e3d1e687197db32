package engine

import (
	"math"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

var datePartNames = map[string]string{
	"year": "year", "yy": "year", "yyyy": "year", "month": "month", "mm": "month", "m": "month", "day": "day", "dd": "day",
	"d": "day", "hour": "hour", "hh": "hour", "minute": "minute", "mi": "minute", "n": "minute", "second": "second",
	"ss": "second", "s": "second", "millisecond": "millisecond", "ms": "millisecond", "microsecond": "microsecond",
	"mcs": "microsecond", "nanosecond": "nanosecond", "ns": "nanosecond",
}

var datePartUnits = map[string]time.Duration{
	"day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute, "second": time.Second,
	"millisecond": time.Millisecond,
	"microsecond": time.Microsecond, "nanosecond": time.Nanosecond,
}

func datePart(c *tsql.Call) (string, error) {
	if len(c.Arguments) != 3 {
		return "", wrongArguments(c.Name, 3)
	}
	name := ""
	if l, ok := c.Arguments[0].(*tsql.Literal); ok {
		name, _ = l.Value.(string)
	}
	if part, ok := datePartNames[name]; ok {
		return part, nil
	}
	return "", sqltype.Syntaxf(155, 1, "'%s' is not a recognized %s option.", name, strings.ToLower(c.Name))
}

// moment binds an argument that is a time; a text is a DATETIME, or what fallback says.
func (b *binder) moment(a tsql.Expression, fallback sqltype.Type) (*expr, error) {
	e, err := b.value(a)
	if err != nil || e.typ.IsTime() {
		return e, err
	}
	return b.convert(e, fallback)
}

// dateAdd is DATEADD: the number is an int, error 8115 if it does not fit; a text becomes a DATETIME; error 517 where
// the result is no time of the type.
func (b *binder) dateAdd(c *tsql.Call) (*expr, error) {
	part, err := datePart(c)
	if err != nil {
		return nil, err
	}
	number, err := b.value(c.Arguments[1])
	if err != nil {
		return nil, err
	}
	if number, err = b.convert(number, intType); err != nil {
		return nil, err
	}
	to, err := b.moment(c.Arguments[2], sqltype.Type{Kind: sqltype.DateTime})
	if err != nil {
		return nil, err
	}
	result := &expr{typ: to.typ}
	result.sources, result.outer = join(number, to)
	result.eval = func(v *env) (any, error) {
		n, err := number.eval(v)
		if err != nil || n == nil {
			return nil, err
		}
		t, err := to.eval(v)
		if err != nil || t == nil {
			return nil, err
		}
		moved, ok := add(t.(time.Time), part, n.(int64))
		if ok {
			if moved, err = sqltype.RoundTime(moved, to.typ, to.typ); err == nil {
				return moved, nil
			}
		}
		return nil, sqltype.Errorf(517, 1, "Adding a value to a '%s' column caused an overflow.", to.typ.Name())
	}
	return result, nil
}

func add(t time.Time, part string, n int64) (time.Time, bool) {
	switch part {
	case "year":
		if n < -10000 || n > 10000 {
			return t, false
		}
		return add(t, "month", 12*n)
	case "month":
		moved := t.AddDate(0, int(n), 0)
		for moved.Day() != t.Day() && moved.Day() < 4 { // the last day of a shorter month
			moved = moved.AddDate(0, 0, -1)
		}
		return moved, n >= -120000 && n <= 120000
	case "day":
		return t.AddDate(0, 0, int(n)), n > -4000000 && n < 4000000
	}
	unit := datePartUnits[part]
	if n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
		seconds := n * int64(unit/time.Second) // an int of hours is at most 10^13 seconds
		return time.Unix(t.Unix()+seconds, int64(t.Nanosecond())).In(t.Location()), true
	}
	return t.Add(time.Duration(n) * unit), true
}

// dateDiff counts boundaries; the result of DATEDIFF is an int, error 535 if it does not fit.
func (b *binder) dateDiff(c *tsql.Call) (*expr, error) {
	part, err := datePart(c)
	if err != nil {
		return nil, err
	}
	wide := sqltype.Type{Kind: sqltype.DateTimeOffset, Scale: 7}
	from, err := b.moment(c.Arguments[1], wide)
	if err != nil {
		return nil, err
	}
	to, err := b.moment(c.Arguments[2], wide)
	if err != nil {
		return nil, err
	}
	result := &expr{typ: intType}
	limit := int64(math.MaxInt32)
	if c.Name == "DATEDIFF_BIG" {
		result.typ.Kind, limit = sqltype.BigInt, math.MaxInt64
	}
	result.sources, result.outer = join(from, to)
	result.eval = func(v *env) (any, error) {
		a, err := from.eval(v)
		if err != nil || a == nil {
			return nil, err
		}
		z, err := to.eval(v)
		if err != nil || z == nil {
			return nil, err
		}
		n, ok := boundaries(a.(time.Time).UTC(), z.(time.Time).UTC(), part)
		if !ok || n > limit || n < -limit-1 {
			return nil, sqltype.Errorf(535, 0, "The %s function resulted in an overflow. The number of dateparts separating "+
				"two date/time instances is too large. Try to use %[1]s with a less precise datepart.", "datediff")
		}
		return n, nil
	}
	return result, nil
}

func boundaries(a, z time.Time, part string) (int64, bool) {
	switch part {
	case "year":
		return int64(z.Year() - a.Year()), true
	case "month":
		return int64(12*(z.Year()-a.Year())) + int64(z.Month()-a.Month()), true
	}
	unit := datePartUnits[part]
	if unit >= time.Second {
		seconds := int64(unit / time.Second)
		return floor(z.Unix(), seconds) - floor(a.Unix(), seconds), true
	}
	perSecond := int64(time.Second / unit)
	whole := z.Unix() - a.Unix()
	if whole > math.MaxInt64/perSecond/2 || whole < math.MinInt64/perSecond/2 {
		return 0, false
	}
	return whole*perSecond + int64(z.Nanosecond())/int64(unit) - int64(a.Nanosecond())/int64(unit), true
}

func floor(n, unit int64) int64 {
	q := n / unit
	if n%unit < 0 {
		q--
	}
	return q
}
