package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

const pageIntro = `<!-- Generated from internal/config/fields.go: go test ./internal/config -run TestPage -update -->

# Configuration

A configuration is one JSON object, for ` + "`asherah_factory_new_with_config`" + `, or a set of environment variables, for
` + "`asherah_factory_new_from_env`" + `. A small one:

    {"ServiceName": "billing", "ProductID": "shop", "Metastore": "sqlite", "ConnectionString": "keys.db",
     "KMS": "static", "StaticMasterKeyHex": "<64 hex digits>"}

- A field that is missing, null or the empty string has its default. A field that is needed and missing, a value of
  another type or out of range, a name that is there twice: an error that names the field. Nothing else is guessed.
- A field that is not in these tables is a warning with the nearest name that is; an error with ` + "`StrictConfig`" + `.
- No error, warning or description holds a value of a field. Those marked *secret* are kept in locked memory or are
  not shown.
- Names are case-sensitive, choices (` + "`sqlite`" + `) are not. Strings are UTF-8, at most 1024 bytes where nothing else is
  said, and without U+0000, ServiceName and ProductID excepted. Numbers are whole. The whole text has at most 1 MiB.
- In the environment, numbers are decimal digits, booleans are 1, true, yes, on or 0, false, no, off, and an object is
  JSON text. Variables of a metastore or KMS that was not chosen are not looked at.
- Without ` + "`Metastore`" + `, the environment implies one: ` + "`SQLITE_PATH`" + ` SQLite, ` + "`POSTGRES_URL`" + `, ` + "`MYSQL_URL`" + ` and
  ` + "`MSSQL_URL`" + ` rdbms, ` + "`DDB_TABLE`" + ` DynamoDB.

Fields for what is not in a build are read and checked; choosing it is an error that says what there is.
`

const pageNumbers = `
## Units and zero

The default of each way in: the ` + "`asherah_*`" + ` functions, the Cobhan functions, the C# packages. An empty cell means
the same as for ` + "`asherah_*`" + `. Negative numbers are refused. Cobhan reads durations as canonical Cobhan does; the units
here are those of ` + "`asherah_*`" + ` and C#.
`

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
	b.WriteString(pageNumbers)
	b.WriteString("\n| field | unit | 0 means | `asherah_*` | Cobhan | C# |\n|---|---|---|---|---|---|\n")
	for i := range fields {
		f := &fields[i]
		if f.typeName() != "number" && f.cobhan == "" && f.csharp == "" {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", f.name, f.unit, f.zero, defaultOf(f), f.cobhan, f.csharp)
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
	case f.required:
		return "required"
	case f.def == nil:
		return ""
	}
	return fmt.Sprint(f.def)
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
