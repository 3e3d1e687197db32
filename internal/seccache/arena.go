package seccache

import (
	"errors"
	"sync"

	"github.com/libasherah/libasherah/internal/hooks"
)

// LockPolicy says what happens when the operating system refuses to lock memory.
type LockPolicy int

const (
	// Prefer locks what can be locked; the rest is counted in Stats.UnlockedBytes.
	Prefer LockPolicy = iota
	// Require answers ErrLockedMemory when a key cannot be locked.
	Require
	// Off locks nothing. Guard pages, exclusion from dumps and wiping stay.
	Off
)

// ErrLockedMemory is the error of an Arena with policy Require when no more memory can be locked, and of any Arena when
// no memory can be mapped at all.
var ErrLockedMemory = errors.New("locked memory is exhausted: raise the limit (ulimit -l, systemd LimitMEMLOCK=, " +
	"docker --ulimit memlock=, Kubernetes capability IPC_LOCK) or set LockedMemory to \"prefer\"")

// Arena hands out Secrets under one LockPolicy. There is one per policy in a process, so that factories share slabs.
type Arena struct {
	policy LockPolicy

	mu     sync.Mutex
	slabs  map[int][]*slab // by slot size
	recent map[int]*slab   // by slot size: where a slot was last taken or given back, looked at first
	live   int
}

var arenas = [...]*Arena{Prefer: newArena(Prefer), Require: newArena(Require), Off: newArena(Off)}

func newArena(policy LockPolicy) *Arena {
	return &Arena{policy: policy, slabs: map[int][]*slab{}, recent: map[int]*slab{}}
}

// Open returns the process's arena for a policy. It does no I/O and never fails; an unknown policy is Prefer.
func Open(policy LockPolicy) *Arena {
	if policy < Prefer || policy > Off {
		policy = Prefer
	}
	return arenas[policy]
}

// There are two usual slots: a raw key, and an AES-256-GCM object. Larger secrets get slots of whole 256 bytes, and from
// sharedSlot on a slab of their own, of whole pages, that ends at the guard page.
const (
	smallSlot  = 64
	cipherSlot = 832
	sharedSlot = slabBytes / 2 // the largest of which several share a slab
)

// slotSize returns the size of the slot for a secret of n bytes and its canary, a multiple of 64 so that slots start
// at cache lines.
func slotSize(n int) int {
	switch n += canarySize; {
	case n <= smallSlot:
		return smallSlot
	case n <= cipherSlot:
		return cipherSlot
	case n <= sharedSlot:
		return (n + 255) &^ 255
	default:
		return (n + 63) &^ 63
	}
}

// usual says that an empty slab of this slot size is kept for the next secret.
func usual(slotSize int) bool { return slotSize <= cipherSlot }

// take returns a slot for a secret of n bytes. The log hook, which may be slow or call the library, is called without
// the lock.
func (a *Arena) take(n int) (*slab, int, error) {
	s, slot, err := a.takeSlot(slotSize(n))
	switch {
	case err != nil:
		tellRefused(err)
	case !s.locked && a.policy == Prefer:
		warnUnlocked()
	}
	return s, slot, err
}

func (a *Arena) takeSlot(size int) (*slab, int, error) {
	if size > sharedSlot {
		return a.takeSlab(size)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.recent[size]
	if s == nil || len(s.free) == 0 {
		var err error
		if s, err = a.slabWithRoom(size); err != nil {
			return nil, 0, err
		}
		a.recent[size] = s
	}
	a.live++
	stats.liveSecrets.Add(1)
	return s, s.take(), nil
}

// takeSlab returns a new slab with one slot, which only the secret in it knows. Pages are made and locked outside of the
// arena's lock, since that takes milliseconds where there are many.
func (a *Arena) takeSlab(size int) (*slab, int, error) {
	s, err := newSlab(a.policy, size)
	if err != nil {
		return nil, 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live++
	stats.liveSecrets.Add(1)
	return s, s.take(), nil
}

func (a *Arena) slabWithRoom(size int) (*slab, error) {
	for _, s := range a.slabs[size] {
		if len(s.free) > 0 {
			return s, nil
		}
	}
	s, err := newSlab(a.policy, size)
	if err == nil {
		a.slabs[size] = append(a.slabs[size], s)
	}
	return s, err
}

// give takes a slot back, wiped. Empty slabs go back to the operating system, except one of each usual size while the
// arena is in use, so that a single secret made and destroyed in turn does not map and unmap pages each time.
func (a *Arena) give(s *slab, slot, size int) {
	damaged := false
	if s.slotSize > sharedSlot {
		damaged = a.giveSlab(s, slot, size)
	} else {
		damaged = a.giveSlot(s, slot, size)
	}
	if damaged {
		hooks.Log(hooks.Error, "seccache", "memory next to a key was overwritten: some code in this process writes out of bounds")
	}
}

func (a *Arena) giveSlot(s *slab, slot, size int) (damaged bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live--
	stats.liveSecrets.Add(-1)
	damaged = s.give(slot, size)
	if a.live == 0 {
		a.releaseAll()
		return damaged
	}
	a.recent[s.slotSize] = s
	if s.used == 0 {
		delete(a.recent, s.slotSize)
		keep := 0
		if usual(s.slotSize) {
			keep = 1
		}
		a.slabs[s.slotSize] = release(a.slabs[s.slotSize], keep)
	}
	return damaged
}

// giveSlab is giveSlot for a slab of one slot. Something writes next to a damaged one, which stays mapped.
func (a *Arena) giveSlab(s *slab, slot, size int) (damaged bool) {
	if damaged = s.give(slot, size); !damaged {
		s.unmap()
	}
	stats.liveSecrets.Add(-1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live--; a.live == 0 {
		a.releaseAll()
	}
	return damaged
}

func (a *Arena) releaseAll() {
	clear(a.recent)
	for size, list := range a.slabs {
		a.slabs[size] = release(list, 0)
	}
}

// release unmaps the empty slabs of list but for the first keep of them and returns what is left.
func release(list []*slab, keep int) []*slab {
	left := list[:0]
	for _, s := range list {
		if s.used == 0 && s.quarantined == 0 {
			if keep == 0 {
				s.unmap()
				continue
			}
			keep--
		}
		left = append(left, s)
	}
	clear(list[len(left):])
	return left
}
