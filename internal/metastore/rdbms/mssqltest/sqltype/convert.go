package sqltype

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Conversion says how Convert works.
type Conversion struct {
	Explicit bool // CAST and CONVERT may do more than what happens by itself
	Style    int  // of CONVERT, for times; 0: the type's own
	Compat   int  // compatibility level of the database
	Lost     func(from, to string)
	Rounded  func(from, to time.Time)
	Dropped  func(time.Time) // a zone other than UTC was dropped
}

// Convert makes a value of one type one of another. Texts keep their length: see Fit.
func (c Conversion) Convert(v any, from, to Type) (any, error) {
	if from.Kind == Variant {
		inner, ok := v.(*VariantValue)
		switch {
		case !ok || to.Kind == Variant:
			return v, nil
		case !c.Explicit:
			return nil, Errorf(257, 3, "Implicit conversion from data type sql_variant to %s is not allowed. Use the CONVERT "+
				"function to run this query.", to.Name())
		}
		return c.Convert(inner.Value, inner.Type, to)
	}
	if err := c.allowed(from, to); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, nil
	}
	switch {
	case to.Kind == Variant:
		return &VariantValue{Type: from, Value: v}, nil
	case to.IsString():
		return c.toText(v, from, to)
	case to.IsWhole():
		return toWhole(v, from, to)
	case to.Kind == Real || to.Kind == Float:
		return toFloat(v, from)
	case to.IsTime():
		return c.toTime(v, from, to)
	default:
		return v, nil
	}
}

// allowed refuses what has no conversion, or none without CAST.
func (c Conversion) allowed(from, to Type) error {
	clash := Errorf(206, 2, "Operand type clash: %s is incompatible with %s", from.Name(), to.Name())
	number := from.IsWhole() || from.Kind == Real || from.Kind == Float
	toNumber := to.IsWhole() || to.Kind == Real || to.Kind == Float
	legacy, toLegacy := isLegacyTime(from), isLegacyTime(to)
	implicit := true
	switch {
	case from.Kind == Null, from.Kind == to.Kind, to.Kind == Variant:
	case from.IsString() && to.IsString(), number && toNumber, from.IsTime() && to.IsTime():
		if from.Kind == Date && to.Kind == Time || from.Kind == Time && to.Kind == Date {
			return clash
		}
	case from.IsBinary() && to.IsBinary():
	case from.IsString() && (toNumber || to.IsTime()), number && to.IsString(), from.IsTime() && to.IsString():
		if isBlob(from) || isBlob(to) {
			return clash
		}
	case number && toLegacy:
	case legacy && toNumber, from.IsString() && to.IsBinary():
		implicit = false
		if c.Explicit {
			return Unsupported("the conversion from %s to %s", from.Name(), to.Name())
		}
	case from.IsBinary() && (to.IsString() || toNumber), number && to.IsBinary():
		return Unsupported("the conversion from %s to %s", from.Name(), to.Name())
	default:
		return clash
	}
	if !implicit {
		return Errorf(257, 3, "Implicit conversion from data type %s to %s is not allowed. Use the CONVERT function to run "+
			"this query.", from.Name(), to.Name())
	}
	return nil
}

func isLegacyTime(t Type) bool { return t.Kind == DateTime || t.Kind == SmallDateTime }

func isBlob(t Type) bool { return t.Kind == Text || t.Kind == NText || t.Kind == Image }

func (c Conversion) toText(v any, from, to Type) (any, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case bool:
		s = "0"
		if v {
			s = "1"
		}
	case int64:
		s = strconv.FormatInt(v, 10)
	case float64:
		s = strconv.FormatFloat(v, 'g', 6, 64)
	case time.Time:
		s = formatTime(v, from, c.Style)
	default:
		return nil, Unsupported("the conversion from %s to %s", from.Name(), to.Name())
	}
	if !from.IsString() && to.Size > 0 && len(s) > to.Size {
		return nil, Errorf(8115, 2, "Arithmetic overflow error converting expression to data type %s.", to.Name())
	}
	if to.IsUnicode() {
		return s, nil
	}
	encoded, lost := to.Collation.encode(s)
	if !lost {
		return s, nil
	}
	kept := to.Collation.decode(encoded)
	if c.Lost != nil {
		c.Lost(s, kept)
	}
	return kept, nil
}

var wholeRanges = map[Kind][2]int64{
	TinyInt: {0, math.MaxUint8}, SmallInt: {math.MinInt16, math.MaxInt16}, Int: {math.MinInt32, math.MaxInt32},
	BigInt: {math.MinInt64, math.MaxInt64},
}

func toWhole(v any, from, to Type) (any, error) {
	var n int64
	switch v := v.(type) {
	case bool:
		if v {
			n = 1
		}
	case int64:
		n = v
	case float64:
		if math.IsNaN(v) || v >= math.MaxInt64 || v <= math.MinInt64 {
			return nil, overflow(to)
		}
		n = int64(v)
	case string:
		return textToWhole(v, from, to)
	}
	if to.Kind == Bit {
		return n != 0, nil
	}
	if limits := wholeRanges[to.Kind]; n < limits[0] || n > limits[1] {
		return nil, overflow(to)
	}
	return n, nil
}

func overflow(to Type) error {
	return Errorf(8115, 2, "Arithmetic overflow error converting expression to data type %s.", to.Name())
}

func textToWhole(s string, from, to Type) (any, error) {
	trimmed := strings.Trim(s, " ")
	if to.Kind == Bit {
		switch strings.ToLower(trimmed) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	}
	if trimmed == "" {
		trimmed = "0"
	}
	n, err := strconv.ParseInt(trimmed, 10, 64)
	if err != nil {
		return nil, Errorf(245, 1, "Conversion failed when converting the %s value '%s' to data type %s.",
			from.Name(), s, to.Name())
	}
	if to.Kind == Bit {
		return n != 0, nil
	}
	if limits := wholeRanges[to.Kind]; n < limits[0] || n > limits[1] {
		return nil, Errorf(248, 1, "The conversion of the %s value '%s' overflowed an %s column.", from.Name(), s, to.Name())
	}
	return n, nil
}

func toFloat(v any, from Type) (any, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1.0, nil
		}
		return 0.0, nil
	case int64:
		return float64(v), nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil {
			return nil, Errorf(8114, 5, "Error converting data type %s to float.", from.Name())
		}
		return f, nil
	default:
		return v, nil
	}
}

// Fit makes a text or bytes as long as the type has it: what is too long is cut, CHAR and BINARY are padded. cut is
// true if something other than blanks went.
func Fit(v any, t Type) (fitted any, cut bool) {
	switch v := v.(type) {
	case string:
		if t.Size <= 0 || !t.IsString() {
			return v, false
		}
		if n := t.Length(v); n > t.Size {
			short := t.Shorten(v, t.Size)
			cut = strings.TrimRight(v, " ") != strings.TrimRight(short, " ")
			return short, cut
		} else if n < t.Size && (t.Kind == Char || t.Kind == NChar) {
			return v + strings.Repeat(" ", t.Size-n), false
		}
	case []byte:
		if t.Size <= 0 {
			return v, false
		}
		if len(v) > t.Size {
			return v[:t.Size], true
		}
		if t.Kind == Binary {
			return append(v[:len(v):len(v)], make([]byte, t.Size-len(v))...), false
		}
	}
	return v, false
}

// Show is a value as messages quote it.
func Show(v any, t Type) string {
	switch v := v.(type) {
	case nil:
		return "<NULL>"
	case []byte:
		return fmt.Sprintf("0x%x", v)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return formatTime(v, t, 0)
	default:
		return fmt.Sprint(v)
	}
}
