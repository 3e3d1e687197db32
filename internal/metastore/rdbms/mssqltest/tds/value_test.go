package tds

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

func collation(t testing.TB, name string) *sqltype.Collation {
	t.Helper()
	c, err := sqltype.NamedCollation(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestValuesComeBack: a value that the writer sends as a column's is one that the reader takes as a parameter's.
func TestValuesComeBack(t *testing.T) {
	db := collation(t, sqltype.DefaultCollation)
	text := func(k sqltype.Kind, size int) sqltype.Type { return sqltype.Type{Kind: k, Size: size, Collation: db} }
	moment := time.Date(1969, 12, 31, 23, 59, 58, 0, time.UTC)
	for _, c := range []struct {
		typ   sqltype.Type
		value any
	}{
		{sqltype.Type{Kind: sqltype.Bit}, true},
		{sqltype.Type{Kind: sqltype.TinyInt}, int64(255)},
		{sqltype.Type{Kind: sqltype.SmallInt}, int64(-32768)},
		{sqltype.Type{Kind: sqltype.Int}, int64(math.MinInt32)},
		{sqltype.Type{Kind: sqltype.BigInt}, int64(math.MinInt64)},
		{sqltype.Type{Kind: sqltype.Float}, -1.5},
		{sqltype.Type{Kind: sqltype.Real}, 0.25},
		{sqltype.Type{Kind: sqltype.UniqueIdentifier}, bytes.Repeat([]byte{7}, 16)},
		{sqltype.Type{Kind: sqltype.VarBinary, Size: 5}, []byte{1, 0, 2}},
		{sqltype.Type{Kind: sqltype.VarBinary, Size: sqltype.Max}, bytes.Repeat([]byte{9}, 1000)},
		{text(sqltype.VarChar, 10), "naïve €"},
		{text(sqltype.NVarChar, 10), "日本 😀"},
		{text(sqltype.NVarChar, 10), ""},
		{text(sqltype.NVarChar, sqltype.Max), strings.Repeat("日本", 3000)},
		{text(sqltype.VarChar, sqltype.Max), ""},
		{sqltype.Type{Kind: sqltype.DateTime}, moment},
		{sqltype.Type{Kind: sqltype.DateTime}, time.Date(1753, 1, 1, 0, 0, 0, 3333333, time.UTC)},
		{sqltype.Type{Kind: sqltype.SmallDateTime}, time.Date(2079, 6, 6, 23, 59, 0, 0, time.UTC)},
		{sqltype.Type{Kind: sqltype.Date}, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)},
		{sqltype.Type{Kind: sqltype.DateTime2, Scale: 0}, moment},
		{sqltype.Type{Kind: sqltype.DateTime2, Scale: 3}, moment.Add(-time.Millisecond)},
		{sqltype.Type{Kind: sqltype.DateTime2, Scale: 7}, time.Date(9999, 12, 31, 23, 59, 59, 999999900, time.UTC)},
		{sqltype.Type{Kind: sqltype.DateTimeOffset, Scale: 7}, moment.In(time.FixedZone("", -14*3600))},
		{sqltype.Type{Kind: sqltype.DateTimeOffset, Scale: 0}, moment.In(time.FixedZone("", 5*3600+1800))},
	} {
		for _, value := range []any{c.value, nil} {
			var sent bytes.Buffer
			w := NewWriter(&sent)
			w.typeInfo(c.typ, true)
			w.value(value, c.typ, true)
			if err := w.Finish(); err != nil {
				t.Fatal(err)
			}
			m := readReply(t, &sent)
			r := &reader{rest: m}
			ti, typ := r.typeInfo(db)
			got := r.value(ti, typ)
			if r.err != nil || len(r.rest) != 0 {
				t.Errorf("%s: %v, %d bytes left", c.typ, r.err, len(r.rest))
			}
			if typ.String() != c.typ.String() {
				t.Errorf("%s came back as %s", c.typ, typ)
			}
			if a, ok := got.(time.Time); ok && value != nil {
				_, zone := a.Zone()
				_, want := value.(time.Time).Zone()
				if a.Equal(value.(time.Time)) && zone == want {
					continue
				}
			}
			if !reflect.DeepEqual(got, value) {
				t.Errorf("%s: %v came back as %v", c.typ, value, got)
			}
		}
	}
}

// readReply takes the packets of a reply apart.
func readReply(t testing.TB, sent *bytes.Buffer) []byte {
	t.Helper()
	var body []byte
	for number := byte(1); ; number++ {
		h := sent.Next(headerSize)
		if len(h) < headerSize || h[0] != PacketReply || h[6] != number {
			t.Fatalf("packet %d begins with %x", number, h)
		}
		body = append(body, sent.Next(int(h[2])<<8|int(h[3])-headerSize)...)
		if h[1]&statusLast != 0 {
			if sent.Len() > 0 {
				t.Fatalf("%d bytes behind the last packet", sent.Len())
			}
			return body
		}
	}
}

func TestWriterDividesIntoPackets(t *testing.T) {
	for _, size := range []int{512, 4096, 16383} {
		for _, n := range []int{0, 1, size - headerSize - 1, size - headerSize, size - headerSize + 1, 5 * size} {
			var sent bytes.Buffer
			w := NewWriter(&sent)
			w.SetSize(size)
			data := bytes.Repeat([]byte{0xab}, n)
			w.write(data)
			if err := w.Finish(); err != nil {
				t.Fatal(err)
			}
			if got := readReply(t, &sent); !bytes.Equal(got, data) {
				t.Errorf("%d bytes in packets of %d came as %d", n, size, len(got))
			}
		}
	}
}
