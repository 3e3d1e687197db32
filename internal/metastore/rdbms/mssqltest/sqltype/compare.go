package sqltype

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// Compare orders two values, not nil, of the same type.
func Compare(a, b any, t Type) int {
	switch a := a.(type) {
	case bool:
		return cmp.Compare(order(a), order(b.(bool)))
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case string:
		return strings.Compare(t.Collation.Key(a), t.Collation.Key(b.(string)))
	case []byte:
		return bytes.Compare(bytes.TrimRight(a, "\x00"), bytes.TrimRight(b.([]byte), "\x00"))
	case time.Time:
		return a.Compare(b.(time.Time))
	case *VariantValue:
		other := b.(*VariantValue)
		if a.Type.Kind != other.Type.Kind {
			return cmp.Compare(a.Type.Kind, other.Type.Kind)
		}
		return Compare(a.Value, other.Value, a.Type)
	}
	return 0
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Key is bytes that sort as values of a type do, NULL first, none a prefix of another's.
func Key(v any, t Type) string {
	switch v := v.(type) {
	case nil:
		return "\x00"
	case bool:
		return "\x01" + string(rune(order(v)))
	case int64:
		return "\x01" + number(uint64(v)^1<<63)
	case float64:
		bits := math.Float64bits(v)
		if v < 0 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		return "\x01" + number(bits)
	case string:
		return "\x01" + closed(t.Collation.Key(v))
	case []byte:
		return "\x01" + closed(strings.TrimRight(string(v), "\x00"))
	case time.Time:
		return "\x01" + number(uint64(v.Unix())^1<<63) + number(uint64(v.Nanosecond()))
	default:
		return "\x01"
	}
}

func number(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// closed ends a text of any bytes so that what follows does not count in the order.
func closed(s string) string { return strings.ReplaceAll(s, "\x00", "\x00\xff") + "\x00\x00" }

// KeyBytes is the room that a value takes in an index key.
func KeyBytes(v any, t Type) int {
	switch v := v.(type) {
	case nil:
		if t.IsFixed() {
			return t.Bytes()
		}
		return 0
	case string:
		if t.IsUnicode() {
			return 2 * t.Length(v)
		}
		return t.Length(v)
	case []byte:
		return len(v)
	default:
		return t.Bytes()
	}
}

// Common is the type to which two operands are converted, without their collation.
func Common(a, b Type) Type {
	high, low := a, b
	if low.Kind > high.Kind {
		high, low = b, a
	}
	switch {
	case high.Size == Max || low.Size == Max && low.Kind != Null:
		high.Size = Max
	case low.Size > high.Size:
		high.Size = low.Size
	}
	if low.Kind == high.Kind {
		high.Scale = max(high.Scale, low.Scale)
	}
	switch high.Kind {
	case DateTime2, DateTimeOffset:
		if low.IsTime() {
			high.Scale = max(high.Scale, low.Scale)
			if isLegacyTime(low) {
				high.Scale = 7
			}
		}
	}
	return high
}
