package static_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/kmstest"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
)

const (
	master   = "0123456789abcdef0123456789abcdef"
	stranger = "0123456789abcdef0123456789abcdeF"
)

func open(key []byte) (*static.KMS, error) {
	arena := seccache.Open(seccache.Prefer)
	secret, err := arena.NewSecret(max(1, len(key)))
	if err != nil {
		return nil, err
	}
	copy(secret.Bytes(), key)
	return static.New(arena, secret)
}

func mustOpen(t *testing.T, key []byte) envelope.KMS {
	t.Helper()
	k, err := open(key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// gcm is the standard library's AES-256-GCM: the tests share no code with what they test.
func gcm(t *testing.T, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

func TestConformance(t *testing.T) {
	kmstest.Run(t, kmstest.Harness{
		Open:     func(t *testing.T) envelope.KMS { return mustOpen(t, []byte(master)) },
		Stranger: func(t *testing.T) envelope.KMS { return mustOpen(t, []byte(stranger)) },
		Wrap: func(t *testing.T, key []byte) []byte {
			nonce := make([]byte, 12)
			_, _ = rand.Read(nonce)
			return append(gcm(t, []byte(master)).Seal(nil, nonce, key, nil), nonce...)
		},
	})
}

// TestLayout opens a wrapped key with the standard library: ciphertext, tag, and the nonce last.
func TestLayout(t *testing.T) {
	k, err := open([]byte(master))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	key, err := seccache.Open(seccache.Prefer).NewSecret(32)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Destroy()
	_, _ = rand.Read(key.Bytes())
	blob, err := k.EncryptKey(t.Context(), key, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(blob) != 60 || cap(blob) > 64 {
		t.Fatalf("a wrapped key has %d bytes; want 60", len(blob))
	}
	got, err := gcm(t, []byte(master)).Open(nil, blob[48:], blob[:48], nil)
	if err != nil || !bytes.Equal(got, key.Bytes()) {
		t.Fatalf("the standard library opens another key, or %v", err)
	}
}

func TestKeyLengths(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	for _, n := range []int{1, 16, 24, 31, 33, 64} {
		if k, err := open(make([]byte, n)); k != nil || envelope.CodeOf(err) != envelope.Configuration {
			t.Errorf("a master key of %d bytes: %v, %v; want Configuration", n, k, err)
		}
	}
	k, err := static.New(seccache.Open(seccache.Prefer), nil)
	if k != nil || envelope.CodeOf(err) != envelope.Configuration {
		t.Errorf("no master key: %v, %v; want Configuration", k, err)
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
}

// TestCanonicalSystemKeys unwraps every system key of the interoperability vectors that is sealed with a static key.
func TestCanonicalSystemKeys(t *testing.T) {
	files, err := filepath.Glob("../../../tests/vectors/static-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors struct {
			KMS struct {
				KeyHex string `json:"key_hex"`
			}
			Metastore []struct {
				ID        string
				KeyRecord string `json:"key_record"`
				Edited    bool
			}
		}
		if err := json.Unmarshal(text, &vectors); err != nil {
			t.Fatal(err)
		}
		masterKey, err := hex.DecodeString(vectors.KMS.KeyHex)
		if err != nil {
			t.Fatal(err)
		}
		k := mustOpen(t, masterKey)
		unwrapped, edited := 0, 0
		for _, row := range vectors.Metastore {
			if row.Edited {
				edited++
			}
			if row.Edited || !strings.HasPrefix(row.ID, "_SK_") {
				continue
			}
			var record struct{ Key []byte }
			if err := json.Unmarshal([]byte(row.KeyRecord), &record); err != nil {
				t.Fatal(err)
			}
			end := len(record.Key) - 12
			want, err := gcm(t, masterKey).Open(nil, record.Key[end:], record.Key[:end], nil)
			if err != nil {
				t.Fatalf("%s: %s: %v", file, row.ID, err)
			}
			got, err := k.DecryptKey(t.Context(), record.Key, 0, false)
			if err != nil {
				t.Fatalf("%s: %s: %v", file, row.ID, err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s: %s: another key", file, row.ID)
			}
			got.Destroy()
			unwrapped++
		}
		if unwrapped == 0 && edited < len(vectors.Metastore) {
			t.Errorf("%s has no system key", file)
		}
		_ = k.(*static.KMS).Close()
	}
}
