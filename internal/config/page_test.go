package config

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

//go:embed testdata/intro.md
var pageIntro string

//go:embed testdata/units.md
var pageUnits string

// page is docs/configuration.md.
func page() string {
	var b strings.Builder
	b.WriteString(pageIntro)
	group := ""
	for i := range fields {
		f := &fields[i]
		if f.group != group {
			group = f.group
			fmt.Fprintf(&b, "\n## %s\n\n| field | environment | value | default | meaning |\n|---|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n",
			f.name, variables(f), valueOf(f), defaultOf(f), f.doc)
	}
	b.WriteString(pageUnits)
	b.WriteString("\n| field | unit | 0 means | `asherah_*` | Cobhan | C# |\n|---|---|---|---|---|---|\n")
	for i := range fields {
		f := &fields[i]
		if f.typeName() != "number" && f.cobhanDef == nil && f.csharp == "" {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", f.name, f.unit, f.zero, defaultOf(f), cobhanOf(f), f.csharp)
	}
	return b.String()
}

func variables(f *field) string {
	if len(f.env) == 0 {
		return ""
	}
	return "`" + strings.Join(f.env, "`, `") + "`"
}

func valueOf(f *field) string {
	shape := f.typeName()
	switch {
	case f.choices != nil:
		shape = "`" + strings.Join(f.choices, "`, `") + "`"
	case f.form != nil:
		shape = f.form.description
	case shape == "number":
		shape = fmt.Sprintf("%d to %d %s", f.least, f.most, f.unit)
	case shape == "object":
		shape = "object of strings"
	case f.most > 0:
		shape = fmt.Sprintf("string, at most %d bytes", f.most)
	}
	if f.secret {
		shape += "; *secret*"
	}
	return shape
}

func defaultOf(f *field) string {
	switch {
	case f.required != 0:
		return "required"
	case f.def == nil:
		return ""
	}
	return fmt.Sprint(f.def)
}

// cobhanOf says how the Cobhan entry points differ.
func cobhanOf(f *field) string {
	switch {
	case f.cobhanDef != nil:
		return fmt.Sprint(f.cobhanDef)
	case f.nanoseconds:
		return fmt.Sprintf("%v; in ns, 0 means the default", f.def.(int64)*1e9)
	case f.cobhanZero:
		return fmt.Sprintf("%v; 0 means the default", f.def)
	}
	return ""
}

func TestPageIsUpToDate(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "configuration.md")
	if *update {
		if err := os.WriteFile(path, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != page() {
		t.Error("docs/configuration.md is not what fields.go says: run go test ./internal/config -run TestPage -update")
	}
}
