//go:build !race

package remains

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"unsafe"
)

const keySize, nonceSize = 32, 12

// keyMeta, keyRecord and dataRecord are the formats, read by the standard library.
type keyMeta struct {
	KeyID   string `json:"KeyId"`
	Created int64
}

type keyRecord struct {
	Created       int64
	Key           []byte
	ParentKeyMeta *keyMeta
}

type dataRecord struct {
	Key  keyRecord
	Data []byte
}

func newGCM(t *testing.T, key []byte) (cipher.Block, cipher.AEAD) {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return block, gcm
}

func unseal(t *testing.T, key, sealed []byte) []byte {
	t.Helper()
	_, gcm := newGCM(t, key)
	at := len(sealed) - nonceSize
	opened, err := gcm.Open(nil, sealed[at:], sealed[:at], nil)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// keys are those of a child, by kind.
type keys struct{ system, intermediate, record [][]byte }

// derive works out all keys from the master key and what the child has noted.
func derive(t *testing.T, master, plaintext []byte, path string) (k keys) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	named := map[keyMeta][]byte{}
	var records []dataRecord
	for line := range bytes.Lines(text) {
		var e evidence
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.ID == "" {
			var r dataRecord
			if err := json.Unmarshal(e.Record, &r); err != nil {
				t.Fatal(err)
			}
			records = append(records, r)
			continue
		}
		var r keyRecord
		if err := json.Unmarshal(e.Record, &r); err != nil {
			t.Fatal(err)
		}
		parent, list := master, &k.system
		if r.ParentKeyMeta != nil {
			parent, list = named[*r.ParentKeyMeta], &k.intermediate
		}
		key := unseal(t, parent, r.Key)
		named[keyMeta{e.ID, r.Created}] = key
		*list = append(*list, key)
	}
	for _, r := range records {
		key := unseal(t, named[*r.Key.ParentKeyMeta], r.Key.Key)
		if opened := unseal(t, key, r.Data); !bytes.HasPrefix(plaintext, opened) {
			t.Fatal("a record does not hold the plaintext")
		}
		k.record = append(k.record, key)
	}
	return k
}

// expanded returns what the standard library makes of a key: the memory of its AES block and of its GCM object, in
// which the key and everything made from it stand in whatever byte order this machine's code likes. Parts that are the
// same for another key are left out.
func expanded(t *testing.T, key []byte) (parts [][]byte) {
	t.Helper()
	other := bytes.Clone(key)
	other[0] ^= 1
	other[keySize-1] ^= 1
	mine, theirs := ciphersOf(t, key), ciphersOf(t, other)
	for at := 0; at+patternSize <= len(mine); at += 8 {
		if part := mine[at : at+patternSize]; !bytes.Equal(part, theirs[at:at+patternSize]) {
			parts = append(parts, part)
		}
	}
	return parts
}

func ciphersOf(t *testing.T, key []byte) []byte {
	t.Helper()
	block, gcm := newGCM(t, key)
	return append(memoryOf(block), memoryOf(gcm)...)
}

func memoryOf(pointer any) []byte {
	v := reflect.ValueOf(pointer)
	return bytes.Clone(unsafe.Slice((*byte)(v.UnsafePointer()), v.Type().Elem().Size()))
}
