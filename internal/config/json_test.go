package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMinimalHasDefaults(t *testing.T) {
	c := mustParse(t, minimal().text())
	for i := range fields {
		f := &fields[i]
		want := f.def
		switch f.name {
		case "ServiceName":
			want = "service"
		case "ProductID":
			want = "product"
		case "Metastore":
			want = "memory"
		case "KMS":
			want = "test-debug-static"
		}
		got := reflect.ValueOf(f.into(&c.settings)).Elem()
		if want == nil && got.IsZero() {
			continue
		}
		if got.Interface() != want {
			t.Errorf("%s is %v, want %v", f.name, got, want)
		}
	}
}

// okValues returns JSON values that f takes.
func okValues(f *field) []string {
	switch f.into(new(settings)).(type) {
	case *int64:
		return []string{fmt.Sprint(f.least), fmt.Sprint(f.most), fmt.Sprint(f.least + 1)}
	case *bool:
		return []string{"true", "false"}
	case *entries:
		return []string{`{"us-west-2":"arn:one"}`, `{}`, `{"a":"1","b":"2"}`}
	}
	if f.choices != nil {
		var quoted []string
		for _, c := range f.choices {
			quoted = append(quoted, `"`+c+`"`, `"`+strings.ToUpper(c)+`"`)
		}
		return quoted
	}
	switch f.form {
	case keyInHex:
		return []string{`"` + exampleHex + `"`, `"` + strings.ToUpper(exampleHex) + `"`, `"\u0030` + exampleHex[1:] + `"`}
	case keyAsText:
		return []string{`"` + exampleKey + `"`, `"ä` + exampleKey[2:] + `"`, `"\n` + exampleKey[1:] + `"`}
	case regionName:
		return []string{`"us-west-2"`, `"EU"`}
	}
	return []string{`"x"`, `"` + strings.Repeat("y", f.maxText()) + `"`, `"ümläut\t\"\ud83d\ude00"`}
}

// badValues returns values that f refuses.
func badValues(f *field) []string {
	wrong := map[string]string{
		"number": "1", "boolean": "true", "object": `{"a":"b"}`, "string": `"x"`, "array": `["x"]`, "empty object": "{}",
	}
	delete(wrong, f.typeName())
	if f.typeName() == "object" {
		delete(wrong, "empty object")
	}
	bad := slices.Collect(maps.Values(wrong))
	switch f.into(new(settings)).(type) {
	case *int64:
		bad = append(bad, fmt.Sprint(f.least-1), fmt.Sprint(f.most+1), "1.5", "2.0", "1e2", "1e999", "-1", `"60"`,
			"123456789012345678901234567890", strings.Repeat("1", 50))
	case *bool:
		bad = append(bad, `"true"`, "0")
	case *entries:
		bad = append(bad, `{"a":1}`, `{"a":null}`, `{"":"b"}`, `{"a":""}`, `{"a":"`+strings.Repeat("y", maxText+1)+`"}`)
	default:
		bad = append(bad, `"`+strings.Repeat("y", f.maxText()+1)+`"`, `"`+strings.Repeat("y", 10*f.maxText())+`"`)
		if !f.anyText {
			bad = append(bad, `"a\u0000b"`, `"`+exampleKey[:31]+`\u0000"`)
		}
	}
	switch {
	case f.choices != nil:
		bad = append(bad, `"other"`, `" `+f.choices[0]+`"`)
	case f.form == keyInHex:
		bad = append(bad, `"`+exampleHex[1:]+`"`, `"`+exampleHex+`0"`, `"g`+exampleHex[1:]+`"`, `"00"`)
	case f.form == keyAsText:
		bad = append(bad, `"`+exampleKey[1:]+`"`, `"ä`+exampleKey[1:]+`"`)
	case f.form == regionName:
		bad = append(bad, `"us_west"`, `"us west"`, `"é"`)
	}
	return bad
}

// around returns a configuration that is valid with f set to value.
func around(f *field, value string) given {
	g := minimal()
	switch f.name {
	case "StaticMasterKeyHex", "StaticMasterKey":
		g["KMS"] = `"static"`
	}
	return g.with(f.name, value)
}

// selects says that f chooses what this build may not have.
func selects(f *field) bool { return f.name == "Metastore" || f.name == "KMS" }

func TestEveryField(t *testing.T) {
	for i := range fields {
		f := &fields[i]
		t.Run(f.name, func(t *testing.T) {
			for _, value := range okValues(f) {
				if !selects(f) {
					c := mustParse(t, around(f, value).text())
					if c.String() == "" {
						t.Error("no description")
					}
				}
			}
			for _, value := range badValues(f) {
				c, err := ParseJSON(around(f, value).text())
				wantRefused(t, c, err, f.name)
			}
		})
	}
}

