package sqltype

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func named(t *testing.T, name string) *Collation {
	t.Helper()
	c, err := NamedCollation(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCollationEquality(t *testing.T) {
	const (
		old    = "SQL_Latin1_General_CP1_CI_AS"
		oldCS  = "SQL_Latin1_General_CP1_CS_AS"
		oldAI  = "SQL_Latin1_General_CP1_CI_AI"
		binary = "Latin1_General_100_BIN2"
		new100 = "Latin1_General_100_CI_AS_SC"
		newCS  = "Latin1_General_100_CS_AS_WS_SC"
	)
	for _, c := range []struct {
		a, b  string
		equal string // the collations that take them for the same
	}{
		{"a", "a", "old oldCS oldAI binary new100 newCS"},
		{"a", "a  ", "old oldCS oldAI binary new100 newCS"},
		{"", " ", "old oldCS oldAI binary new100 newCS"},
		{"a", " a", ""},
		{"a", "a\t", ""},
		{"a", "A", "old oldAI new100"},
		{"é", "e", "oldAI"},
		{"é", "e\u0301", "old oldCS oldAI new100 newCS"},
		{"É", "e\u0301", "old oldAI new100"},
		{"ß", "ss", "old oldCS oldAI new100 newCS"},
		{"Æ", "ae", "old oldAI new100"},
		{"ａ", "a", "old oldCS oldAI new100"},
		{"a\x00", "a", "old oldCS oldAI new100 newCS"},
		{"😀", "", "old oldCS oldAI"},
		{"😀", "😁", "old oldCS oldAI"},
		{"_IK_p_s_p", "_IK_P_s_p", "old oldAI new100"},
		{"1", "2", ""},
	} {
		for name, collation := range map[string]string{
			"old": old, "oldCS": oldCS, "oldAI": oldAI, "binary": binary, "new100": new100, "newCS": newCS,
		} {
			k := named(t, collation)
			want := strings.Contains(" "+c.equal+" ", " "+name+" ")
			if got := k.Key(c.a) == k.Key(c.b); got != want {
				t.Errorf("%q = %q under %s: %v, want %v", c.a, c.b, collation, got, want)
			}
		}
	}
}

func TestCollationNames(t *testing.T) {
	for name, wire := range map[string]string{
		"SQL_Latin1_General_CP1_CI_AS": "0904d00034", "sql_latin1_general_cp1_cs_as": "0904c00033",
		"Latin1_General_CI_AS": "0904d00000", "Latin1_General_BIN": "0904000100", "Latin1_General_BIN2": "0904000200",
		"Latin1_General_100_BIN2": "0904002200", "Latin1_General_100_BIN2_UTF8": "0904002600",
		"Latin1_General_100_CI_AI_SC_UTF8": "0904f02400", "Latin1_General_100_CS_AS_KS_WS": "0904002000",
	} {
		got := named(t, name).Wire()
		if fmt.Sprintf("%x", got) != wire {
			t.Errorf("%s has the bytes %x, want %s", name, got, wire)
		}
		if k := named(t, name); !strings.EqualFold(k.Name, name) {
			t.Errorf("%s calls itself %s", name, k.Name)
		}
	}
	for _, name := range []string{
		"", "Latin1_General", "Latin1_General_", "Latin1_General_CI", "Latin1_General_CI_AS_UTF8",
		"Latin1_General_100_CI_AS_UTF8",
		"Latin1_General_CI_AS_SC", "SQL_Latin1_General_CP1_BIN2", "Nonsense_CI_AS", "Latin1_General_100_BIN2_CI",
		"utf8mb4_bin",
	} {
		var e *Error
		if _, err := NamedCollation(name); !errors.As(err, &e) || e.Number != 448 {
			t.Errorf("%q: %v, want error 448", name, err)
		}
	}
}

func TestCodePage(t *testing.T) {
	latin, unicode := named(t, DefaultCollation), named(t, "Latin1_General_100_CI_AS_SC_UTF8")
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if got := latin.Encode(latin.Decode(all)); string(got) != string(all) {
		t.Errorf("the code page does not come back: %x", got)
	}
	if got := latin.Decode([]byte("\x80 \xe9 \x9f")); got != "€ é Ÿ" {
		t.Errorf("decoded %q", got)
	}
	for _, c := range []struct{ from, kept string }{
		{"naïve €", "naïve €"}, {"ā", "a"}, {"ＡＢ", "AB"}, {"日本", "??"}, {"😀", "??"}, {"\xed\xa0\x80", "?"}, {"Ω", "?"},
	} {
		encoded, lost := latin.encode(c.from)
		if kept := latin.decode(encoded); kept != c.kept || lost != (c.from != c.kept) {
			t.Errorf("%q became %q, lost %v; want %q", c.from, kept, lost, c.kept)
		}
		if got := unicode.Decode(unicode.Encode(c.from)); c.from != "\xed\xa0\x80" && got != c.from {
			t.Errorf("%q in UTF-8 became %q", c.from, got)
		}
	}
}

func TestUTF16KeepsLoneSurrogates(t *testing.T) {
	for _, b := range []string{"a\x00\x00\xd8b\x00", "\x3d\xd8\x00\xde", "\x00\xde\x3d\xd8", "", "\xff\xff"} {
		if got := string(AppendUTF16(nil, DecodeUTF16([]byte(b)))); got != b {
			t.Errorf("%x came back as %x", b, got)
		}
	}
	if got := UTF16("\xff"); len(got) != 1 || got[0] != 0xfffd {
		t.Errorf("a byte that is no UTF-8 became %x", got)
	}
}
