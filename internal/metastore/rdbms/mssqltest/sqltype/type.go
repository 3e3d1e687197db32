// Package sqltype has the data types of SQL Server, as far as mssqltest needs them: their values, collations and code
// pages, conversions and comparisons. Sources: the Transact-SQL reference (data types, conversion, precedence,
// collations) and MS-TDS 2.2.5.
package sqltype

import (
	"fmt"
	"strings"
)

// Kind is a data type without its length. Values of it are nil or, by kind: bool; int64 for whole numbers; float64;
// string for characters, in UTF-8, where an unpaired surrogate takes the three bytes that UTF-8 would give it; []byte;
// time.Time, in UTC but for DateTimeOffset; *VariantValue.
type Kind uint8

// The kinds are in the order of precedence, the lowest first: a comparison converts the lower to the higher.
const (
	Null Kind = iota // a NULL of no known type
	Binary
	VarBinary
	Char
	VarChar
	NChar
	NVarChar
	UniqueIdentifier
	RowVersion
	Image
	Text
	NText
	Bit
	TinyInt
	SmallInt
	Int
	BigInt
	Real
	Float
	Time
	Date
	SmallDateTime
	DateTime
	DateTime2
	DateTimeOffset
	Variant
)

// Max is the size of VARCHAR(MAX) and its like.
const Max = -1

// Type is a data type. Size counts bytes of CHAR, VARCHAR and binaries, UTF-16 units of NCHAR and NVARCHAR.
type Type struct {
	Kind      Kind
	Size      int
	Scale     int // digits of the fraction of a second
	Collation *Collation
}

// VariantValue is what a value of SQL_VARIANT holds.
type VariantValue struct {
	Type  Type
	Value any
}

var kindNames = map[string]Kind{
	"binary": Binary, "varbinary": VarBinary, "char": Char, "varchar": VarChar, "nchar": NChar, "nvarchar": NVarChar,
	"uniqueidentifier": UniqueIdentifier, "timestamp": RowVersion, "image": Image, "text": Text, "ntext": NText,
	"bit": Bit, "tinyint": TinyInt, "smallint": SmallInt, "int": Int, "bigint": BigInt, "real": Real, "float": Float,
	"time": Time, "date": Date, "smalldatetime": SmallDateTime, "datetime": DateTime, "datetime2": DateTime2,
	"datetimeoffset": DateTimeOffset, "sql_variant": Variant,
}

var kindSynonyms = map[string]string{
	"rowversion": "timestamp", "integer": "int", "character": "char", "char varying": "varchar",
	"character varying": "varchar", "national character": "nchar", "national character varying": "nvarchar",
	"national char varying": "nvarchar", "national text": "ntext",
}

// Named returns the type of a name and what stands in parentheses behind it: nothing, a number or Max. A length that is
// left out is 1, or 30 where convert is true, as in CAST.
func Named(name string, length *int, convert bool) (Type, error) {
	name = strings.ToLower(name)
	if name == "sysname" {
		return Type{Kind: NVarChar, Size: 128}, nil
	}
	if synonym, ok := kindSynonyms[name]; ok {
		name = synonym
	}
	kind, ok := kindNames[name]
	if !ok {
		return Type{}, Errorf(2715, 6, "Column, parameter, or variable #1: Cannot find data type %s.", name)
	}
	t := Type{Kind: kind}
	switch {
	case t.IsString() && kind != Text && kind != NText, kind == Binary, kind == VarBinary:
		return t.sized(name, length, convert)
	case kind == Time, kind == DateTime2, kind == DateTimeOffset:
		t.Scale = 7
		if length != nil {
			t.Scale = *length
		}
		if t.Scale < 0 || t.Scale > 7 {
			return t, Errorf(1002, 1, "Line 1: Specified scale %d is invalid.", t.Scale)
		}
		return t, nil
	case kind == Float && length != nil && *length <= 24:
		return Type{Kind: Real}, nil
	case length != nil && kind != Float:
		return t, Errorf(2716, 1, "Column, parameter, or variable #1: Cannot specify a column width on data type %s.", name)
	}
	return t, nil
}

