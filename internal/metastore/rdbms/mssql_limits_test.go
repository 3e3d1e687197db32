package rdbms

import (
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/sqlclient"
)

// TestMSSQLLimits: what a connection string says of the pool and of times stands where the options say nothing.
func TestMSSQLLimits(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		text       string
		given, got Options
	}{
		{"", Options{}, Options{QueryTimeout: 10 * s}},
		{"Command Timeout=30", Options{}, Options{QueryTimeout: 30 * s}},
		{"Command Timeout=30", Options{QueryTimeout: s}, Options{QueryTimeout: s}},
		{"Command Timeout=0", Options{}, Options{QueryTimeout: -1}},
		{"Command Timeout=0;Connect Timeout=60", Options{}, Options{QueryTimeout: -1}},
		{"Connect Timeout=60", Options{}, Options{QueryTimeout: 60 * s}},
		{"Connect Timeout=60;Command Timeout=20", Options{}, Options{QueryTimeout: 60 * s}},
		{"Connect Timeout=5", Options{}, Options{QueryTimeout: 10 * s}},
		{"Connect Timeout=60", Options{QueryTimeout: -1}, Options{QueryTimeout: -1}},
		{
			"Max Pool Size=5;Connection Lifetime=60;Pooling=false",
			Options{QueryTimeout: s},
			Options{QueryTimeout: s, Pool: Pool{MaxOpen: 5, MaxIdle: -1, MaxLifetime: time.Minute}},
		},
		{
			"Max Pool Size=5;Connection Lifetime=60;Pooling=false",
			Options{QueryTimeout: s, Pool: Pool{MaxOpen: 7, MaxIdle: 3, MaxLifetime: s}},
			Options{QueryTimeout: s, Pool: Pool{MaxOpen: 7, MaxIdle: 3, MaxLifetime: s}},
		},
		{"Pooling=true;Connection Lifetime=0", Options{QueryTimeout: s}, Options{QueryTimeout: s}},
	} {
		settings, err := sqlclient.Parse("Server=a;User ID=b;" + c.text)
		if err != nil {
			t.Fatal(err)
		}
		got := c.given
		if limitMSSQL(&got, settings); got != c.got {
			t.Errorf("%q with %+v: %+v; want %+v", c.text, c.given, got, c.got)
		}
	}
}

// TestMSSQLRecordLengths: a record is measured as its column counts it.
func TestMSSQLRecordLengths(t *testing.T) {
	for _, c := range []struct {
		column Column
		text   string
		length int
	}{
		{Column{Type: "nvarchar"}, `"aé🔑"`, 6},
		{Column{Type: "varchar"}, `"aé🔑"`, 3 + 6 + 12},
		{Column{Type: "varchar"}, `{"a":1}`, 7},
	} {
		if got := mssqlRecordLength(&c.column, []byte(c.text)); got != c.length {
			t.Errorf("%s in %s has the length %d; want %d", c.text, c.column.Type, got, c.length)
		}
	}
	table := &Table{Columns: []Column{
		{Name: "id", Type: "varchar", Length: 20, CharacterSet: "932"},
		{Name: "created", Type: "datetime"},
		{Name: "key_record", Type: "nvarchar", Length: 10},
	}}
	l, err := mssqlLayout(table, nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"a": "the record has a length of 11", "é": "code page", strings.Repeat("a", 21): "the key id has a length of 21",
		"\xff": "code page",
	} {
		err := l.check(id, 0, []byte(`"123456789"`))
		if envelope.CodeOf(err) != envelope.InvalidArgument || !strings.Contains(err.Error(), want) {
			t.Errorf("check(%q) = %v; want %q", id, err, want)
		}
	}
	if err := l.check("a", 0, []byte(`"12345678"`)); err != nil {
		t.Error(err)
	}
	for id, want := range map[string]bool{"a": true, "日本語": true, strings.Repeat("日", 21): false, "\xff": false} {
		if _, ok := l.bindID(id); ok != want {
			t.Errorf("bindID(%q) = %v", id, ok)
		}
	}
}
