package sqlclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/adonet"
)

// verdict is what Microsoft.Data.SqlClient makes of a connection string: testdata/sqlclient.json, which
// TestVerdictsAreSqlClients has written anew.
type verdict struct {
	Text       string         `json:"text"`
	Connection string         `json:"connection"` // what a SqlConnection says of it: "", "syntax N", "keyword" or "value"
	Builder    string         `json:"builder"`    // and SqlConnectionStringBuilder
	Values     map[string]any `json:"values"`     // the builder's, other than its defaults
}

func verdicts(t *testing.T) []verdict {
	t.Helper()
	text, err := os.ReadFile("testdata/sqlclient.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []verdict
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 400 {
		t.Fatalf("only %d connection strings", len(all))
	}
	return all
}

// say puts an error of read or validate in the words of a verdict.
func say(text string, err error) string {
	var (
		syntax  *adonet.SyntaxError
		unknown *adonet.UnknownKeyError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &syntax):
		// .NET counts from 0, in UTF-16.
		return fmt.Sprintf("syntax %d", len(utf16.Encode([]rune(text)[:syntax.Position-1])))
	case errors.As(err, &unknown):
		return "keyword"
	default:
		return "value"
	}
}

// rule is where ours differs from SqlClient: a verdict of theirs beside the error of ours.
type rule struct {
	name string
	is   func(v verdict, err error) bool
}

var rules = []rule{
	{"refused: what is not built in is refused when the string is read", func(v verdict, err error) bool {
		var r *refusal
		return v.Connection == "" && errors.As(err, &r)
	}},
	{"framework: keywords of System.Data.SqlClient are taken", func(v verdict, err error) bool {
		var unknown *adonet.UnknownKeyError
		return v.Connection == "keyword" && !errors.As(err, &unknown) && usesFramework(v.Text)
	}},
	{"ASCII: only A to Z are letters of keywords", func(v verdict, err error) bool {
		return v.Connection == "" && say(v.Text, err) == "keyword" && strings.ContainsRune(v.Text, '\u212a')
	}},
	{"pin: a certificate to compare with is not ignored because encryption is off", func(v verdict, err error) bool {
		return v.Connection == "" && err != nil && strings.HasPrefix(err.Error(), "Server Certificate is of no use")
	}},
	{"Encrypt= without a value is the default, as with every keyword", func(v verdict, err error) bool {
		return v.Connection == "value" && err == nil && strings.HasPrefix(v.Text, "Encrypt=;")
	}},
}

func usesFramework(text string) bool {
	settings, err := adonet.Parse(text)
	for _, s := range settings {
		if k := find(s.Key, false); k != nil && k.framework {
			return err == nil
		}
	}
	return false
}

// TestAgainstSqlClient: what a connection takes is taken, what it refuses is refused for the same reason, and every
// value is the builder's. Where ours differs a rule says so, and every rule is needed.
func TestAgainstSqlClient(t *testing.T) {
	used := map[string]int{}
	for _, v := range verdicts(t) {
		s, err := read(v.Text)
		if err == nil {
			if v.Builder == "" {
				compareValues(t, v, s)
			}
			err = s.validate()
		}
		if say(v.Text, err) == v.Connection {
			continue
		}
		i := slices.IndexFunc(rules, func(r rule) bool { return r.is(v, err) })
		if i < 0 {
			t.Errorf("%q: %q (%v); SqlConnection says %q", v.Text, say(v.Text, err), err, v.Connection)
			continue
		}
		used[rules[i].name]++
	}
	for _, r := range rules {
		if used[r.name] == 0 {
			t.Errorf("no string needs the rule %q", r.name)
		}
		t.Logf("%d strings: %s", used[r.name], r.name)
	}
}

func compareValues(t *testing.T, v verdict, s *Settings) {
	t.Helper()
	ours := map[string]any{}
	for name, value := range s.values {
		if value != byKey[strings.ToLower(name)].def {
			ours[name] = value
		}
	}
	for name, value := range v.Values {
		if n, ok := value.(float64); ok {
			v.Values[name] = int64(n)
		}
	}
	if !maps.Equal(ours, v.Values) {
		t.Errorf("%q: values %v; SqlConnectionStringBuilder has %v", v.Text, ours, v.Values)
	}
}

// TestVerdictsAreSqlClients asks the real Microsoft.Data.SqlClient, in a program that is built now.
func TestVerdictsAreSqlClients(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	project, err := filepath.Abs("../../../../tests/mssql/strings")
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	// Nothing is written beside the sources, and no process stays.
	build := exec.CommandContext(ctx, "dotnet", "build", "-v", "quiet", "-c", "Release", "--artifacts-path", out,
		"-nodeReuse:false", "-p:UseSharedCompilation=false", project)
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var texts []string
	for _, v := range verdicts(t) {
		texts = append(texts, v.Text)
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(ctx, "dotnet", "exec", filepath.Join(out, "bin", "Strings", "release", "Strings.dll"))
	run.Stdin = bytes.NewReader(input)
	got, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/sqlclient.json"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		other := filepath.Join(out, "sqlclient.json")
		_ = os.WriteFile(other, got, 0o600)
		diff, _ := exec.CommandContext(ctx, "diff", file, other).CombinedOutput()
		t.Errorf("%s is not what Microsoft.Data.SqlClient says:\n%s", file, diff)
	}
}