func (t Type) sized(name string, length *int, convert bool) (Type, error) {
	limit := 8000
	if t.Kind == NChar || t.Kind == NVarChar {
		limit = 4000
	}
	t.Size = 1
	if convert {
		t.Size = 30
	}
	if length != nil {
		t.Size = *length
	}
	if t.Size == Max && (t.Kind == VarChar || t.Kind == NVarChar || t.Kind == VarBinary) {
		return t, nil
	}
	if t.Size < 1 {
		return t, Syntaxf(1001, 1, "Line 1: Length or precision specification %d is invalid.", t.Size)
	}
	if t.Size > limit {
		return t, Errorf(131, 2, "The size (%d) given to the type '%s' exceeds the maximum allowed for any data type (8000).",
			t.Size, name)
	}
	return t, nil
}

// Name is the type's name without length, in lower case.
func (t Type) Name() string {
	for name, kind := range kindNames {
		if kind == t.Kind {
			return name
		}
	}
	return "NULL"
}

// String is the type as a declaration has it: "nvarchar(7)", "varchar(max)", "datetime2(7)", "int".
func (t Type) String() string {
	switch t.Kind {
	case Char, VarChar, NChar, NVarChar, Binary, VarBinary:
		if t.Size == Max {
			return t.Name() + "(max)"
		}
		return fmt.Sprintf("%s(%d)", t.Name(), t.Size)
	case Time, DateTime2, DateTimeOffset:
		return fmt.Sprintf("%s(%d)", t.Name(), t.Scale)
	default:
		return t.Name()
	}
}

// IsString is true of characters of every kind.
func (t Type) IsString() bool {
	switch t.Kind {
	case Char, VarChar, NChar, NVarChar, Text, NText:
		return true
	default:
		return false
	}
}

// IsUnicode is true of NCHAR, NVARCHAR and NTEXT.
func (t Type) IsUnicode() bool { return t.Kind == NChar || t.Kind == NVarChar || t.Kind == NText }

// IsWhole is true of whole numbers and BIT.
func (t Type) IsWhole() bool { return t.Kind >= Bit && t.Kind <= BigInt }

// IsBinary is true of bytes.
func (t Type) IsBinary() bool {
	return t.Kind == Binary || t.Kind == VarBinary || t.Kind == Image || t.Kind == RowVersion
}

// IsTime is true of dates and times.
func (t Type) IsTime() bool { return t.Kind >= Time && t.Kind <= DateTimeOffset }

// IsFixed is true of types whose values all take the same room in an index key.
func (t Type) IsFixed() bool {
	return !t.IsString() && t.Kind != VarBinary && t.Kind != Image && t.Kind != Variant || t.Kind == Char ||
		t.Kind == NChar
}

// Bytes is the room that the type's longest value takes in a row, as sys.columns.max_length has it; Max for MAX.
func (t Type) Bytes() int {
	switch t.Kind {
	case Char, VarChar, Binary, VarBinary:
		return t.Size
	case NChar, NVarChar:
		if t.Size == Max {
			return Max
		}
		return 2 * t.Size
	case Text, NText, Image, UniqueIdentifier:
		return 16
	case Bit, TinyInt:
		return 1
	case SmallInt:
		return 2
	case Int, Real, SmallDateTime, Null:
		return 4
	case Date:
		return 3
	case Time:
		return t.clockBytes()
	case DateTime2:
		return t.clockBytes() + 3
	case DateTimeOffset:
		return t.clockBytes() + 5
	case Variant:
		return 8016
	default: // BigInt, Float, DateTime, RowVersion
		return 8
	}
}

// clockBytes is the room of the time of day.
func (t Type) clockBytes() int {
	switch {
	case t.Scale <= 2:
		return 3
	case t.Scale <= 4:
		return 4
	default:
		return 5
	}
}
