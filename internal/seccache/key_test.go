package seccache

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// user is what a Key offers to its users.
type user interface {
	Acquire(s Stripe) bool
	Release(s Stripe)
	Retire()
}

// The two ways to get Acquire wrong, for the storm to find.

// unchecked does not look at the mark.
type unchecked struct{ *Key }

func (k unchecked) Acquire(s Stripe) bool {
	k.counters[int(s)&(len(k.counters)-1)].users.Add(1)
	return true
}

// late looks at the mark before it counts itself.
type late struct{ *Key }

func (k late) Acquire(s Stripe) bool {
	if k.retired.Load() {
		return false
	}
	runtime.Gosched()
	k.counters[int(s)&(len(k.counters)-1)].users.Add(1)
	return true
}

// storm has many goroutines use a key while one of them retires it, again and again, and returns how often a key was
// wiped while somebody had it. use is called by those who have it.
func storm(rounds int, newKey func() (*Key, user), use func(k *Key, s Stripe) error) (wipedInUse int64, err error) {
	const goroutines = 16
	var inUse atomic.Int64
	var failure atomic.Pointer[error]
	for range rounds {
		k, u := newKey()
		var group sync.WaitGroup
		start := make(chan struct{})
		for g := range goroutines {
			group.Go(func() {
				<-start
				for i := 0; u.Acquire(Stripe(g)); i++ {
					if g == 0 && i == 3 {
						u.Retire()
					}
					if k.wiped.Load() {
						inUse.Add(1)
					} else if err := use(k, Stripe(g)); err != nil {
						failure.CompareAndSwap(nil, &err)
					}
					if i%4 == 0 {
						runtime.Gosched()
					}
					if k.wiped.Load() {
						inUse.Add(1)
					}
					u.Release(Stripe(g))
					if i > 100 {
						return
					}
				}
			})
		}
		close(start)
		group.Wait()
		if !k.wiped.Load() {
			return inUse.Load(), fmt.Errorf("the key was not wiped after the last user had gone")
		}
		if e := failure.Load(); e != nil {
			return inUse.Load(), *e
		}
	}
	return inUse.Load(), nil
}

func TestKeyStorm(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	anchor := newAEAD(t, arena, make([]byte, KeySize)) // so that slabs stay mapped and slots can be looked at
	defer anchor.Destroy()
	key, nonce := bytes.Repeat([]byte{7}, KeySize), make([]byte, NonceSize)
	want := stdlibGCM(t, key).Seal(nil, nonce, []byte("plaintext"), nil)
	live := ReadStats().LiveSecrets
	wipedInUse, err := storm(1500, func() (*Key, user) {
		if n := ReadStats().LiveSecrets; n != live {
			t.Fatalf("%d live secrets, not %d: a key of the round before is not wiped", n, live)
		}
		k := NewKey(newAEAD(t, arena, key))
		return k, k
	}, func(k *Key, s Stripe) error {
		var room [64]byte
		if got, _ := k.Seal(s, room[:0], nonce, []byte("plaintext")); !bytes.Equal(got, want) {
			return fmt.Errorf("sealed by a wiped cipher: %x", got)
		}
		if got, err := k.Open(room[:0], nonce, want); err != nil || string(got) != "plaintext" {
			return fmt.Errorf("opened by a wiped cipher: %q, %v", got, err)
		}
		return nil
	})
	if wipedInUse != 0 || err != nil {
		t.Errorf("wiped in use %d times, %v", wipedInUse, err)
	}
}

// A second wipe would show in the count of ciphers on the heap, which Destroy does not protect.
func TestKeyIsWipedOnce(t *testing.T) {
	movable = false
	defer func() { movable = true }()
	arena, before := newArena(Prefer), ReadStats().HeapCiphers
	if _, err := storm(500, func() (*Key, user) {
		k := NewKey(newAEAD(t, arena, make([]byte, KeySize)))
		return k, k
	}, func(*Key, Stripe) error { return nil }); err != nil {
		t.Error(err)
	}
	if after := ReadStats().HeapCiphers; after != before {
		t.Errorf("%d ciphers on the heap, %d before", after, before)
	}
}

// The storm finds what the order of Acquire is there to prevent.
func TestStormFindsWrongOrders(t *testing.T) {
	for name, wrong := range map[string]func(*Key) user{
		"no look at the mark":          func(k *Key) user { return unchecked{k} },
		"look first, count afterwards": func(k *Key) user { return late{k} },
	} {
		arena := newArena(Prefer)
		wipedInUse, err := int64(0), error(nil)
		for try := 0; try < 20 && wipedInUse == 0; try++ {
			wipedInUse, err = storm(100, func() (*Key, user) {
				k := NewKey(newAEAD(t, arena, make([]byte, KeySize)))
				return k, wrong(k)
			}, func(*Key, Stripe) error { return nil })
		}
		if wipedInUse == 0 {
			t.Errorf("%s: the storm found nothing (%v)", name, err)
		}
	}
}

func TestKeyCountsSeals(t *testing.T) {
	k := NewKey(newAEAD(t, newArena(Prefer), make([]byte, KeySize)))
	var group sync.WaitGroup
	for g := range 100 {
		group.Go(func() {
			for range 50 {
				k.Seal(Stripe(g), nil, make([]byte, NonceSize), nil)
			}
		})
	}
	group.Wait()
	if n := k.Seals(); n != 5000 {
		t.Errorf("%d seals, not 5000", n)
	}
	if _, n := k.Seal(3, nil, make([]byte, NonceSize), nil); n == 0 || n > 5001 {
		t.Errorf("%d seals of one stripe", n)
	}
	if n := k.Seals(); n != 5001 {
		t.Errorf("%d seals, not 5001", n)
	}
	k.Retire()
}

func TestKeyLife(t *testing.T) {
	keepsCounts(t)
	k := NewKey(newAEAD(t, newArena(Prefer), make([]byte, KeySize)))
	live := ReadStats().LiveSecrets
	for _, stripe := range []Stripe{5, 5, Stripe(stripes) + 6} {
		if !k.Acquire(stripe) || k.Retired() {
			t.Fatal("a new key cannot be used")
		}
	}
	k.Retire()
	if k.Acquire(0) || k.Acquire(5) || !k.Retired() {
		t.Error("a retired key can be acquired")
	}
	k.Release(5)
	k.Release(Stripe(stripes) + 6)
	if ReadStats().LiveSecrets != live {
		t.Fatal("the key was wiped in use")
	}
	if _, err := k.Open(nil, make([]byte, NonceSize), k.aead.Seal(nil, make([]byte, NonceSize), []byte("x"))); err != nil {
		t.Error("the last user cannot use it:", err)
	}
	k.Release(5)
	if n := ReadStats().LiveSecrets; n != live-1 {
		t.Errorf("%d live secrets, not %d", n, live-1)
	}
	k.Retire()
	k.Retire()
}
