package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	exampleHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	exampleKey = "a text that has thirty-two bytes"
)

// members of a configuration; the values are JSON text.
type given map[string]string

// minimal is a configuration that is valid without more.
func minimal() given {
	return given{
		"ServiceName": `"service"`, "ProductID": `"product"`,
		"Metastore": `"memory"`, "KMS": `"test-debug-static"`,
	}
}

func (g given) with(name, value string) given {
	g = maps.Clone(g)
	g[name] = value
	return g
}

func (g given) without(name string) given {
	g = maps.Clone(g)
	delete(g, name)
	return g
}

func (g given) text() []byte {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(g)) {
		parts = append(parts, fmt.Sprintf("%q:%s", name, g[name]))
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
}

// environment turns strings, numbers and booleans into environment variables with each field's first name.
func (g given) environment(t *testing.T) map[string]string {
	t.Helper()
	env := map[string]string{}
	for name, text := range g {
		f := fieldNamed[name]
		if f == nil || len(f.env) == 0 {
			t.Fatalf("%s has no environment variable", name)
		}
		var s string
		if json.Unmarshal([]byte(text), &s) != nil {
			s = text
		}
		env[f.env[0]] = s
	}
	return env
}

func lookupIn(env map[string]string) Lookup {
	return func(name string) ([]byte, bool) { v, ok := env[name]; return []byte(v), ok }
}

func mustParse(t *testing.T, text []byte) *Config {
	t.Helper()
	c, err := ParseJSON(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	t.Cleanup(c.Close)
	return c
}

func mustFromEnv(t *testing.T, env map[string]string) *Config {
	t.Helper()
	c, err := FromEnv(lookupIn(env))
	if err != nil {
		t.Fatalf("%v: %v", env, err)
	}
	t.Cleanup(c.Close)
	return c
}

// wantRefused checks that err is of class Configuration and says each of the words.
func wantRefused(t *testing.T, c *Config, err error, words ...string) {
	t.Helper()
	if err == nil {
		c.Close()
		t.Fatalf("accepted; want an error with %q", words)
	}
	if code := envelope.CodeOf(err); code != envelope.Configuration {
		t.Errorf("code %d of %v", code, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
}

// logged collects log lines until the test ends. The function that it returns takes those since the last time.
func logged(t testing.TB) func() []string {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	hooks.SetLog(func(level hooks.Level, target, message string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, fmt.Sprintf("%d %s: %s", level, target, message))
	}, 0, hooks.Trace, true)
	t.Cleanup(hooks.ClearLog)
	mu.Lock()
	lines = nil // what other tests left behind
	mu.Unlock()
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		taken := lines
		lines = nil
		return taken
	}
}

// render writes all that c holds, secrets included, as a configuration.
func render(c *Config) []byte {
	text, _ := json.Marshal(contents(c))
	return text
}

func contents(c *Config) map[string]any {
	all := map[string]any{}
	for i := range fields {
		f := &fields[i]
		switch value := f.into(&c.settings).(type) {
		case *string:
			all[f.name] = *value
		case *int64:
			all[f.name] = *value
		case *bool:
			all[f.name] = *value
		case *entries:
			if *value != nil {
				all[f.name] = *value
			}
		case **seccache.Secret:
			switch {
			case *value == nil:
			case f.form == keyInHex:
				all[f.name] = fmt.Sprintf("%x", (*value).Bytes())
			default:
				all[f.name] = string((*value).Bytes())
			}
		}
	}
	return all
}

// MarshalJSON writes the object that e was read from.
func (e entries) MarshalJSON() ([]byte, error) {
	var parts []string
	for _, member := range e {
		name, err := json.Marshal(member.name)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(member.value)
		if err != nil {
			return nil, err
		}
		parts = append(parts, string(name)+":"+string(text))
	}
	return []byte("{" + strings.Join(parts, ",") + "}"), nil
}
