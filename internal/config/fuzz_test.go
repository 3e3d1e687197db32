package config

import (
	"bytes"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// FuzzParse: whatever the text is, ParseJSON does not panic; refuses with a class of its own; never says the secret
// that stands for @@ in the text; and what it accepted, written out and read again, is the same.
func FuzzParse(f *testing.F) {
	f.Add(minimal().text())
	f.Add([]byte(`{"ServiceName":"s","ProductID":"p","Metastore":"sqlite","ConnectionString":"@@",` +
		`"StaticMasterKey":"@@"}`))
	lines := logged(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		text = bytes.ReplaceAll(text, []byte("@@"), []byte(planted))
		lines()
		c, err := ParseJSON(text)
		for _, line := range lines() {
			if leaks(line) {
				t.Fatalf("warning %s", line)
			}
		}
		if err != nil {
			if code := envelope.CodeOf(err); code != envelope.Configuration && code != envelope.LockedMemory {
				t.Fatalf("code %d: %v", code, err)
			}
			if leaks(everythingSaid(err)) {
				t.Fatalf("error %s", everythingSaid(err))
			}
			return
		}
		defer c.Close()
		again, err := ParseJSON(render(c))
		if err != nil {
			t.Fatalf("accepted, but not when written as %s: %v", render(c), err)
		}
		defer again.Close()
		if got, want := render(again), render(c); !bytes.Equal(got, want) {
			t.Fatalf("read again: %s\nwas: %s", got, want)
		}
	})
}
