package tds

import (
	"math"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// partSize is how long the parts of a value of (MAX) are made: shorter than most records, so that clients meet several.
const partSize = 100

// value writes a value as its TYPE_INFO says.
func (w *Writer) value(v any, t sqltype.Type, nullable bool) {
	b := encode(v, t)
	switch {
	case t.Kind == sqltype.Variant:
		w.variant(v)
	case t.Kind == sqltype.Text || t.Kind == sqltype.NText || t.Kind == sqltype.Image:
		w.pointed(v, b)
	case t.Size == sqltype.Max:
		w.parts(v, b)
	case t.IsString() || t.IsBinary():
		if v == nil {
			w.u16(math.MaxUint16)
			return
		}
		w.u16(uint16(len(b)))
		w.write(b)
	default:
		if _, fixed := tokens[t.Kind]; !fixed || nullable {
			w.u8(byte(len(b)))
		}
		w.write(b)
	}
}

// pointed writes TEXT and its like: a pointer, a time, then length and bytes.
func (w *Writer) pointed(v any, b []byte) {
	if v == nil {
		w.u8(0)
		return
	}
	w.u8(16)
	w.write(make([]byte, 16+8))
	w.u32(uint32(len(b)))
	w.write(b)
}

func (w *Writer) parts(v any, b []byte) {
	if v == nil {
		w.u64(partialNull)
		return
	}
	w.u64(uint64(len(b)))
	for len(b) > 0 {
		n := min(len(b), partSize)
		w.u32(uint32(n))
		w.write(b[:n])
		b = b[n:]
	}
	w.u32(0)
}

// variant writes SQL_VARIANT: the length of all, the type, the length of its properties, these, the value.
func (w *Writer) variant(v any) {
	inner, ok := v.(*sqltype.VariantValue)
	if !ok {
		w.u32(0)
		return
	}
	b := encode(inner.Value, inner.Type)
	var properties []byte
	token := map[sqltype.Kind]byte{
		sqltype.NVarChar: tokNVarChar, sqltype.VarChar: tokVarChar, sqltype.Date: tokDate, sqltype.DateTime2: tokDateTime2,
		sqltype.DateTimeOffset: tokOffset, sqltype.VarBinary: tokVarBinary, sqltype.UniqueIdentifier: tokGUID,
	}[inner.Type.Kind]
	switch {
	case inner.Type.IsString():
		wire := inner.Type.Collation.Wire()
		properties = append(wire[:], byte(inner.Type.Bytes()), byte(inner.Type.Bytes()>>8))
	case inner.Type.Kind == sqltype.VarBinary:
		properties = []byte{byte(inner.Type.Size), byte(inner.Type.Size >> 8)}
	case inner.Type.Kind == sqltype.DateTime2 || inner.Type.Kind == sqltype.DateTimeOffset:
		properties = []byte{byte(inner.Type.Scale)}
	case token == 0:
		token = tokens[inner.Type.Kind].fixed
	}
	w.u32(uint32(2 + len(properties) + len(b)))
	w.u8(token)
	w.u8(byte(len(properties)))
	w.write(properties)
	w.write(b)
}

// Column describes a column of rows.
type Column struct {
	Name     string
	Type     sqltype.Type
	Nullable bool
	Computed bool
}

// readable is the type in which a client can read a column: UTF-8 only where it said that it knows it.
func (c Column) readable(utf8 bool) Column {
	if c.Type.IsString() && !c.Type.IsUnicode() && c.Type.Collation.IsUTF8() && !utf8 {
		kinds := map[sqltype.Kind]sqltype.Kind{
			sqltype.Char: sqltype.NChar, sqltype.VarChar: sqltype.NVarChar, sqltype.Text: sqltype.NText,
		}
		c.Type.Kind = kinds[c.Type.Kind]
		if c.Type.Size > 4000 {
			c.Type.Kind, c.Type.Size = sqltype.NVarChar, sqltype.Max
		}
	}
	return c
}

// Flags of COLMETADATA.
const (
	columnNullable  = 0x01
	columnCase      = 0x02
	columnUpdatable = 0x08 // perhaps
	columnComputed  = 0x20
)

// Columns writes COLMETADATA. It returns the columns as Row is to be given them.
func (w *Writer) Columns(columns []Column, utf8 bool) []Column {
	w.u8(tokenColumns)
	w.u16(uint16(len(columns)))
	sent := make([]Column, len(columns))
	for i, c := range columns {
		c = c.readable(utf8)
		sent[i] = c
		flags := uint16(columnUpdatable)
		if c.Computed {
			flags = columnComputed
		}
		if c.Nullable {
			flags |= columnNullable
		}
		if c.Type.IsString() && c.Type.Collation.CaseSensitive() {
			flags |= columnCase
		}
		userType := uint32(0)
		if c.Type.Kind == sqltype.RowVersion {
			userType = 80
		}
		w.u32(userType)
		w.u16(flags)
		w.typeInfo(c.Type, c.Nullable)
		if c.Type.Kind == sqltype.Text || c.Type.Kind == sqltype.NText || c.Type.Kind == sqltype.Image {
			w.u8(1)
			w.longText("encryption_key")
		}
		w.shortText(c.Name)
	}
	return sent
}

// Row writes a row: NBCROW, which leaves NULLs out, where there are some and the client knows it.
func (w *Writer) Row(columns []Column, values []any, compressed bool) {
	nulls := make([]byte, (len(columns)+7)/8)
	any := false
	for i, v := range values {
		if v == nil {
			nulls[i/8] |= 1 << (i % 8)
			any = true
		}
	}
	if any && compressed {
		w.u8(tokenShortRow)
		w.write(nulls)
	} else {
		w.u8(tokenRow)
	}
	for i, c := range columns {
		if values[i] == nil && any && compressed {
			continue
		}
		w.value(values[i], c.Type, c.Nullable)
	}
}
