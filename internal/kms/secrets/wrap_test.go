package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"
)

// wrapAnyLength wraps a key of any length as the static KMS does, with the standard library.
func wrapAnyLength(t *testing.T, key []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(master)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce)
	return append(gcm.Seal(nil, nonce, key, nil), nonce...)
}
