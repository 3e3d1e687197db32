package sqlclient

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/sql-server.md")

const (
	page        = "../../../../docs/sql-server.md"
	pageCommand = "go test ./internal/metastore/rdbms/sqlclient -run TestPage -update"
	pageBegin   = "<!-- Generated: " + pageCommand + " -->\n"
	pageEnd     = "<!-- End of what is generated. -->\n"
)

// pageTable has a row for each keyword.
func pageTable() string {
	var b strings.Builder
	b.WriteString("\n| keyword | also | value | default | here |\n|---|---|---|---|---|\n")
	for i := range keywords {
		k := &keywords[i]
		value := k.kind.want
		switch {
		case k.longest > 0:
			value = fmt.Sprintf("text, at most %d characters", k.longest)
		case value == "":
			value = "text"
		}
		name := k.name
		switch {
		case k.url:
			name += " (URL only)"
		case k.framework:
			name += " (System.Data.SqlClient)"
		}
		def := fmt.Sprint(k.def)
		if strings.Contains(k.note, "without it") { // SqlClient's default is not ours
			def = ""
		}
		also := strings.Join(alsoCalled(k), ", ")
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s: %s |\n", name, also, value, def, k.use, k.note)
	}
	b.WriteString("\n")
	return b.String()
}

func alsoCalled(k *keyword) []string {
	names := k.synonyms
	for _, name := range []string{"app name", "columnencryption", "dial timeout", "failoverpartner"} {
		if urlSynonyms[name] == k.name {
			names = append(names[:len(names):len(names)], name+" (URL)")
		}
	}
	return names
}

// TestPage: the page tells what becomes of each keyword.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), pageBegin)
	_, after, closed := strings.Cut(rest, pageEnd)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", page)
	}
	want := before + pageBegin + pageTable() + pageEnd + after
	if string(text) == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what keywords.go says: run %s", page, pageCommand)
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
