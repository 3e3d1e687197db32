package biscuit

import "testing"

func TestNamesOfTheToken(t *testing.T) {
	for name, want := range map[string]string{
		"right": "right()", "a:b_1": "a:b_1()",
		"a\x1b[2J": `"a\x1b[2J"()`, "x; allow if true": `"x; allow if true"()`, "1a": `"1a"()`,
	} {
		if got := (Predicate{Name: name}).String(); got != want {
			t.Errorf("%q is shown as %s, want %s", name, got, want)
		}
	}
}
