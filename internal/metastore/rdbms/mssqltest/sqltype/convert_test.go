package sqltype

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func typed(t *testing.T, declaration string) Type {
	t.Helper()
	name, size, sized := strings.Cut(strings.TrimSuffix(declaration, ")"), "(")
	var length *int
	if sized {
		n := Max
		if size != "max" {
			n = 0
			for _, r := range size {
				n = 10*n + int(r-'0')
			}
		}
		length = &n
	}
	kind, err := Named(name, length, false)
	if err != nil {
		t.Fatal(err)
	}
	if kind.IsString() {
		kind.Collation = named(t, DefaultCollation)
	}
	return kind
}

func utc(text string) time.Time {
	v, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return v
}

func TestConvert(t *testing.T) {
	for _, c := range []struct {
		value    any
		from, to string
		explicit bool
		want     any // a value, or the number of an error
	}{
		{int64(5), "bigint", "int", false, int64(5)},
		{int64(1) << 31, "bigint", "int", false, int32(8115)},
		{int64(-1), "int", "tinyint", false, int32(8115)},
		{"12", "nvarchar(5)", "int", false, int64(12)},
		{" 12 ", "varchar(5)", "bigint", false, int64(12)},
		{"", "varchar(5)", "int", false, int64(0)},
		{"x", "varchar(5)", "int", false, int32(245)},
		{"3000000000", "varchar(10)", "int", false, int32(248)},
		{"TRUE", "varchar(5)", "bit", false, true},
		{int64(7), "int", "nvarchar(10)", false, "7"},
		{int64(70), "int", "nvarchar(1)", false, int32(8115)},
		{int64(0), "int", "datetime", false, utc("1900-01-01T00:00:00Z")},
		{int64(0), "int", "datetime2(7)", false, int32(206)},
		{int64(0), "int", "datetime2(7)", true, int32(206)},
		{utc("2024-01-01T00:00:00Z"), "datetime", "int", false, int32(257)},
		{utc("2024-01-01T00:00:00Z"), "datetime", "int", true, int32(50000)},
		{utc("2024-01-01T00:00:00Z"), "datetime2(7)", "int", false, int32(206)},
		{"2024-01-01", "varchar(10)", "datetime", false, utc("2024-01-01T00:00:00Z")},
		{"20240101 10:11:12.123", "varchar(30)", "datetime", false, utc("2024-01-01T10:11:12.123333333Z")},
		{"2024-01-01T10:11:12.1234567", "varchar(30)", "datetime", false, int32(241)},
		{"2024-01-01T10:11:12.1234567", "varchar(30)", "datetime2(7)", false, utc("2024-01-01T10:11:12.1234567Z")},
		{"2024-02-30", "varchar(30)", "datetime2(7)", false, int32(242)},
		{"1752-12-31", "varchar(30)", "datetime", false, int32(242)},
		{"0001-01-01", "varchar(30)", "datetime2(0)", false, utc("0001-01-01T00:00:00Z")},
		{"nonsense", "varchar(30)", "datetime2(0)", false, int32(241)},
		{utc("1600-01-01T00:00:00Z"), "datetime2(7)", "datetime", false, int32(242)},
		{utc("2024-01-01T23:59:59.9986Z"), "datetime2(7)", "datetime", false, utc("2024-01-02T00:00:00Z")},
		{utc("2024-01-01T23:59:59.998Z"), "datetime2(7)", "datetime", false, utc("2024-01-01T23:59:59.996666667Z")},
		{utc("2024-01-01T10:00:00.5Z"), "datetime2(7)", "datetime2(0)", false, utc("2024-01-01T10:00:01Z")},
		{utc("9999-12-31T23:59:59.5Z"), "datetime2(7)", "datetime2(0)", false, int32(242)},
		{utc("2024-01-01T10:00:29Z"), "datetime", "smalldatetime", false, utc("2024-01-01T10:00:00Z")},
		{utc("2024-01-01T10:00:30Z"), "datetime", "smalldatetime", false, utc("2024-01-01T10:01:00Z")},
		{utc("2024-01-01T10:00:00+02:00"), "datetimeoffset(7)", "datetime2(7)", false, utc("2024-01-01T10:00:00Z")},
		{utc("2024-01-01T10:00:00Z"), "datetime2(7)", "datetimeoffset(7)", false, utc("2024-01-01T10:00:00Z")},
		{utc("2024-01-01T10:00:00.003333333Z"), "datetime", "datetime2(7)", false, utc("2024-01-01T10:00:00.0033333Z")},
		{utc("2024-01-01T10:00:00Z"), "datetime2(3)", "varchar(30)", false, "2024-01-01 10:00:00.000"},
		{utc("2024-01-01T10:00:00Z"), "datetime", "varchar(30)", false, "Jan  1 2024 10:00AM"},
		{"é日", "nvarchar(2)", "varchar(2)", false, "é?"},
		{"x", "nvarchar(1)", "varbinary(1)", false, int32(257)},
		{[]byte{1}, "varbinary(1)", "int", false, int32(50000)},
		{"x", "text", "int", false, int32(206)},
		{nil, "nvarchar(1)", "datetime", false, nil},
		{&VariantValue{Type: Type{Kind: Int}, Value: int64(3)}, "sql_variant", "int", false, int32(257)},
		{&VariantValue{Type: Type{Kind: Int}, Value: int64(3)}, "sql_variant", "nvarchar(10)", true, "3"},
	} {
		from, to := typed(t, c.from), typed(t, c.to)
		got, err := Conversion{Explicit: c.explicit, Compat: 150}.Convert(c.value, from, to)
		if number, failing := c.want.(int32); failing {
			var e *Error
			if !errors.As(err, &e) || e.Number != number {
				t.Errorf("%v from %s to %s: %v, %v; want error %d", c.value, c.from, c.to, got, err, number)
			}
			continue
		}
		if moment, ok := c.want.(time.Time); ok && err == nil && moment.Equal(got.(time.Time)) {
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%v from %s to %s: %v, %v; want %v", c.value, c.from, c.to, got, err, c.want)
		}
	}
}