func TestValuesLand(t *testing.T) {
	g := minimal()
	want := map[string]any{}
	for i := range fields {
		f := &fields[i]
		if selects(f) || f.form == keyInHex || f.form == keyAsText {
			continue
		}
		switch f.into(new(settings)).(type) {
		case *int64:
			want[f.name] = f.least + int64(i)%(f.most-f.least)
		case *bool:
			want[f.name] = f.def == false
		case *entries:
			want[f.name] = entries{{"region", f.name}}
		case *string, **seccache.Secret:
			want[f.name] = "text of " + f.name
			if f.choices != nil {
				want[f.name] = f.choices[len(f.choices)-1]
			} else if f.form == regionName {
				want[f.name] = "of-" + f.name
			}
		}
		switch v := want[f.name].(type) {
		case string:
			g[f.name] = `"` + v + `"`
		case entries:
			g[f.name] = `{"region":"` + f.name + `"}`
		default:
			g[f.name] = fmt.Sprint(v)
		}
	}
	got := contents(mustParse(t, g.text()))
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
	for name, key := range map[string]string{"StaticMasterKeyHex": exampleHex, "StaticMasterKey": exampleKey} {
		c := mustParse(t, minimal().with("KMS", `"static"`).with(name, `"`+key+`"`).text())
		if contents(c)[name] != key {
			t.Errorf("%s is %q", name, contents(c)[name])
		}
	}
}

func TestNullIsAbsent(t *testing.T) {
	g := minimal()
	for i := range fields {
		if fields[i].required == 0 && fields[i].name != "KMS" {
			g[fields[i].name] = "null"
		}
	}
	got, want := contents(mustParse(t, g.text())), contents(mustParse(t, minimal().text()))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("with nulls %v, without %v", got, want)
	}
	for i := range fields {
		f := &fields[i]
		if f.required != 0 {
			for _, nothing := range []string{"null", `""`} {
				c, err := ParseJSON(minimal().with(f.name, nothing).text())
				wantRefused(t, c, err, f.name, "missing", f.env[0])
			}
			c, err := ParseJSON(minimal().without(f.name).text())
			wantRefused(t, c, err, f.name, "missing")
		} else if f.typeName() == "string" {
			mustParse(t, minimal().with(f.name, `""`).with("KMS", `"test-debug-static"`).text())
		}
	}
}

func TestMalformedText(t *testing.T) {
	ok := string(minimal().text())
	for name, text := range map[string]string{
		"nothing": "", "blank": " \n", "null": "null", "array": "[]", "string": `"{}"`, "number": "1",
		"cut":           ok[:len(ok)-1],
		"trailing text": ok + "x", "second object": ok + ok, "byte order mark": "\ufeff" + ok,
		"comma":   ok[:len(ok)-1] + ",}",
		"comment": "/* */" + ok, "single quotes": strings.ReplaceAll(ok, `"`, "'"),
		"not UTF-8":      `{"ServiceName":"` + "\xff" + `"}`,
		"lone surrogate": `{"ServiceName":"\ud800"}`, "NUL after": ok + "\x00", "control": "{\"ServiceName\":\"a\nb\"}",
		"too long": "{" + strings.Repeat(" ", maxJSON) + "}", "deep": strings.Repeat(`{"a":`, 20000),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ParseJSON([]byte(text))
			wantRefused(t, c, err, "configuration")
		})
	}
	mustParse(t, []byte(" \r\n\t"+ok+" \n"))
}

func TestDuplicates(t *testing.T) {
	for i := range fields {
		text := `{"` + fields[i].name + `":null,"` + fields[i].name + `":null}`
		c, err := ParseJSON([]byte(text))
		wantRefused(t, c, err, fields[i].name, "twice")
	}
	for _, text := range []string{
		`{"Other":1,"Other":1}`, `{"RegionMap":{"a":"b","a":"b"}}`, `{"KMS":"static","\u004bMS":"static"}`,
	} {
		c, err := ParseJSON([]byte(text))
		wantRefused(t, c, err, "twice")
	}
}

func TestUnknownFields(t *testing.T) {
	lines := logged(t)
	g := minimal().with("Metstore", `"the value"`).with("Utterly", `{"deep":["the value"]}`)
	mustParse(t, g.text())
	got := strings.Join(lines(), "\n")
	for _, want := range []string{
		"3 config: unknown configuration field Metstore; did you mean Metastore?", "field Utterly",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("warnings %q do not say %q", got, want)
		}
	}
	if strings.Contains(got, "the value") {
		t.Errorf("warnings show a value: %q", got)
	}
	for _, strict := range []given{
		g.with("StrictConfig", "true"), minimal().with("strictConfig", "true").with("StrictConfig", "true"),
	} {
		c, err := ParseJSON(strict.text())
		wantRefused(t, c, err, "unknown", "did you mean")
	}
	c, err := ParseJSON(minimal().with("StrictConfig", "true").with("a\nb", "1").text())
	wantRefused(t, c, err, "unknown", "other characters")
	mustParse(t, minimal().with("StrictConfig", "true").text())
}

func TestInputIsLeftAlone(t *testing.T) {
	text := minimal().with("ConnectionString", `"a\u0041b"`).text()
	before := slices.Clone(text)
	mustParse(t, text)
	if !slices.Equal(text, before) {
		t.Fatalf("changed to %q", text)
	}
}
