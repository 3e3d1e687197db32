package seccache

import (
	"crypto/rand"
	"crypto/subtle"
	"os"
	"syscall"
	"time"

	"github.com/awnumar/memcall"
	"github.com/libasherah/libasherah/internal/hooks"
)

// canarySize is the least number of bytes after each secret that show an overrun when they have changed: all that its
// slot has.
const canarySize = 16

// slabBytes is the size of the locked part of a usual slab: four pages, so that a process limited to 64 KiB can hold
// one slab of each slot size and more.
const slabBytes = 16 << 10

// Advice of madvise(2) that package syscall does not name. MADV_WIPEONFORK came with Linux 4.14; an older kernel refuses
// it, which leaves what fork() does.
const (
	dontDump   = 16 // MADV_DONTDUMP
	wipeOnFork = 18 // MADV_WIPEONFORK
)

var canary = func() (c [canarySize]byte) {
	rand.Read(c[:])
	return c
}()

// slab is a run of slots in locked pages between two guard pages.
type slab struct {
	mapping     []byte // guard page, data, guard page
	data        []byte
	slotSize    int
	free        []int // offsets of free slots, all zero
	used        int
	quarantined int // slots whose canary was damaged, never used again
	locked      bool
}

func newSlab(policy LockPolicy, slotSize int) (*slab, error) {
	page := os.Getpagesize()
	size := slabBytes
	if size < slotSize || size < page {
		size = (max(slotSize, page) + page - 1) &^ (page - 1)
	}
	mapping, err := memcall.Alloc(size + 2*page)
	if err != nil {
		stats.lockFailures.Add(1)
		return nil, ErrLockedMemory
	}
	s := &slab{mapping: mapping, data: mapping[page : page+size], slotSize: slotSize}
	if memcall.Protect(mapping[:page], memcall.NoAccess()) != nil || memcall.Protect(mapping[page+size:], memcall.NoAccess()) != nil {
		// The process has as many mappings as it may have.
		stats.lockFailures.Add(1)
		_ = memcall.Free(mapping)
		return nil, ErrLockedMemory
	}
	_ = syscall.Madvise(s.data, dontDump)
	_ = syscall.Madvise(s.data, wipeOnFork)
	if policy != Off {
		if err := memcall.Lock(s.data); err == nil {
			s.locked = true
		} else {
			stats.lockFailures.Add(1)
			if policy == Require {
				_ = memcall.Free(mapping)
				return nil, ErrLockedMemory
			}
		}
	}
	if s.locked {
		stats.lockedBytes.Add(int64(size))
	} else {
		stats.unlockedBytes.Add(int64(size))
	}
	// The last slot ends at the guard page, which meets what runs over its end.
	for offset := size - slotSize; offset >= 0; offset -= slotSize {
		s.free = append(s.free, offset)
	}
	return s, nil
}

func warnUnlocked() {
	if !stats.warned.Load() && stats.warned.CompareAndSwap(false, true) {
		hooks.Log(hooks.Warn, "seccache", "keys are kept in memory that is not locked: %v", ErrLockedMemory)
	}
}

// tellRefused says once a minute that there is no room for keys: a process at its limit is refused with each new one.
func tellRefused(err error) {
	last, now := stats.refused.Load(), time.Now().UnixNano()
	if (last == 0 || now-last >= int64(time.Minute)) && stats.refused.CompareAndSwap(last, now) {
		hooks.Log(hooks.Error, "seccache", "there is no room for another key: %v", err)
	}
}

// take returns the offset of a free slot, of which there must be one.
func (s *slab) take() int {
	offset := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	s.used++
	return offset
}

// tail is what the slot of a secret of size bytes has behind it.
func (s *slab) tail(offset, size int) []byte { return s.data[offset+size : offset+s.slotSize] }

func (s *slab) setCanary(offset, size int) {
	for tail := s.tail(offset, size); len(tail) > 0; {
		tail = tail[copy(tail, canary[:]):]
	}
}

func (s *slab) damaged(offset, size int) bool {
	for tail := s.tail(offset, size); len(tail) > 0; {
		n := min(len(tail), canarySize)
		if subtle.ConstantTimeCompare(tail[:n], canary[:n]) != 1 {
			return true
		}
		tail = tail[n:]
	}
	return false
}

// give takes the slot of a secret of size bytes back, wiped, and says whether its canary was damaged.
func (s *slab) give(offset, size int) (damaged bool) {
	slot := s.data[offset : offset+s.slotSize]
	damaged = s.damaged(offset, size)
	Wipe(slot)
	s.used--
	if damaged {
		s.quarantined++
		stats.damagedCanaries.Add(1)
		return true
	}
	s.free = append(s.free, offset)
	return false
}

func (s *slab) unmap() {
	if s.locked {
		stats.lockedBytes.Add(-int64(len(s.data)))
		_ = memcall.Unlock(s.data)
	} else {
		stats.unlockedBytes.Add(-int64(len(s.data)))
	}
	_ = memcall.Free(s.mapping)
}
