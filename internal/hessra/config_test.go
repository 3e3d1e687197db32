package hessra_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/hessra"
)

type configCase struct {
	Name    string            `json:"name"`
	File    string            `json:"file"`
	Text    string            `json:"text"`
	Binary  []byte            `json:"text_base64"`
	Files   map[string]string `json:"files"`
	Expect  string            `json:"expect"`
	Keys    map[string]string `json:"keys"`
	Missing []string          `json:"missing"`
}

// write writes the files of the case to an empty directory and returns the path of the configuration.
func (c *configCase) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := []byte(c.Text)
	if c.Binary != nil {
		text = c.Binary
	}
	put(t, filepath.Join(dir, c.File), text)
	for name, text := range c.Files {
		put(t, filepath.Join(dir, name), []byte(text))
	}
	return filepath.Join(dir, c.File)
}

func put(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConfigCases(t *testing.T) {
	var file struct {
		Cases []configCase `json:"cases"`
	}
	readVectors(t, "config-cases.json", &file)
	if len(file.Cases) != 20 {
		t.Fatalf("%d cases, want 20", len(file.Cases))
	}
	for i := range file.Cases {
		c := &file.Cases[i]
		t.Run(c.Name, func(t *testing.T) {
			config, err := hessra.ReadConfig(c.write(t))
			if got := codeNames[hessra.CodeOf(err)]; got != c.Expect {
				t.Fatalf("%s (%v), want %s", got, err, c.Expect)
			}
			for id, pem := range c.Keys {
				want, err := hessra.ParseKey(pem)
				if err != nil {
					t.Fatal(err)
				}
				if key, err := config.Key(id); err != nil || !key.Equal(want) {
					t.Errorf("key %q: %v, %v", id, key, err)
				}
			}
			for _, id := range c.Missing {
				if _, err := config.Key(id); hessra.CodeOf(err) != hessra.InvalidKey {
					t.Errorf("key %q: %v, want INVALID_KEY", id, err)
				}
			}
		})
	}
}

// Rules of configuration files that the vectors leave out.
func TestConfigRules(t *testing.T) {
	pem, other := named(t, "p256_root_ok").PublicKey, named(t, "ed25519_root_ok").PublicKey
	quoted := func(s string) string { text, _ := json.Marshal(s); return string(text) }
	for name, c := range map[string]struct{ file, text, want string }{
		"duplicate member": {
			"c.json", `{"public_key":` + quoted(pem) + `,"public_key":` + quoted(pem) + `}`,
			"CONFIG_INVALID",
		},
		"duplicate in a table":       {"c.json", `{"x":{"a":1,"a":2}}`, "CONFIG_INVALID"},
		"duplicate in TOML":          {"c.toml", "x = 1\nx = 2\n", "CONFIG_INVALID"},
		"other case is another name": {"c.json", `{"Public_Key":5}`, "ok"},
		"other case in TOML":         {"c.tml", "Public_Key = 5\n", "ok"},
		"text after the object":      {"c.json", `{} {}`, "CONFIG_INVALID"},
		"a list":                     {"c.json", `[]`, "CONFIG_INVALID"},
		"not UTF-8":                  {"c.json", "{\"x\":\"\xff\"}", "CONFIG_INVALID"},
		"not UTF-8 in TOML":          {"c.toml", "x = \"\xff\"\n", "CONFIG_INVALID"},
		"too long":                   {"c.json", `{}` + strings.Repeat(" ", 1<<20), "CONFIG_INVALID"},
		"a name without extension":   {"conf", `{}`, "ok"},
		"null":                       {"c.json", `{"public_key":null,"port":null,"mtls_cert":null}`, "ok"},
		"port 0":                     {"c.json", `{"port":0}`, "ok"},
		"port as text":               {"c.json", `{"port":"443"}`, "CONFIG_INVALID"},
		"port below 0":               {"c.json", `{"port":-1}`, "CONFIG_INVALID"},
		"port with a fraction":       {"c.json", `{"port":443.0}`, "CONFIG_INVALID"},
		"protocol in lower case":     {"c.json", `{"protocol":"http1"}`, "CONFIG_INVALID"},
		"empty base_url":             {"c.json", `{"base_url":""}`, "CONFIG_INVALID"},
		"key as a number":            {"c.json", `{"public_key":1}`, "CONFIG_INVALID"},
		"key and key file": {
			"c.json", `{"public_key":` + quoted(pem) + `,"public_key_file":"k"}`,
			"CONFIG_INVALID",
		},
		"keys as a list":       {"c.json", `{"public_keys":[]}`, "CONFIG_INVALID"},
		"key with an empty id": {"c.json", `{"public_keys":{"":` + quoted(pem) + `}}`, "CONFIG_INVALID"},
		"key that is null":     {"c.json", `{"public_keys":{"a":null}}`, "CONFIG_INVALID"},
		"default twice, the same": {
			"c.json",
			`{"public_key":` + quoted(pem) + `,"public_keys":{"default":` + quoted(pem) + `}}`, "ok",
		},
		"default twice, another": {
			"c.json",
			`{"public_key":` + quoted(pem) + `,"public_keys":{"default":` + quoted(other) + `}}`, "CONFIG_INVALID",
		},
		"nodes as a table":         {"c.json", `{"service_nodes":{}}`, "CONFIG_INVALID"},
		"node without a component": {"c.toml", "[[service_nodes]]\npublic_key = \"x\"\n", "CONFIG_INVALID"},
		"node that is text":        {"c.json", `{"service_nodes":["x"]}`, "CONFIG_INVALID"},
		"deep JSON":                {"c.json", `{"x":` + strings.Repeat("[", 500_000), "CONFIG_INVALID"},
		"deep TOML":                {"c.toml", `x = ` + strings.Repeat("[", 500_000), "CONFIG_INVALID"},
		"deep keys in TOML":        {"c.toml", strings.Repeat("a.", 500_000) + "a = 1", "CONFIG_INVALID"},
		"many deep keys in TOML":   {"c.toml", strings.Repeat(strings.Repeat("a.", 99)+"a = 1\n", 5000), "CONFIG_INVALID"},
		"a comment of dots":        {"c.toml", "#" + strings.Repeat(".", 2000), "ok"},
		"empty TOML":               {"c.toml", ``, "ok"},
	} {
		path := filepath.Join(t.TempDir(), c.file)
		put(t, path, []byte(c.text))
		if _, err := hessra.ReadConfig(path); codeNames[hessra.CodeOf(err)] != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none.json"), t.TempDir(), "/dev/null"} {
		if _, err := hessra.ReadConfig(path); hessra.CodeOf(err) != hessra.IO {
			t.Errorf("%s: %v, want IO", path, err)
		}
	}
}

func TestConfigKeys(t *testing.T) {
	c := hessra.NewConfig()
	key, err := hessra.ParseKey(named(t, "p256_root_ok").PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetKey("", key); hessra.CodeOf(err) != hessra.InvalidParameter {
		t.Errorf("an empty id: %v", err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				if err := c.SetKey(hessra.DefaultKeyID, key); err != nil {
					t.Error(err)
				}
				if _, err := c.Key(hessra.DefaultKeyID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if _, err := c.Key("other"); hessra.CodeOf(err) != hessra.InvalidKey {
		t.Errorf("an unknown id: %v", err)
	}
}
