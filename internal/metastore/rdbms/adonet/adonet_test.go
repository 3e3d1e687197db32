package adonet

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func set(key, value string) Setting { return Setting{Key: key, Value: value} }

func empty(key string) Setting { return Setting{Key: key, Empty: true} }

func TestParse(t *testing.T) {
	for text, want := range map[string][]Setting{
		"":                                   nil,
		" ; ;\t;\r\n;":                       nil,
		"a=b":                                {set("a", "b")},
		"a=b;":                               {set("a", "b")},
		";; a = b ;; c = d ; ":               {set("a", "b"), set("c", "d")},
		"Data Source = x":                    {set("data source", "x")},
		"DATA  SOURCE\t=x":                   {set("data  source", "x")},
		"a=b c  d":                           {set("a", "b c  d")},
		"a=b;A=c;a=":                         {set("a", "b"), set("a", "c"), empty("a")},
		"a=;b= ;c=\"\";d=''":                 {empty("a"), empty("b"), set("c", ""), set("d", "")},
		"a='b;c'":                            {set("a", "b;c")},
		`a="b;c" ; d=e`:                      {set("a", "b;c"), set("d", "e")},
		`a='it''s';b="say ""so"""`:           {set("a", "it's"), set("b", `say "so"`)},
		`a='"';b="'"`:                        {set("a", `"`), set("b", "'")},
		"a=' b '":                            {set("a", " b ")},
		"a=b'c;d=e\"f":                       {set("a", "b'c"), set("d", `e"f`)},
		"a=b=c==d":                           {set("a", "b=c==d")},
		"a==b=c":                             {set("a=b", "c")},
		"a===c":                              {set("a=", "c")},
		"==a=c":                              {set("=a", "c")},
		"a =  = b":                           {set("a", "= b")},
		"a;b=c":                              {set("a;b", "c")},
		"a={b;c=d}":                          {set("a", "{b"), set("c", "d}")},
		"a='b'\x00":                          {set("a", "b")},
		"a=b\x00\x00 ":                       {set("a", "b")},
		"a=\x00":                             {empty("a")},
		"a=b\nc=d":                           {set("a", "b\nc=d")},
		"a='\n\x01'":                         {set("a", "\n\x01")},
		"a=пароль;b=🔑":                       {set("a", "пароль"), set("b", "🔑")},
		"\u00a0a\u2003=\u3000b\u0085":        {set("a", "b")},
		"\u212aey=x;İ=y":                     {set("\u212aey", "x"), set("İ", "y")},
		"Password=\"a'b\"\"c;d\";User=sa":    {set("password", `a'b"c;d`), set("user", "sa")},
		"server=tcp:h,1433;encrypt = strict": {set("server", "tcp:h,1433"), set("encrypt", "strict")},
	} {
		got, err := Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		for i := range got {
			got[i].Position = 0
		}
		if !slices.Equal(got, want) {
			t.Errorf("Parse(%q) = %v; want %v", text, show(got), show(want))
		}
	}
}

func show(settings []Setting) string {
	var text strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&text, "[%q %q %v]", s.Key, s.Value, s.Empty)
	}
	return text.String()
}

func TestPositions(t *testing.T) {
	settings, err := Parse("  é=1;; b='2;3';c=")
	if err != nil {
		t.Fatal(err)
	}
	var positions []int
	for _, s := range settings {
		positions = append(positions, s.Position)
	}
	if want := []int{3, 9, 17}; !slices.Equal(positions, want) {
		t.Errorf("positions %v; want %v", positions, want)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text, rule string
		position   int
	}{
		{"a", noEqual, 1},
		{"x=1;hunter2", noEqual, 5},
		{"x=1;  hunter2;3", noEqual, 7},
		{"=hunter2", noKey, 1},
		{"x=1; =hunter2", noKey, 6},
		{"=", noKey, 1},
		{"a='hunter2", openQuote, 1},
		{`x=1;a="hunter2'`, openQuote, 5},
		{`a='hunter2''`, openQuote, 1},
		{"a='hunt'er2", afterQuote, 1},
		{`a="hunt" 'er2'`, afterQuote, 1},
		{"a=hunter2'", endQuote, 1},
		{`x=1;a=hunter2" `, endQuote, 5},
		{"a='hunter\x002'", nulInQuotes, 1},
		{"a=hunter\x012", control, 9},
		{"hunter\x7f2=3", control, 1},
		{"a=hunter2\x00;b=1", afterNUL, 11},
		{"\x00hunter2", afterNUL, 2},
		{"é=1;a=hunter\xff2", notUTF8, 13},
		{"\xed\xa0\x80", notUTF8, 1},
	} {
		settings, err := Parse(c.text)
		var e *SyntaxError
		if !errors.As(err, &e) || e.Position != c.position || e.Rule != c.rule || settings != nil {
			t.Errorf("Parse(%q) = %v, %v; want position %d, %q", c.text, show(settings), err, c.position, c.rule)
			continue
		}
		if strings.Contains(err.Error(), "hunt") {
			t.Errorf("the error for %q shows the value: %v", c.text, err)
		}
	}
}

