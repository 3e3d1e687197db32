package seccache

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"reflect"
	"runtime"
	"testing"
	"unsafe"
)

// A Go release that lays the ciphers out differently must be noticed: where they cannot be moved, keys stay on the heap.
func TestCipherLayout(t *testing.T) {
	block, gcm, ok := cipherLayout()
	if block != 488 || gcm != 760 || !ok {
		t.Errorf("%s: an AES block of %d bytes, a GCM object of %d, movable %t; all of seccache/aead.go has to be looked at again",
			runtime.Version(), block, gcm, ok)
	}
	if !movable || slotSize(int(gcm)) != cipherSlot {
		t.Errorf("movable %t; a GCM object of %d bytes has a slot of %d", movable, gcm, slotSize(int(gcm)))
	}
}

func TestPlain(t *testing.T) {
	for name, kind := range map[string]struct {
		value any
		plain bool
	}{
		"numbers":          {struct{ a [3]uint32 }{}, true},
		"nested":           {struct{ a struct{ b bool } }{}, true},
		"a pointer":        {struct{ a *int }{}, false},
		"a slice":          {struct{ a []byte }{}, false},
		"a string":         {[2]string{}, false},
		"an interface":     {struct{ a any }{}, false},
		"a function":       {struct{ a func() }{}, false},
		"an unsafe":        {struct{ a unsafe.Pointer }{}, false},
		"a map in a field": {struct{ a [1]struct{ b map[int]int } }{}, false},
	} {
		if got := plain(reflect.TypeOf(kind.value)); got != kind.plain {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func stdlibGCM(t testing.TB, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return gcm
}

// kinds are the three ways a cipher can exist; each is destroyed by the test's end.
func kinds(t *testing.T, key []byte) map[string]interface {
	Seal(dst, nonce, plaintext []byte) []byte
	Open(dst, nonce, sealed []byte) ([]byte, error)
} {
	t.Helper()
	moved := newAEAD(t, newArena(Prefer), key)
	if moved.slot == nil {
		t.Fatal("the cipher was not moved")
	}
	t.Cleanup(moved.Destroy)
	movable = false
	onHeap := newAEAD(t, newArena(Prefer), key)
	movable = true
	if onHeap.slot != nil {
		t.Fatal("the cipher was moved")
	}
	t.Cleanup(onHeap.Destroy)
	var single Ephemeral
	if err := single.Init(key); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(single.Wipe)
	return map[string]interface {
		Seal(dst, nonce, plaintext []byte) []byte
		Open(dst, nonce, sealed []byte) ([]byte, error)
	}{"moved": moved, "on the heap": onHeap, "ephemeral": &single}
}

func newAEAD(t testing.TB, a *Arena, key []byte) *AEAD {
	t.Helper()
	c, err := a.NewAEAD(key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCiphersAgreeWithTheStandardLibrary(t *testing.T) {
	keepsCounts(t)
	key, nonce := make([]byte, KeySize), make([]byte, NonceSize)
	rand.Read(key)
	stdlib := stdlibGCM(t, key)
	for name, c := range kinds(t, key) {
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 4096, 70001} {
			plaintext := make([]byte, n)
			rand.Read(plaintext)
			rand.Read(nonce)
			sealed := c.Seal([]byte("head"), nonce, plaintext)
			if !bytes.Equal(sealed, stdlib.Seal([]byte("head"), nonce, plaintext, nil)) || len(sealed) != 4+n+TagSize {
				t.Fatalf("%s: %d bytes are sealed differently", name, n)
			}
			opened, err := c.Open([]byte("head"), nonce, sealed[4:])
			if err != nil || !bytes.Equal(opened, append([]byte("head"), plaintext...)) {
				t.Fatalf("%s: %d bytes do not open: %v", name, n, err)
			}
			// In place, as records are.
			if opened, err = c.Open(sealed[4:4], nonce, sealed[4:]); err != nil || !bytes.Equal(opened, plaintext) {
				t.Fatalf("%s: %d bytes do not open in place: %v", name, n, err)
			}
			damaged := c.Seal(nil, nonce, plaintext)
			damaged[n] ^= 1
			if _, err := c.Open(nil, nonce, damaged); err == nil {
				t.Fatalf("%s: %d bytes with another tag open", name, n)
			}
		}
	}
}

// The collector must be able to walk over, and a goroutine's stack to move with, an interface that points into a slot.
func TestMovedCipherSurvivesCollections(t *testing.T) {
	key, nonce := make([]byte, KeySize), make([]byte, NonceSize)
	c := newAEAD(t, newArena(Prefer), key)
	defer c.Destroy()
	want := c.Seal(nil, nonce, []byte("plaintext"))
	var deep func(n int) []byte
	deep = func(n int) []byte {
		var room [1024]byte
		if n == 0 {
			runtime.GC()
			return c.Seal(nil, nonce, append(room[:0], "plaintext"...))
		}
		return deep(n - 1)
	}
	for n := range 20 {
		got := make(chan []byte)
		go func() { got <- deep(n * 10) }()
		if !bytes.Equal(<-got, want) {
			t.Fatal("it seals differently")
		}
	}
}

func TestNoAllocationPerCall(t *testing.T) {
	key, nonce, plaintext := make([]byte, KeySize), make([]byte, NonceSize), make([]byte, 1000)
	c := newAEAD(t, newArena(Prefer), key)
	k := NewKey(c)
	defer k.Retire()
	sealed, opened := make([]byte, 0, 1000+TagSize), make([]byte, 0, 1000)
	if n := testing.AllocsPerRun(100, func() {
		k.Acquire(1)
		sealed, _ = k.Seal(1, sealed[:0], nonce, plaintext)
		opened, _ = k.Open(opened[:0], nonce, sealed)
		k.Release(1)
	}); n != 0 && !raceEnabled {
		t.Errorf("%v allocations for a seal and an open", n)
	}
	var single Ephemeral
	if n := testing.AllocsPerRun(100, func() {
		_ = single.Init(key)
		sealed = single.Seal(sealed[:0], nonce, plaintext)
		single.Wipe()
	}); n > 2 && !raceEnabled {
		t.Errorf("%v allocations for a cipher used once, not 2", n)
	}
}

// objects returns the memory of a cipher's two heap objects.
func objects(e *Ephemeral) (block, gcm []byte) {
	return memoryOf((*iface)(unsafe.Pointer(&e.block)).data, blockSize), memoryOf((*iface)(unsafe.Pointer(&e.aead)).data, gcmSize)
}

func TestWipedCipherLeavesNothing(t *testing.T) {
	key := make([]byte, KeySize)
	rand.Read(key)
	var e Ephemeral
	if err := e.Init(key); err != nil {
		t.Fatal(err)
	}
	block, gcm := objects(&e)
	// Held, so that the memory is not used for something else.
	keepBlock, keepGCM := e.block, e.aead
	if !bytes.Contains(block, key[:16]) || !bytes.Contains(gcm, key[:16]) {
		t.Fatal("the key is not in the objects: the test looks at the wrong place")
	}
	e.Wipe()
	if !bytes.Equal(block, make([]byte, len(block))) || !bytes.Equal(gcm, make([]byte, len(gcm))) {
		t.Error("the objects are not zero")
	}
	if e.block != nil || e.aead != nil {
		t.Error("the wiped cipher can still be used")
	}
	e.Wipe()
	runtime.KeepAlive(keepBlock)
	runtime.KeepAlive(keepGCM)
}

func TestMovingWipesTheHeapObjects(t *testing.T) {
	keepsCounts(t)
	key := make([]byte, KeySize)
	rand.Read(key)
	var e Ephemeral
	if err := e.Init(key); err != nil {
		t.Fatal(err)
	}
	block, gcm := objects(&e)
	keep := e
	whole := bytes.Clone(gcm)
	c, err := newArena(Prefer).move(&e)
	if err != nil {
		t.Fatal(err)
	}
	slot := slotOf(c.slot)
	if !bytes.Equal(c.slot.Bytes(), whole) {
		t.Error("the slot has something else than the object had")
	}
	if !bytes.Equal(block, make([]byte, len(block))) || !bytes.Equal(gcm, make([]byte, len(gcm))) {
		t.Error("the heap objects are not zero")
	}
	neighbour := newSecret(t, c.slot.arena, int(gcmSize)) // so that the slab stays
	c.Destroy()
	if !bytes.Equal(slot, make([]byte, len(slot))) {
		t.Error("the slot is not zero")
	}
	neighbour.Destroy()
	runtime.KeepAlive(keep)
}

func TestKeySizes(t *testing.T) {
	keepsCounts(t)
	for _, n := range []int{0, 1, 16, 24, 31, 33, 64} {
		if c, err := newArena(Prefer).NewAEAD(make([]byte, n)); !errors.Is(err, ErrKeySize) || c != nil {
			t.Errorf("%d bytes: %v, %v", n, c, err)
		}
		if err := new(Ephemeral).Init(make([]byte, n)); !errors.Is(err, ErrKeySize) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestWhereCiphersCannotBeMoved(t *testing.T) {
	keepsCounts(t)
	movable = false
	defer func() { movable = true }()
	before := ReadStats().HeapCiphers
	key, nonce := make([]byte, KeySize), make([]byte, NonceSize)
	for _, policy := range []LockPolicy{Prefer, Off} {
		c := newAEAD(t, newArena(policy), key)
		if n := ReadStats().HeapCiphers - before; n != 1 {
			t.Errorf("policy %d: %d ciphers are counted as on the heap", policy, n)
		}
		if !bytes.Equal(c.Seal(nil, nonce, []byte("x")), stdlibGCM(t, key).Seal(nil, nonce, []byte("x"), nil)) {
			t.Error("it seals differently")
		}
		c.Destroy()
		if c.cipher != nil {
			t.Error("a destroyed cipher keeps its key on the heap")
		}
	}
	if c, err := newArena(Require).NewAEAD(key); !errors.Is(err, ErrLockedMemory) || c != nil {
		t.Errorf("policy require: %v, %v", c, err)
	}
}
