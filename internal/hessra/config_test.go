package hessra_test

import (
	"os"
	"path/filepath"
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
