package seccache

import (
	"runtime"
	"sync/atomic"
)

// Stripe picks one of a Key's use counters. Callers that run at the same time use different stripes, so that two
// processors do not write to one cache line; any value is correct.
type Stripe uint32

// stripes is the number of counters of a Key, a power of two: several per processor, since callers are spread over them
// by chance.
var stripes = func() int {
	n := 8
	for n < 4*runtime.GOMAXPROCS(0) && n < 64 {
		n *= 2
	}
	return n
}()

type counter struct {
	users atomic.Int64
	seals atomic.Uint64
	_     [48]byte
}

// Key is an AEAD in use by many: it is wiped when it has been retired and its last user has released it.
type Key struct {
	aead     *AEAD
	counters []counter
	retired  atomic.Bool
	wiped    atomic.Bool
}

// NewKey returns a Key that owns aead.
func NewKey(aead *AEAD) *Key { return &Key{aead: aead, counters: make([]counter, stripes)} }

// Acquire counts a user. It returns false when the key has been retired: it must not be used then.
//
// The order is what makes it safe: a user counts itself before it looks at retired, and retirement is marked before
// the counters are looked at. So either the user sees the mark and backs out, or wipe sees the user.
func (k *Key) Acquire(s Stripe) bool {
	k.counters[int(s)&(len(k.counters)-1)].users.Add(1)
	if k.retired.Load() {
		k.Release(s)
		return false
	}
	return true
}

// Release ends a use begun by Acquire with the same stripe.
func (k *Key) Release(s Stripe) {
	k.counters[int(s)&(len(k.counters)-1)].users.Add(-1)
	if k.retired.Load() {
		k.wipeIfUnused()
	}
}

// Retire makes further Acquire calls fail and wipes the key as soon as nobody uses it, which may be now.
func (k *Key) Retire() {
	k.retired.Store(true)
	k.wipeIfUnused()
}

// Retired says that Retire has been called.
func (k *Key) Retired() bool { return k.retired.Load() }

func (k *Key) wipeIfUnused() {
	for i := range k.counters {
		if k.counters[i].users.Load() != 0 {
			return
		}
	}
	if k.wiped.CompareAndSwap(false, true) {
		k.aead.Destroy()
	}
}

// Seal is as AEAD.Seal, for a user, and counts the seal. It returns the number of seals counted on this stripe.
func (k *Key) Seal(s Stripe, dst, nonce, plaintext []byte) (sealed []byte, seals uint64) {
	return k.aead.Seal(dst, nonce, plaintext), k.counters[int(s)&(len(k.counters)-1)].seals.Add(1)
}

// Open is as AEAD.Open, for a user.
func (k *Key) Open(dst, nonce, sealed []byte) ([]byte, error) { return k.aead.Open(dst, nonce, sealed) }

// Seals returns how often the key has sealed in this process.
func (k *Key) Seals() (n uint64) {
	for i := range k.counters {
		n += k.counters[i].seals.Load()
	}
	return n
}