func TestValues(t *testing.T) {
	names := map[string]string{"server": "Server", "addr": "Server", "pwd": "Password", "password": "Password"}
	name := func(key string) (string, bool) {
		n, ok := names[key]
		return n, ok
	}
	for text, want := range map[string]map[string]string{
		"":                                 {},
		"server=a;Addr=b":                  {"Server": "b"},
		"addr=b;SERVER=a":                  {"Server": "a"},
		"server=a;addr=":                   {},
		"server=a;addr=;server=c":          {"Server": "c"},
		"server=a;addr=''":                 {"Server": ""},
		"pwd=a;server=x;password='b; c ='": {"Password": "b; c =", "Server": "x"},
	} {
		settings, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Values(settings, name); err != nil || !maps.Equal(got, want) {
			t.Errorf("Values(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	settings, err := Parse("server=a;pwd=one;two=three")
	if err != nil {
		t.Fatal(err)
	}
	values, err := Values(settings, name)
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) || unknown.Position != 18 || unknown.Key != "two" || values != nil {
		t.Fatalf("Values with an unknown key = %v, %v", values, err)
	}
	if strings.Contains(err.Error(), "two") {
		t.Errorf("the error shows what may be the rest of a password: %v", err)
	}
}

// TestPrintingHidesValues: whatever the verb, and as a part of something else.
func TestPrintingHidesValues(t *testing.T) {
	settings, err := Parse("pwd=hunter2;x='hunter2'")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{settings, settings[0], &settings[0], struct{ S Setting }{settings[1]}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e") || !strings.Contains(text, "redacted") {
				t.Errorf("%s shows %s", verb, text)
			}
		}
	}
}

// quote writes settings so that Parse reads them back.
func quote(settings []Setting) string {
	var text strings.Builder
	for _, s := range settings {
		text.WriteString(strings.ReplaceAll(s.Key, "=", "==") + "=")
		if !s.Empty {
			text.WriteString(`"` + strings.ReplaceAll(s.Value, `"`, `""`) + `"`)
		}
		text.WriteString(";")
	}
	return text.String()
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"Server=tcp:h\\i,1;Database='a;b';User ID=\"x\"\"y\";Pwd==z=1;Encrypt=;;", "a=b\x00", "=", "a='", "\xff", "a==b=c'",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := Parse(text)
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Position < 1 || e.Position > len([]rune(text)) || settings != nil {
				t.Fatalf("Parse(%q) = %v, %v", text, show(settings), err)
			}
			return
		}
		for i, s := range settings {
			if s.Key == "" || (s.Empty && s.Value != "") || (i > 0 && s.Position <= settings[i-1].Position) {
				t.Fatalf("Parse(%q) = %v", text, show(settings))
			}
		}
		again, err := Parse(quote(settings))
		if err != nil || len(again) != len(settings) {
			t.Fatalf("Parse(%q) = %v; written again as %q it gives %v", text, show(settings), quote(settings), err)
		}
		for i := range again {
			again[i].Position = settings[i].Position
			if again[i] != settings[i] {
				t.Fatalf("Parse(%q) = %v; written again as %q it is %v", text, show(settings), quote(settings), show(again))
			}
		}
	})
}
