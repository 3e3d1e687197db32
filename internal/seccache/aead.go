package seccache

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"reflect"
	"unsafe"
)

// Sizes of the format: AES-256 keys, GCM's tag and nonce. A sealed value is ciphertext || tag || nonce.
const (
	KeySize   = 32
	TagSize   = 16
	NonceSize = 12
	Overhead  = TagSize + NonceSize
)

// ErrKeySize is the error for a key that is not 32 bytes long.
var ErrKeySize = errors.New("the key is not 32 bytes long")

// The standard library's AES block and GCM object hold the expanded key in the clear. As long as both are plain
// memory without pointers, a GCM object can live in a locked slot and either can be wiped by address; cipherLayout
// finds that out from their types when the program starts.
var blockSize, gcmSize, movable = cipherLayout()

func cipherLayout() (block, gcm uintptr, ok bool) {
	var zero [KeySize]byte
	b, err := aes.NewCipher(zero[:])
	if err != nil {
		return 0, 0, false
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		return 0, 0, false
	}
	bt, gt := reflect.TypeOf(b), reflect.TypeOf(g)
	if bt.Kind() != reflect.Pointer || gt.Kind() != reflect.Pointer || !plain(bt.Elem()) || !plain(gt.Elem()) {
		return 0, 0, false
	}
	return bt.Elem().Size(), gt.Elem().Size(), gt.Elem().Align() <= 64
}

// plain says that a value of type t is memory without pointers.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			if !plain(f.Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return plain(t.Elem())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	default:
		return false
	}
}

// iface is how the runtime lays out an interface that holds a pointer.
type iface struct {
	_    unsafe.Pointer
	data unsafe.Pointer
}

func memoryOf(p unsafe.Pointer, size uintptr) []byte { return unsafe.Slice((*byte)(p), size) }

// AEAD is AES-256-GCM without associated data, in locked memory. It is safe for concurrent use until Destroy.
type AEAD struct {
	cipher cipher.AEAD
	slot   *Secret // nil if the cipher is an ordinary heap object
}

// NewAEAD makes an AEAD from a 32-byte key, which stays the caller's. Where the standard library's cipher cannot be
// moved into a slot it stays on the heap, counted in Stats.HeapCiphers, and is ErrLockedMemory under Require.
func (a *Arena) NewAEAD(key []byte) (*AEAD, error) {
	if !movable && a.policy == Require {
		return nil, ErrLockedMemory
	}
	var e Ephemeral
	if err := e.Init(key); err != nil {
		return nil, err
	}
	return a.move(&e)
}

// move makes an AEAD of e's cipher and leaves e wiped.
func (a *Arena) move(e *Ephemeral) (*AEAD, error) {
	k := &AEAD{cipher: e.aead}
	if !movable {
		stats.heapCiphers.Add(1)
		return k, nil
	}
	defer e.Wipe()
	slot, err := a.NewSecret(int(gcmSize))
	if err != nil {
		return nil, err
	}
	object := (*iface)(unsafe.Pointer(&k.cipher))
	copy(slot.Bytes(), memoryOf(object.data, gcmSize))
	object.data = unsafe.Pointer(unsafe.SliceData(slot.Bytes()))
	k.slot = slot
	return k, nil
}

// Seal appends ciphertext || tag of plaintext to dst. dst and plaintext overlap exactly or not at all.
func (k *AEAD) Seal(dst, nonce, plaintext []byte) []byte {
	return k.cipher.Seal(dst, nonce, plaintext, nil)
}

// Open appends the plaintext of ciphertext || tag to dst, or returns an error and appends nothing.
func (k *AEAD) Open(dst, nonce, sealed []byte) ([]byte, error) {
	return k.cipher.Open(dst, nonce, sealed, nil)
}

// Destroy wipes the cipher. Nobody may use it any more.
func (k *AEAD) Destroy() {
	k.cipher = nil
	if k.slot == nil {
		stats.heapCiphers.Add(-1)
		return
	}
	k.slot.Destroy()
}

// Ephemeral is an AES-256-GCM cipher for a single use, on the heap until Wipe. It is what a data row key needs: making
// it takes the two allocations of the standard library.
type Ephemeral struct {
	block cipher.Block
	aead  cipher.AEAD
}

// Init makes the cipher of a 32-byte key.
func (e *Ephemeral) Init(key []byte) error {
	if len(key) != KeySize {
		return ErrKeySize
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return ErrKeySize
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	e.block, e.aead = block, aead
	return nil
}

// Seal is as AEAD.Seal.
func (e *Ephemeral) Seal(dst, nonce, plaintext []byte) []byte {
	return e.aead.Seal(dst, nonce, plaintext, nil)
}

// Open is as AEAD.Open.
func (e *Ephemeral) Open(dst, nonce, sealed []byte) ([]byte, error) {
	return e.aead.Open(dst, nonce, sealed, nil)
}

// Wipe overwrites the cipher's memory and lets go of it.
func (e *Ephemeral) Wipe() {
	if movable && e.aead != nil {
		Wipe(memoryOf((*iface)(unsafe.Pointer(&e.block)).data, blockSize))
		Wipe(memoryOf((*iface)(unsafe.Pointer(&e.aead)).data, gcmSize))
	}
	e.block, e.aead = nil, nil
}
