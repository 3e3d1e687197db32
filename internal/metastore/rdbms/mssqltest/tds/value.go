package tds

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

var (
	yearOne  = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	year1900 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
)

const (
	partialNull    = math.MaxUint64
	partialUnknown = math.MaxUint64 - 1
	longNull       = math.MaxUint32
)

// value reads a parameter's value.
func (r *reader) value(ti typeInfo, t sqltype.Type) any {
	var b []byte
	null := false
	switch {
	case ti.token == tokNull:
		return nil
	case fixedTypes[ti.token] != 0:
		b = r.bytes(t.Bytes())
	case ti.token == tokText || ti.token == tokNText || ti.token == tokImage:
		n := r.u32()
		if null = n == longNull; !null {
			b = r.bytes(int(n))
		}
	case ti.size == partial:
		b, null = r.parts()
	case t.IsString() || t.IsBinary():
		n := r.u16()
		if null = n == math.MaxUint16; !null {
			b = r.bytes(int(n))
		}
		if int(n) > ti.size && !null {
			r.fail(fmt.Errorf("a value of %d bytes where %d were said", n, ti.size))
		}
	default:
		n := int(r.u8())
		if null = n == 0; !null {
			b = r.bytes(n)
		}
		if n != t.Bytes() && !null {
			r.fail(fmt.Errorf("a value of %s with %d bytes", t.Name(), n))
		}
	}
	if null || r.err != nil {
		return nil
	}
	v, err := decode(b, t)
	if err != nil {
		r.fail(err)
	}
	return v
}

// parts reads a value of (MAX): its length, or that it is unknown, then parts until one of no bytes.
func (r *reader) parts() (all []byte, null bool) {
	total := r.u64()
	if total == partialNull {
		return nil, true
	}
	for r.err == nil {
		n := r.u32()
		if n == 0 {
			break
		}
		all = append(all, r.bytes(int(n))...)
	}
	if total != partialUnknown && total != uint64(len(all)) {
		r.fail(fmt.Errorf("a value of %d bytes where %d were said", len(all), total))
	}
	return all, false
}

func decode(b []byte, t sqltype.Type) (any, error) {
	switch t.Kind {
	case sqltype.Bit:
		return b[0] != 0, nil
	case sqltype.TinyInt:
		return int64(b[0]), nil
	case sqltype.SmallInt:
		return int64(int16(binary.LittleEndian.Uint16(b))), nil
	case sqltype.Int:
		return int64(int32(binary.LittleEndian.Uint32(b))), nil
	case sqltype.BigInt:
		return int64(binary.LittleEndian.Uint64(b)), nil
	case sqltype.Real:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), nil
	case sqltype.Float:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
	case sqltype.NVarChar, sqltype.NChar, sqltype.NText:
		if len(b)%2 != 0 {
			return nil, fmt.Errorf("a text of %d bytes in UTF-16", len(b))
		}
		return sqltype.DecodeUTF16(b), nil
	case sqltype.VarChar, sqltype.Char, sqltype.Text:
		return t.Collation.Decode(b), nil
	case sqltype.UniqueIdentifier, sqltype.VarBinary, sqltype.Binary, sqltype.Image:
		return append([]byte{}, b...), nil
	default:
		return decodeTime(b, t)
	}
}