// TestOldCompatibilityLevel: before 130 a DATETIME of .003333 becomes .003 of a DATETIME2.
func TestOldCompatibilityLevel(t *testing.T) {
	got, err := Conversion{Compat: 120}.Convert(utc("2024-01-01T10:00:00.003333333Z"), typed(t, "datetime"), typed(t,
		"datetime2(7)"))
	if err != nil || !got.(time.Time).Equal(utc("2024-01-01T10:00:00.003Z")) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		value, declared, want string
		cut                   bool
	}{
		{"abc", "nvarchar(3)", "abc", false},
		{"abcd", "nvarchar(3)", "abc", true},
		{"abc  ", "nvarchar(3)", "abc", false},
		{"ab", "nchar(3)", "ab ", false},
		{"a😀", "nvarchar(2)", "a\xed\xa0\xbd", true},
		{"éé", "varchar(1)", "é", true},
		{strings.Repeat("x", 9000), "varchar(max)", strings.Repeat("x", 9000), false},
	} {
		got, cut := Fit(c.value, typed(t, c.declared))
		if got != c.want || cut != c.cut {
			t.Errorf("%q in %s: %q, %v; want %q, %v", c.value, c.declared, got, cut, c.want, c.cut)
		}
	}
	utf := Type{Kind: VarChar, Size: 3, Collation: named(t, "Latin1_General_100_BIN2_UTF8")}
	if got, cut := Fit("éé", utf); got != "é" || !cut {
		t.Errorf("half of a character in UTF-8: %q, %v", got, cut)
	}
}

func TestNamedRefuses(t *testing.T) {
	five, much := 5, 9000
	for _, c := range []struct {
		name   string
		length *int
		number int32
	}{{"nonsense", nil, 2715}, {"int", &five, 2716}, {"nvarchar", &much, 131}, {"datetime2", &much, 1002}} {
		var e *Error
		if _, err := Named(c.name, c.length, false); !errors.As(err, &e) || e.Number != c.number {
			t.Errorf("%s: %v, want error %d", c.name, err, c.number)
		}
	}
}

// TestKeysSortLikeValues: indexes find by keys what comparisons find.
func TestKeysSortLikeValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() any {
		b := make([]rune, random.IntN(4))
		for i := range b {
			b[i] = []rune("aAbé \x00\x01ßz")[random.IntN(9)]
		}
		return string(b)
	}
	number := func() any { return random.Int64() - random.Int64() }
	moment := func() any { return time.Unix(random.Int64N(1<<36)-1<<35, random.Int64N(1e9)).UTC() }
	for name, kind := range map[string]struct {
		typ   Type
		value func() any
	}{
		"folding": {Type{Kind: NVarChar, Collation: named(t, DefaultCollation)}, text},
		"binary":  {Type{Kind: NVarChar, Collation: named(t, "Latin1_General_100_BIN2")}, text},
		"number":  {Type{Kind: BigInt}, number},
		"moment":  {Type{Kind: DateTime2, Scale: 7}, moment},
	} {
		for range 2000 {
			a, b := kind.value(), kind.value()
			if got, want := strings.Compare(Key(a, kind.typ), Key(b, kind.typ)), Compare(a, b, kind.typ); got != want {
				t.Fatalf("%s: keys of %q and %q compare as %d, the values as %d", name, a, b, got, want)
			}
		}
	}
}
