package config

import (
	"encoding/hex"
	"syscall"
	"testing"

	"github.com/libasherah/libasherah/internal/seccache"
)

// secretText is a configuration with a fresh key, and what to search for, all in a scanner's private memory.
type secretText struct {
	text     []byte
	patterns map[string][]byte
}

func newSecretText(t *testing.T, s *scanner, field string) secretText {
	t.Helper()
	random := s.alloc(32)
	fd, err := syscall.Open("/dev/urandom", syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	if _, err := syscall.Read(fd, random); err != nil {
		t.Fatal(err)
	}
	key := s.alloc(32)
	for i, b := range random {
		key[i] = b
		if field == "StaticMasterKey" {
			key[i] = 'A' + b%58 // ASCII, with one character that JSON escapes
			if key[i] == '\\' {
				key[i] = 'z'
			}
		}
	}
	lower, upper := s.alloc(64), s.alloc(64)
	hex.Encode(lower, key)
	for i, c := range lower {
		upper[i] = c
		if c >= 'a' {
			upper[i] = c - 0x20
		}
	}
	value := lower
	if field == "StaticMasterKey" {
		value = key
	}
	text := s.alloc(1024)
	n := copy(text, `{"ServiceName":"s","ProductID":"p","Metastore":"memory","KMS":"static","`+field+`":"`)
	for i, c := range value {
		if i%7 == 3 { // as an escape
			n += copy(text[n:], `\u00`)
			const digits = "0123456789abcdef"
			text[n], text[n+1] = digits[c>>4], digits[c&15]
			n += 2
		} else {
			text[n] = c
			n++
		}
	}
	n += copy(text[n:], `"}`)
	return secretText{text[:n], map[string][]byte{
		"key": key, "first half of the key": key[:16], "second half": key[16:],
		"hex": lower[:32], "rest of the hex": lower[32:],
		"upper-case hex": upper[:32], "rest of the upper-case hex": upper[32:],
	}}
}

func (x secretText) fromJSON() (*Config, error) { return ParseJSON(x.text) }

func (x secretText) wantNowhere(t *testing.T, s *scanner, when string) {
	t.Helper()
	for name, found := range s.findAll(x.patterns) {
		t.Errorf("%s: %s at %x", when, name, found)
	}
}

func TestScannerFindsWhatIsThere(t *testing.T) {
	s := newScanner(t)
	marker := s.alloc(32)
	copy(marker, "a marker for the scan: 32 bytes.")
	marker[5] ^= 0x55 // the text above may be in memory
	if found := s.find(marker); len(found) != 0 {
		t.Fatalf("found at %x what is not there", found)
	}
	planted := append(make([]byte, 0, 4096), marker...)
	if found := s.find(marker); len(found) != 1 || found[0] != addressOf(planted) {
		t.Fatalf("planted at %x, found at %x", addressOf(planted), found)
	}
}

// TestMasterKeyIsInLockedMemoryOnly: while it is held the key is in its slots and nowhere else; then nowhere.
func TestMasterKeyIsInLockedMemoryOnly(t *testing.T) {
	for _, field := range []string{"StaticMasterKeyHex", "StaticMasterKey"} {
		t.Run(field, func(t *testing.T) {
			s := newScanner(t)
			x := newSecretText(t, s, field)
			c, err := x.fromJSON()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			slot := fieldNamed[field].into(&c.settings).(**seccache.Secret)
			base := addressOf((*slot).Bytes())
			everywhere := s.findAll(x.patterns)
			if found := everywhere["key"]; len(found) != 1 || found[0] != base {
				t.Errorf("held at %x, found at %x", base, found)
			}
			for name, found := range everywhere {
				for _, a := range found {
					if a < base || a >= base+32 {
						t.Errorf("%s at %x while the key is held at %x", name, a, base)
					}
				}
			}
			c.Close()
			x.wantNowhere(t, s, "after Close")
		})
	}
}

func TestRefusedMasterKeyLeavesNothing(t *testing.T) {
	for _, field := range []string{"StaticMasterKeyHex", "StaticMasterKey"} {
		s := newScanner(t)
		x := newSecretText(t, s, field)
		x.text[len(x.text)-2] = 'x' // in place of the closing quote
		x.text = append(x.text, `"}`...)
		live := seccache.ReadStats().LiveSecrets
		c, err := x.fromJSON()
		wantRefused(t, c, err, field)
		x.wantNowhere(t, s, field+" of another length")
		if now := seccache.ReadStats().LiveSecrets; now != live {
			t.Errorf("%d secrets left", now-live)
		}
	}
}

// TestMasterKeyAfterFactories: two factories, one of them used, each with the key in locked memory of its own.
func TestMasterKeyAfterFactories(t *testing.T) {
	s := newScanner(t)
	x := newSecretText(t, s, "StaticMasterKeyHex")
	c, err := x.fromJSON()
	if err != nil {
		t.Fatal(err)
	}
	one, two := mustMake(t, c), mustMake(t, c)
	c.Close()
	if found := s.find(x.patterns["key"]); len(found) != 2 {
		t.Errorf("two factories hold the key at %x", found)
	}
	record := encrypt(t, one, "text")
	if err := decrypts(one, record, "text"); err != nil {
		t.Error(err)
	}
	if found := s.find(x.patterns["key"]); len(found) != 2 {
		t.Errorf("after use two factories hold the key at %x", found)
	}
	one.Close()
	two.Close()
	x.wantNowhere(t, s, "after the factories were closed")
}

func TestMasterKeyFromEnvironment(t *testing.T) {
	s := newScanner(t)
	x := newSecretText(t, s, "StaticMasterKeyHex")
	value := s.alloc(64)
	hex.Encode(value, x.patterns["key"])
	env := minimal().with("KMS", `"static"`).environment(t)
	c, err := FromEnv(func(name string) ([]byte, bool) {
		if name == "STATIC_MASTER_KEY_HEX" {
			return value, true
		}
		v, ok := env[name]
		return []byte(v), ok
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if found := s.find(x.patterns["key"]); len(found) != 1 {
		t.Errorf("held at %x", found)
	}
	c.Close()
	x.wantNowhere(t, s, "after Close")
}
