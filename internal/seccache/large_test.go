package seccache

import (
	"bytes"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/hooks"
)

const mib = 1 << 20

var largeSizes = []int{sharedSlot - canarySize + 1, 12345, 40000, mib, 16 * mib}

func TestLargeSecretsHavePagesOfTheirOwn(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	keep := newSecret(t, arena, KeySize) // the arena is in use
	defer keep.Destroy()
	before := ReadStats()
	for _, size := range largeSizes {
		a, b := newSecret(t, arena, size), newSecret(t, arena, size)
		if a.slab == b.slab {
			t.Fatalf("two secrets of %d bytes share a slab", size)
		}
		if !bytes.Equal(a.Bytes(), make([]byte, size)) || addressOf(a.Bytes())%64 != 0 {
			t.Errorf("a new secret of %d bytes is not zero, or not at a cache line", size)
		}
		for _, at := range []uintptr{addressOf(a.Bytes()), addressOf(a.Bytes()) + uintptr(size) - 1} {
			flags := flagsAt(t, at)
			if !slices.Contains(flags, "dd") || !slices.Contains(flags, "wf") || slices.Contains(flags, "lo") != a.slab.locked {
				t.Errorf("%d bytes: the flags are %q", size, flags)
			}
		}
		now := ReadStats()
		pages := now.LockedBytes + now.UnlockedBytes - before.LockedBytes - before.UnlockedBytes
		if least := 2 * int64(size); pages < least || pages > least+2*int64(slabBytes) {
			t.Errorf("two secrets of %d bytes take %d", size, pages)
		}
		at := addressOf(a.Bytes())
		a.Destroy()
		// Someone else's memory may come to lie there, but is not left out of dumps.
		if slices.Contains(flagsAt(t, at), "dd") {
			t.Errorf("%d bytes stay mapped", size)
		}
		b.Destroy()
		if now := ReadStats(); now.LockedBytes != before.LockedBytes || now.UnlockedBytes != before.UnlockedBytes {
			t.Errorf("%d bytes are not given back: %+v, before %+v", size, now, before)
		}
	}
}

// What Destroy does to the pages before they are unmapped.
func TestLargeSecretsAreWiped(t *testing.T) {
	for _, size := range largeSizes {
		s, err := newSlab(Prefer, slotSize(size))
		if err != nil {
			t.Fatal(err)
		}
		offset := s.take()
		slot := s.data[offset : offset+s.slotSize]
		for i := range slot {
			slot[i] = 0xa5
		}
		s.setCanary(offset, size)
		if damaged := s.give(offset, size); damaged || !bytes.Equal(s.data, make([]byte, len(s.data))) {
			t.Errorf("%d bytes: damaged %t, or not wiped", size, damaged)
		}
		s.unmap()
	}
}

// An overrun that goes past the canary meets the guard page.
func TestLargeSecretsEndAtTheGuardPage(t *testing.T) {
	debug.SetPanicOnFault(true)
	t.Cleanup(func() { debug.SetPanicOnFault(false) })
	for _, size := range largeSizes {
		s := newSecret(t, newArena(Prefer), size)
		slot := slotOf(s)
		if gap := len(slot) - size; gap < canarySize || gap >= canarySize+64 {
			t.Errorf("%d bytes in a slot of %d", size, len(slot))
		}
		end := s.slab.mapping[addressOf(slot)+uintptr(len(slot))-addressOf(s.slab.mapping):]
		if len(end) != os.Getpagesize() {
			t.Errorf("%d bytes follow the slot, not a page", len(end))
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the byte after a slot of %d bytes can be read", len(slot))
				}
			}()
			sink = end[0]
		}()
		s.Destroy()
	}
}

// Every byte of a slot behind its secret counts, whatever the size.
func TestCanaryOfEachSize(t *testing.T) {
	for _, size := range []int{1, 31, KeySize, 47, 48, 49, int(gcmSize), 817, 900, 5000, 12345} {
		s, err := newSlab(Off, slotSize(size))
		if err != nil {
			t.Fatal(err)
		}
		offset := s.take()
		for place := size; place < s.slotSize; place++ {
			s.setCanary(offset, size)
			if s.damaged(offset, size) {
				t.Fatalf("%d bytes: damaged at once", size)
			}
			s.data[offset+place] ^= 0x80
			if !s.damaged(offset, size) {
				t.Errorf("%d bytes: byte %d of the slot was changed unnoticed", size, place)
			}
		}
		s.unmap()
	}
}

// A damaged canary keeps the pages from being used by others.
func TestCanaryOfALargeSecret(t *testing.T) {
	lines := 0
	hooks.SetLog(func(hooks.Level, string, string) { lines++ }, 0, hooks.Error, true)
	defer hooks.ClearLog()
	before := ReadStats()
	arena := newArena(Off)
	s := newSecret(t, arena, 40000)
	slot, data := slotOf(s), s.slab.data
	slot[len(slot)-1] ^= 1
	s.Destroy()
	after := ReadStats()
	if lines != 1 || after.DamagedCanaries != before.DamagedCanaries+1 || after.LiveSecrets != before.LiveSecrets {
		t.Errorf("%d lines, %+v, before %+v", lines, after, before)
	}
	if after.UnlockedBytes != before.UnlockedBytes+int64(len(data)) || !bytes.Equal(data, make([]byte, len(data))) {
		t.Error("the pages are not kept, or not wiped")
	}
}

// Odd sizes must not each leave an empty slab behind.
func TestSizesInBetweenLeaveNothingBehind(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	keep := newSecret(t, arena, KeySize)
	defer keep.Destroy()
	before := ReadStats()
	for size := cipherSlot; size <= sharedSlot+1000; size += 100 {
		newSecret(t, arena, size).Destroy()
	}
	if now := ReadStats(); now.LockedBytes != before.LockedBytes || now.UnlockedBytes != before.UnlockedBytes {
		t.Errorf("%+v, before %+v", now, before)
	}
}

func TestLargeSecretsAtTheSameTime(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 20 {
				s := newSecret(t, arena, []int{KeySize, 5000, 20000, mib / 4}[(g+i)%4])
				secret := s.Bytes()
				for j := range secret {
					secret[j] = byte(g)
				}
				if n := bytes.Count(secret, []byte{byte(g)}); n != len(secret) {
					t.Errorf("%d of %d bytes were overwritten", len(secret)-n, len(secret))
				}
				s.Destroy()
			}
		})
	}
	group.Wait()
	if arena.live != 0 {
		t.Errorf("%d live secrets are counted", arena.live)
	}
}
