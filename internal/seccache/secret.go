package seccache

import (
	"sync/atomic"
)

// Secret is a run of bytes in locked memory. It is not moved, not dumped, and wiped by Destroy.
type Secret struct {
	bytes     []byte
	arena     *Arena
	slab      *slab
	offset    int
	destroyed atomic.Bool
}

// NewSecret returns a zeroed secret of size bytes, or ErrLockedMemory.
func (a *Arena) NewSecret(size int) (*Secret, error) {
	s, offset, err := a.take(size)
	if err != nil {
		return nil, err
	}
	slot := s.data[offset : offset+s.slotSize]
	s.setCanary(offset, size)
	return &Secret{bytes: slot[:size:size], arena: a, slab: s, offset: offset}, nil
}

// Bytes returns the secret's memory, valid until Destroy. It must not be copied to ordinary memory.
func (s *Secret) Bytes() []byte { return s.bytes }

// Destroy wipes the secret and gives its memory back. Further calls do nothing. Nobody may use Bytes any more.
func (s *Secret) Destroy() {
	if s == nil || !s.destroyed.CompareAndSwap(false, true) {
		return
	}
	size := len(s.bytes)
	s.bytes = nil
	s.arena.give(s.slab, s.offset, size)
}

// Wipe overwrites b with zeros.
//
//go:noinline
func Wipe(b []byte) { clear(b) }
