package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// planted is what must not come back. Its parts are searched for too.
const planted = "Xq7#planted!Secret-Zw9$of-32-byt"

func leaks(text string) bool {
	for i := 0; i+8 <= len(planted); i++ {
		if strings.Contains(text, planted[i:i+8]) {
			return true
		}
	}
	return false
}

// everythingSaid is all that an error says, its causes included.
func everythingSaid(err error) string {
	text := ""
	for ; err != nil; err = errors.Unwrap(err) {
		text += fmt.Sprintf("%v %+v %#v\n", err, err, err)
	}
	return text
}

func TestLeaksFindsParts(t *testing.T) {
	if !leaks("… "+planted[5:20]) || leaks("planted") {
		t.Fatal("leaks does not see what it should")
	}
}

// TestValuesAreNeverSaid puts the secret into every field, alone and with damage, and listens.
func TestValuesAreNeverSaid(t *testing.T) {
	lines := logged(t)
	shapes := []string{
		`"%s"`, `"%s` + "\xff" + `"`, `"%s\ud800"`, `"%s\x"`, `"%s`, `{"%s":1}`, `["%s"]`, `{"a":"%s"}`, `{"a":"%s","a":""}`,
		`"%[1]s%[1]s"`, `"sqlite://%s"`, `"mysql://u:%s@h/d"`, `"\u0000%s"`, `%s`, `"%s" "%[1]s"`, `"%s",`, `1%s`, `tru%s`,
	}
	names := []string{"Unknown", planted}
	for i := range fields {
		names = append(names, fields[i].name)
	}
	accepted := 0
	for _, name := range names {
		for _, kms := range []string{`"static"`, `"test-debug-static"`} {
			for _, shape := range shapes {
				text := minimal().with("KMS", kms).with(name, fmt.Sprintf(shape, planted)).text()
				c, err := ParseJSON(text)
				if err != nil {
					if said := everythingSaid(err); leaks(said) {
						t.Errorf("%s: error %s", text, said)
					}
					continue
				}
				accepted++
				if f := fieldNamed[name]; f != nil && f.secret {
					if said := fmt.Sprintf("%v %+v %#v %s %q %d", c, c, c, c, c, c); leaks(said) {
						t.Errorf("%s: description %s", text, said)
					}
				}
				c.Close()
			}
		}
	}
	said := lines()
	for _, line := range said {
		if leaks(line) {
			t.Errorf("log line %s", line)
		}
	}
	if accepted < 20 || len(said) == 0 {
		t.Errorf("only %d configurations accepted, %d lines logged: this test sees too little", accepted, len(said))
	}
}

func TestEnvironmentValuesAreNeverSaid(t *testing.T) {
	lines := logged(t)
	for i := range fields {
		f := &fields[i]
		for _, v := range f.env {
			for _, shape := range []string{"%s", "%s\xff", "\x00%s", "%[1]s%[1]s", `{"%s":1}`, `{"a":"%s`} {
				env := beside(f).environment(t)
				env[v] = fmt.Sprintf(shape, planted)
				c, err := FromEnv(lookupIn(env))
				if err == nil {
					c.Close()
				} else if said := everythingSaid(err); leaks(said) {
					t.Errorf("%s: error %s", v, said)
				}
			}
		}
	}
	for _, line := range lines() {
		if leaks(line) {
			t.Errorf("log line %s", line)
		}
	}
}

func TestDescription(t *testing.T) {
	g := minimal().with("KMS", `"static"`).with("StaticMasterKey", `"`+planted+`"`).with("TimeoutMs", "5")
	c := mustParse(t, g.text())
	want := `configuration{ServiceName:"service" ProductID:"product" Metastore:"memory" ` +
		`StaticMasterKey:[redacted] TimeoutMs:5}`
	if c.String() != want {
		t.Errorf("%s\nwant %s", c, want)
	}
	c.Close()
	if got := c.String(); strings.Contains(got, "StaticMasterKey") {
		t.Errorf("closed: %s", got)
	}
}
