// Package static is the KMS whose master key is in the configuration: for tests, and for places where the key comes
// from a secret store. There is no rotation of the master key and no record of its use.
package static

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

var _ envelope.KMS = (*KMS)(nil)

// Sizes in bytes. A wrapped key is ciphertext || tag || nonce: AES-256-GCM without associated data, the nonce last.
const (
	keySize   = 32
	tagSize   = 16
	nonceSize = 12

	sealedSize  = keySize + tagSize
	wrappedSize = sealedSize + nonceSize
)

// KMS wraps system keys with AES-256-GCM under one master key, which exists only as a cipher object in locked memory.
// It is safe for concurrent use; after Close every call is an error.
type KMS struct {
	arena *seccache.Arena

	mu     sync.RWMutex // held for reading while the cipher is in use, so that Close does not wipe it under a call
	cipher *seccache.AEAD
}

// New makes a KMS and takes over key, which it destroys, whether it succeeds or not. A key that is not 32 bytes long is
// a Configuration error.
func New(arena *seccache.Arena, key *seccache.Secret) (*KMS, error) {
	if key == nil {
		return nil, envelope.Errorf(envelope.Configuration, nil, "the static master key is missing")
	}
	defer key.Destroy()
	if n := len(key.Bytes()); n != keySize {
		return nil, envelope.Errorf(envelope.Configuration, nil, "the static master key has %d bytes; it must have %d",
			n, keySize)
	}
	cipher, err := arena.NewAEAD(key.Bytes())
	if err != nil {
		return nil, memoryError(err)
	}
	return &KMS{arena: arena, cipher: cipher}, nil
}

// EncryptKey wraps a 32-byte key into 60 bytes. created and revoked are not bound to it.
func (k *KMS) EncryptKey(ctx context.Context, key *seccache.Secret, _ int64, _ bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n := len(key.Bytes()); n != keySize {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "a key of %d bytes cannot be wrapped; it must have %d",
			n, keySize)
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.cipher == nil {
		return nil, errClosed()
	}
	wrapped := make([]byte, wrappedSize)
	nonce := wrapped[sealedSize:]
	// Random nonces are safe up to 2^32 keys wrapped by one master key; a service makes one every few weeks.
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	k.cipher.Seal(wrapped[:0], nonce, key.Bytes())
	return wrapped, nil
}

// DecryptKey opens what EncryptKey made straight into locked memory. What does not authenticate under the master key is
// an Authentication error; a key that is not 32 bytes long is refused.
func (k *KMS) DecryptKey(ctx context.Context, blob []byte, _ int64, _ bool) (*seccache.Secret, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(blob) != wrappedSize {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil,
			"a system key wrapped by the static KMS has %d bytes; this one has %d", wrappedSize, len(blob))
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.cipher == nil {
		return nil, errClosed()
	}
	key, err := k.arena.NewSecret(keySize)
	if err != nil {
		return nil, memoryError(err)
	}
	if _, err := k.cipher.Open(key.Bytes()[:0], blob[sealedSize:], blob[:sealedSize]); err != nil {
		key.Destroy()
		return nil, envelope.Errorf(envelope.Authentication, err,
			"the system key does not open with the static master key: another key was used, or the record is damaged")
	}
	return key, nil
}

// Close wipes the master key. It waits for calls in flight, which are short, and is idempotent.
func (k *KMS) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cipher != nil {
		k.cipher.Destroy()
		k.cipher = nil
	}
	return nil
}

// memoryError classifies an error of seccache, whose room knows no classes.
func memoryError(err error) error {
	if errors.Is(err, seccache.ErrLockedMemory) {
		return envelope.Errorf(envelope.LockedMemory, err, "%v", err)
	}
	return err
}

func errClosed() error {
	return envelope.Errorf(envelope.KMSFailed, nil, "the static KMS is closed")
}
