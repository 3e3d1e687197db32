package hessra_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/libasherah/libasherah/internal/hessra"
)

// FuzzConfig reads a configuration in either form. What is wrong with it is always its own fault.
func FuzzConfig(f *testing.F) {
	var file struct {
		Cases []configCase `json:"cases"`
	}
	readVectors(f, "config-cases.json", &file)
	for _, c := range file.Cases {
		f.Add([]byte(c.Text), filepath.Ext(c.File) == ".toml")
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, toml bool) {
		name := filepath.Join(dir, "hessra.json")
		if toml {
			name = filepath.Join(dir, "hessra.toml")
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := hessra.ReadConfig(name)
		if err != nil {
			var e *hessra.Error
			if !errors.As(err, &e) || e.Code != hessra.ConfigInvalid && e.Code != hessra.IO {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, id := range c.KeyIDs() {
			if _, err := c.Key(id); id == "" || err != nil {
				t.Fatalf("key %q: %v", id, err)
			}
		}
	})
}

// FuzzServiceNodes reads the JSON of service nodes.
func FuzzServiceNodes(f *testing.F) {
	f.Add([]byte(`[{"component":"a","public_key":"ed25519/00"}]`))
	f.Add([]byte(`[{"component":"a","component":"b"}]`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if nodes, err := hessra.ParseServiceNodes(text); err != nil && hessra.CodeOf(err) != hessra.InvalidParameter ||
			err == nil && nodes == nil {
			t.Fatalf("%v, %v", nodes, err)
		}
	})
}
