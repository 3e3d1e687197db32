package tds

import (
	"fmt"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// Numbers of data types (MS-TDS 2.2.5.4). The names end in N where a length comes with the value.
const (
	tokNull       = 0x1f
	tokImage      = 0x22
	tokText       = 0x23
	tokGUID       = 0x24
	tokIntN       = 0x26
	tokDate       = 0x28
	tokTime       = 0x29
	tokDateTime2  = 0x2a
	tokOffset     = 0x2b
	tokTinyInt    = 0x30
	tokBit        = 0x32
	tokSmallInt   = 0x34
	tokInt        = 0x38
	tokSmallDate  = 0x3a
	tokReal       = 0x3b
	tokMoney      = 0x3c
	tokDateTime   = 0x3d
	tokFloat      = 0x3e
	tokVariant    = 0x62
	tokNText      = 0x63
	tokBitN       = 0x68
	tokDecimalN   = 0x6a
	tokNumericN   = 0x6c
	tokFloatN     = 0x6d
	tokMoneyN     = 0x6e
	tokDateTimeN  = 0x6f
	tokSmallMoney = 0x7a
	tokBigInt     = 0x7f
	tokVarBinary  = 0xa5
	tokVarChar    = 0xa7
	tokBinary     = 0xad
	tokChar       = 0xaf
	tokNVarChar   = 0xe7
	tokNChar      = 0xef
	tokUDT        = 0xf0
	tokXML        = 0xf1
	tokTable      = 0xf3

	partial = 0xffff // the length of (MAX): values come in parts
)

// typeInfo is a TYPE_INFO as read.
type typeInfo struct {
	token     byte
	size      int
	scale     int
	collation *sqltype.Collation
}

var fixedTypes = map[byte]sqltype.Kind{
	tokNull: sqltype.Null, tokTinyInt: sqltype.TinyInt, tokBit: sqltype.Bit, tokSmallInt: sqltype.SmallInt,
	tokInt:       sqltype.Int,
	tokSmallDate: sqltype.SmallDateTime, tokReal: sqltype.Real, tokDateTime: sqltype.DateTime, tokFloat: sqltype.Float,
	tokBigInt: sqltype.BigInt,
}

var sizedTypes = map[byte]map[int]sqltype.Kind{
	tokIntN:      {1: sqltype.TinyInt, 2: sqltype.SmallInt, 4: sqltype.Int, 8: sqltype.BigInt},
	tokBitN:      {1: sqltype.Bit},
	tokFloatN:    {4: sqltype.Real, 8: sqltype.Float},
	tokDateTimeN: {4: sqltype.SmallDateTime, 8: sqltype.DateTime},
	tokGUID:      {16: sqltype.UniqueIdentifier},
}

var longTypes = map[byte]sqltype.Kind{
	tokVarBinary: sqltype.VarBinary, tokBinary: sqltype.Binary, tokVarChar: sqltype.VarChar, tokChar: sqltype.Char,
	tokNVarChar: sqltype.NVarChar, tokNChar: sqltype.NChar, tokText: sqltype.Text, tokNText: sqltype.NText,
	tokImage: sqltype.Image,
	tokTime:  sqltype.Time, tokDateTime2: sqltype.DateTime2, tokOffset: sqltype.DateTimeOffset, tokDate: sqltype.Date,
}

// typeInfo reads a TYPE_INFO. Types that the stand-in does not take are an error of the server, 50000.
func (r *reader) typeInfo(db *sqltype.Collation) (ti typeInfo, t sqltype.Type) {
	ti.token = r.u8()
	if kind, ok := fixedTypes[ti.token]; ok {
		return ti, sqltype.Type{Kind: kind}
	}
	switch ti.token {
	case tokIntN, tokBitN, tokFloatN, tokDateTimeN, tokGUID:
		ti.size = int(r.u8())
		kind, ok := sizedTypes[ti.token][ti.size]
		if !ok && r.err == nil {
			r.fail(fmt.Errorf("the type %#x with %d bytes", ti.token, ti.size))
		}
		return ti, sqltype.Type{Kind: kind}
	case tokTime, tokDateTime2, tokOffset:
		if ti.scale = int(r.u8()); ti.scale > 7 {
			r.fail(fmt.Errorf("a time with %d digits", ti.scale))
		}
	case tokDate:
	case tokVarBinary, tokBinary, tokVarChar, tokChar, tokNVarChar, tokNChar:
		ti.size = int(r.u16())
		r.collation(&ti, db)
	case tokText, tokNText, tokImage:
		ti.size = int(r.u32())
		r.collation(&ti, db)
	case tokVariant, tokMoney, tokSmallMoney, tokMoneyN, tokDecimalN, tokNumericN, tokUDT, tokXML, tokTable:
		r.fail(sqltype.Unsupported("parameters of the type %#x", ti.token))
	default:
		r.fail(fmt.Errorf("a parameter of the type %#x", ti.token))
	}
	return ti, ti.sqlType()
}

// collation reads that of characters. All zero, as some clients send it, is the database's.
func (r *reader) collation(ti *typeInfo, db *sqltype.Collation) {
	switch ti.token {
	case tokVarBinary, tokBinary, tokImage:
		return
	}
	ti.collation = db
	b := r.bytes(5)
	if b != nil && b[3]&0x04 != 0 && !db.IsUTF8() { // fUTF8
		ti.collation, _ = sqltype.NamedCollation("Latin1_General_100_BIN2_UTF8")
	} else if b != nil && b[3]&0x04 == 0 && db.IsUTF8() && string(b) != "\x00\x00\x00\x00\x00" {
		ti.collation, _ = sqltype.NamedCollation(sqltype.DefaultCollation)
	}
}

func (ti typeInfo) sqlType() sqltype.Type {
	t := sqltype.Type{Kind: longTypes[ti.token], Scale: ti.scale, Collation: ti.collation}
	switch {
	case ti.token == tokText || ti.token == tokNText || ti.token == tokImage:
	case ti.size == partial:
		t.Size = sqltype.Max
	case t.Kind == sqltype.NVarChar || t.Kind == sqltype.NChar:
		t.Size = ti.size / 2
	default:
		t.Size = ti.size
	}
	return t
}

// tokens has the numbers by which types are sent: with a fixed length for columns that are never NULL, or with one.
var tokens = map[sqltype.Kind]struct{ fixed, nullable byte }{
	sqltype.Bit: {tokBit, tokBitN}, sqltype.TinyInt: {tokTinyInt, tokIntN}, sqltype.SmallInt: {tokSmallInt, tokIntN},
	sqltype.Int: {tokInt, tokIntN}, sqltype.BigInt: {tokBigInt, tokIntN}, sqltype.Real: {tokReal, tokFloatN},
	sqltype.Float: {tokFloat, tokFloatN}, sqltype.DateTime: {tokDateTime, tokDateTimeN},
	sqltype.SmallDateTime: {tokSmallDate, tokDateTimeN},
}

// typeInfo writes the TYPE_INFO of a column or a return value.
func (w *Writer) typeInfo(t sqltype.Type, nullable bool) {
	if token, ok := tokens[t.Kind]; ok {
		if !nullable {
			w.u8(token.fixed)
			return
		}
		w.write([]byte{token.nullable, byte(t.Bytes())})
		return
	}
	switch t.Kind {
	case sqltype.UniqueIdentifier:
		w.write([]byte{tokGUID, 16})
	case sqltype.Date:
		w.u8(tokDate)
	case sqltype.Time, sqltype.DateTime2, sqltype.DateTimeOffset:
		w.write([]byte{map[sqltype.Kind]byte{
			sqltype.Time: tokTime, sqltype.DateTime2: tokDateTime2, sqltype.DateTimeOffset: tokOffset,
		}[t.Kind], byte(t.Scale)})
	case sqltype.Variant:
		w.u8(tokVariant)
		w.u32(8009)
	case sqltype.Text, sqltype.NText, sqltype.Image:
		w.u8(map[sqltype.Kind]byte{sqltype.Text: tokText, sqltype.NText: tokNText, sqltype.Image: tokImage}[t.Kind])
		w.u32(0x7fffffff)
		w.collation(t)
	default:
		w.u8(map[sqltype.Kind]byte{
			sqltype.VarBinary: tokVarBinary, sqltype.Binary: tokBinary, sqltype.RowVersion: tokBinary,
			sqltype.VarChar: tokVarChar,
			sqltype.Char:    tokChar, sqltype.NVarChar: tokNVarChar, sqltype.NChar: tokNChar,
		}[t.Kind])
		size := t.Bytes()
		if size == sqltype.Max {
			size = partial
		}
		w.u16(uint16(size))
		w.collation(t)
	}
}

func (w *Writer) collation(t sqltype.Type) {
	if t.IsString() {
		wire := t.Collation.Wire()
		w.write(wire[:])
	}
}