func decodeTime(b []byte, t sqltype.Type) (any, error) {
	var v time.Time
	switch t.Kind {
	case sqltype.DateTime:
		days, ticks := int32(binary.LittleEndian.Uint32(b)), int64(binary.LittleEndian.Uint32(b[4:]))
		v = year1900.AddDate(0, 0, int(days)).Add(time.Duration((ticks*int64(time.Second) + 150) / 300))
		if ticks >= 24*60*60*300 || v.Year() < 1753 || v.Year() > 9999 {
			return nil, fmt.Errorf("a datetime of %d days and %d ticks", days, ticks)
		}
		return v, nil
	case sqltype.SmallDateTime:
		days, minutes := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		if minutes >= 24*60 {
			return nil, fmt.Errorf("a smalldatetime of %d minutes", minutes)
		}
		return year1900.AddDate(0, 0, int(days)).Add(time.Duration(minutes) * time.Minute), nil
	case sqltype.Date:
		return dateOf(b)
	}
	clock, err := clockOf(b[:len(b)-dateBytes(t)], t.Scale)
	if err != nil || t.Kind == sqltype.Time {
		return yearOne.Add(clock), err
	}
	if v, err = dateOf(b[len(b)-dateBytes(t):]); err != nil {
		return nil, err
	}
	v = v.Add(clock)
	if t.Kind == sqltype.DateTimeOffset {
		minutes := int(int16(binary.LittleEndian.Uint16(b[len(b)-2:])))
		if minutes < -14*60 || minutes > 14*60 {
			return nil, fmt.Errorf("a zone of %d minutes", minutes)
		}
		v = v.In(time.FixedZone("", minutes*60))
	}
	return v, nil
}

// dateBytes is the room of what follows the time of day.
func dateBytes(t sqltype.Type) int {
	return map[sqltype.Kind]int{sqltype.DateTime2: 3, sqltype.DateTimeOffset: 5}[t.Kind]
}

func dateOf(b []byte) (time.Time, error) {
	days := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	v := yearOne.AddDate(0, 0, days)
	if v.Year() > 9999 {
		return v, fmt.Errorf("a date of %d days", days)
	}
	return v, nil
}

func clockOf(b []byte, scale int) (time.Duration, error) {
	n := uint64(0)
	for i, x := range b {
		n |= uint64(x) << (8 * i)
	}
	unit := time.Second
	for range scale {
		unit /= 10
	}
	if n >= uint64(24*time.Hour/unit) {
		return 0, fmt.Errorf("a time of day of %d units", n)
	}
	return time.Duration(n) * unit, nil
}

// encodeTime is decodeTime's inverse.
func encodeTime(v time.Time, t sqltype.Type) []byte {
	days := func(since time.Time) int64 { return floorDiv(v.UTC().Unix()-since.Unix(), 24*60*60) }
	clock := time.Duration(floorMod(v.UTC().Unix(), 24*60*60))*time.Second + time.Duration(v.Nanosecond())
	switch t.Kind {
	case sqltype.DateTime:
		ticks := (int64(clock)*300 + int64(time.Second)/2) / int64(time.Second)
		b := binary.LittleEndian.AppendUint32(nil, uint32(int32(days(year1900))))
		return binary.LittleEndian.AppendUint32(b, uint32(ticks))
	case sqltype.SmallDateTime:
		b := binary.LittleEndian.AppendUint16(nil, uint16(days(year1900)))
		return binary.LittleEndian.AppendUint16(b, uint16(clock/time.Minute))
	}
	var b []byte
	if t.Kind != sqltype.Date {
		unit := time.Second
		for range t.Scale {
			unit /= 10
		}
		n := clock / unit
		for range t.Bytes() - dateBytes(t) {
			b = append(b, byte(n))
			n >>= 8
		}
	}
	if t.Kind != sqltype.Time {
		d := days(yearOne)
		b = append(b, byte(d), byte(d>>8), byte(d>>16))
	}
	if t.Kind == sqltype.DateTimeOffset {
		_, seconds := v.Zone()
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(seconds/60)))
	}
	return b
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }

// encode is a value's bytes without its length.
func encode(v any, t sqltype.Type) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return []byte{1}
		}
		return []byte{0}
	case int64:
		return binary.LittleEndian.AppendUint64(nil, uint64(v))[:t.Bytes()]
	case float64:
		if t.Kind == sqltype.Real {
			return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v)))
		}
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))
	case string:
		if t.IsUnicode() {
			return sqltype.AppendUTF16(nil, v)
		}
		return t.Collation.Encode(v)
	case []byte:
		return v
	case time.Time:
		return encodeTime(v, t)
	}
	return nil
}
