package envelope

import (
	"sync"
	"sync/atomic"

	"github.com/libasherah/libasherah/internal/seccache"
)

// scratch is the working memory of one call. Its key bytes are wiped before it goes back to the pool.
type scratch struct {
	random [seccache.KeySize + 2*seccache.NonceSize]byte // data row key, its nonce, the data's nonce
	sealed [sealedKeySize + seccache.KeySize]byte
	cipher seccache.Ephemeral
	stripe seccache.Stripe
	uses   uint32
	_      [64]byte // to 256 bytes: no two processors' scratches share a cache line or a pair of them
}

var lastStripe atomic.Uint32

// A scratch stays with a processor as long as the garbage collector lets it, and its stripe with it: so calls that run
// at the same time count their keys' uses on different cache lines.
var scratches = sync.Pool{New: func() any { return &scratch{stripe: seccache.Stripe(lastStripe.Add(1))} }}

func (c *scratch) release() {
	clear(c.random[:])
	clear(c.sealed[:])
	c.cipher.Wipe()
	scratches.Put(c)
}

// drawKey fills the scratch's random bytes.
func (c *scratch) drawKey() (key, keyNonce, dataNonce []byte) {
	fillRandom(c.random[:])
	const k, n = seccache.KeySize, seccache.NonceSize
	return c.random[:k], c.random[k : k+n], c.random[k+n:]
}

// cutNonce splits a sealed value into ciphertext || tag and nonce.
func cutNonce(sealed []byte) (body, nonce []byte, ok bool) {
	n := len(sealed) - seccache.NonceSize
	if n < seccache.TagSize {
		return nil, nil, false
	}
	return sealed[:n], sealed[n:], true
}

// SealKey seals a key for a key record: ciphertext || tag || nonce. The static KMS does the same with its master key.
func SealKey(seal func(dst, nonce, plaintext []byte) []byte, key []byte) []byte {
	sealed := make([]byte, 0, len(key)+seccache.Overhead)
	var nonce [seccache.NonceSize]byte
	fillRandom(nonce[:])
	return append(seal(sealed, nonce[:], key), nonce[:]...)
}

// OpenKey opens what SealKey made, into a new secret of the arena.
func OpenKey(arena *seccache.Arena, open func(dst, nonce, sealed []byte) ([]byte, error), sealed []byte) (*seccache.Secret, error) {
	body, nonce, ok := cutNonce(sealed)
	if !ok {
		return nil, Errorf(MalformedRecord, nil, "the sealed key has %d bytes, at least %d are needed", len(sealed), seccache.Overhead)
	}
	if len(sealed) != sealedKeySize {
		return nil, Errorf(MalformedRecord, nil, "the sealed key has %d bytes where a key of 32 takes %d", len(sealed), sealedKeySize)
	}
	key, err := arena.NewSecret(seccache.KeySize)
	if err != nil {
		return nil, keyError(err)
	}
	if _, err := open(key.Bytes()[:0], nonce, body); err != nil {
		key.Destroy()
		return nil, Errorf(Authentication, err, "the key does not authenticate: it was altered or sealed by another key")
	}
	return key, nil
}
