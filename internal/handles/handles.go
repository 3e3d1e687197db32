// Package handles gives hosts numbers for objects of a library. A number that is stale, foreign or of another type finds
// nothing, whatever it is.
package handles

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// A handle is a number that a host keeps in a pointer, and some in a double. Behind a salt of this load of the library
// it has, from the low end: the index of a slot (22 bits), the type (3 bits) and the slot's generation (21 bits). Bit 46
// is set and all above it are clear, so that it is over 64 KiB, below 2^47, and no address a program is likely to have.
// No handle is given out twice: a slot whose generations are used up is retired.
const (
	indexBits      = 22
	typeBits       = 3
	generationBits = 21
	handleBits     = indexBits + typeBits + generationBits
	chunkBits      = 10
)

// Type tells the handles of one kind of object from those of others: 1 to 7.
type Type uint64

// entry is what a live handle stands for. It never changes, so that a look-up needs no lock.
type entry struct {
	handle uint64
	object any
}

type slotChunk [1 << chunkBits]atomic.Pointer[entry]

// Table is a set of handles. It needs no closing.
type Table struct {
	salt   uint64
	chunks [1 << (indexBits - chunkBits)]atomic.Pointer[slotChunk]
	live   [1 << typeBits]atomic.Int64

	mu          sync.Mutex
	free        []uint32 // indexes of free slots, used in turn so that generations last
	next        uint32   // first index never used
	generations []uint32 // by index: the last one given out
}

// New makes an empty table.
func New() *Table {
	var salt [8]byte
	rand.Read(salt[:])
	return &Table{salt: binary.LittleEndian.Uint64(salt[:]) & (1<<handleBits - 1)}
}

// reuseAfter is how many slots are free before one is used again.
const reuseAfter = 256

// Add makes a handle for object, 0 when there are too many.
func (t *Table) Add(kind Type, object any) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var index uint32
	switch {
	case len(t.free) > reuseAfter || t.next == 1<<indexBits && len(t.free) > 0:
		index, t.free = t.free[0], t.free[1:]
	case t.next < 1<<indexBits:
		index = t.next
		t.next++
		t.generations = append(t.generations, 0)
		if t.chunks[index>>chunkBits].Load() == nil {
			t.chunks[index>>chunkBits].Store(new(slotChunk))
		}
	default:
		return 0
	}
	t.generations[index]++
	plain := uint64(t.generations[index])<<(indexBits+typeBits) | uint64(kind)<<indexBits | uint64(index)
	handle := (plain ^ t.salt) | 1<<handleBits
	t.slot(index).Store(&entry{handle, object})
	t.live[kind].Add(1)
	return handle
}

func (t *Table) slot(index uint32) *atomic.Pointer[entry] {
	if chunk := t.chunks[index>>chunkBits].Load(); chunk != nil {
		return &chunk[index&(1<<chunkBits-1)]
	}
	return nil
}

// find returns the slot and the entry of a live handle of a type.
func (t *Table) find(kind Type, handle uint64) (*atomic.Pointer[entry], *entry) {
	plain := (handle ^ 1<<handleBits) ^ t.salt
	if plain>>handleBits != 0 || Type(plain>>indexBits)&(1<<typeBits-1) != kind {
		return nil, nil
	}
	slot := t.slot(uint32(plain) & (1<<indexBits - 1))
	if slot == nil {
		return nil, nil
	}
	if e := slot.Load(); e != nil && e.handle == handle {
		return slot, e
	}
	return nil, nil
}

// Live returns how many handles of a type there are.
func (t *Table) Live(kind Type) int64 { return t.live[kind].Load() }

// Find returns the object of a live handle of a type.
func (t *Table) Find(kind Type, handle uint64) (object any, found bool) {
	if _, e := t.find(kind, handle); e != nil {
		return e.object, true
	}
	return nil, false
}

// Remove ends a handle and returns its object, nil if there is none. Only one caller gets it.
func (t *Table) Remove(kind Type, handle uint64) any {
	slot, e := t.find(kind, handle)
	if e == nil || !slot.CompareAndSwap(e, nil) {
		return nil
	}
	t.live[kind].Add(-1)
	index := uint32((handle^t.salt)&(1<<handleBits-1)) & (1<<indexBits - 1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.generations[index] < 1<<generationBits-1 {
		t.free = append(t.free, index)
	}
	return e.object
}
