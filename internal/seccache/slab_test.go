package seccache

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// flagsAt returns the kernel's VmFlags of the mapping that an address is in, nil if it is in none.
func flagsAt(t testing.TB, address uintptr) []string {
	t.Helper()
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer smaps.Close()
	inside := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		var low, high uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &low, &high); n == 2 {
			inside = low <= address && address < high
		} else if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return strings.Fields(flags)
		}
	}
	return nil
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// The kernel's names: lo is locked, dd is left out of dumps, wf is zero in a child made by fork().
func TestPagesAreLockedAndKeptOutOfDumpsAndChildren(t *testing.T) {
	ordinary := make([]byte, 4*os.Getpagesize())
	if flags := flagsAt(t, addressOf(ordinary)); len(flags) == 0 || slices.Contains(flags, "dd") {
		t.Fatalf("ordinary memory has the flags %q", flags)
	}
	for policy, locked := range map[LockPolicy]bool{Prefer: true, Require: true, Off: false} {
		s := newSecret(t, newArena(policy), KeySize)
		for _, at := range []uintptr{addressOf(s.slab.data), addressOf(s.slab.data) + uintptr(len(s.slab.data)) - 1} {
			flags := flagsAt(t, at)
			if !slices.Contains(flags, "dd") || !slices.Contains(flags, "wf") || slices.Contains(flags, "lo") != locked {
				t.Errorf("policy %d: the flags are %q", policy, flags)
			}
		}
		s.Destroy()
	}
}

func TestGuardPages(t *testing.T) {
	debug.SetPanicOnFault(true)
	t.Cleanup(func() { debug.SetPanicOnFault(false) })
	faults := func(at *byte, write bool) (faulted bool) {
		defer func() { faulted = recover() != nil }()
		if write {
			*at = 1
		} else {
			sink = *at
		}
		return false
	}
	arena := newArena(Prefer)
	for _, size := range []int{KeySize, int(gcmSize), 900, 20000} {
		s := newSecret(t, arena, size)
		slab, page := s.slab, os.Getpagesize()
		first, end := page, len(slab.mapping)-page
		for _, write := range []bool{false, true} {
			if faults(&slab.mapping[first], write) || faults(&slab.mapping[end-1], write) {
				t.Fatal("the slab's own bytes cannot be touched")
			}
			for _, place := range []int{0, first - 1, end, len(slab.mapping) - 1} {
				if !faults(&slab.mapping[place], write) {
					t.Errorf("byte %d of a slab with guard pages before %d and from %d on can be touched", place, first, end)
				}
			}
		}
		if addressOf(s.Bytes()) < addressOf(slab.mapping)+uintptr(first) || addressOf(s.Bytes())+uintptr(size) > addressOf(slab.mapping)+uintptr(end) {
			t.Error("the secret is not between the guard pages")
		}
		slab.mapping[end-1] = 0
		slab.mapping[first] = 0
		s.Destroy()
	}
}

var sink byte

func TestSlabsGoBackToTheSystem(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	var secrets []*Secret
	for range 100 {
		secrets = append(secrets, newSecret(t, arena, int(gcmSize)))
	}
	var pages []uintptr
	for _, s := range secrets {
		if at := addressOf(s.slab.mapping); !slices.Contains(pages, at) {
			pages = append(pages, at)
		}
	}
	if len(pages) != 6 {
		t.Fatalf("100 ciphers are in %d slabs, not 6", len(pages))
	}
	mapped := func() (n int) {
		for _, at := range pages {
			// Someone else's memory may come to lie at a place that was given back, but is not left out of dumps.
			if slices.Contains(flagsAt(t, at+uintptr(os.Getpagesize())), "dd") {
				n++
			}
		}
		return n
	}
	if n := mapped(); n != 6 {
		t.Fatalf("%d of 6 slabs are found in smaps", n)
	}
	for _, s := range secrets[:99] {
		s.Destroy()
	}
	// The one in use and an empty one for what comes next.
	if n := mapped(); n != 2 {
		t.Errorf("%d slabs are mapped for one cipher, not 2", n)
	}
	secrets[99].Destroy()
	if n := mapped(); n != 0 {
		t.Errorf("%d slabs are mapped for nothing", n)
	}
}

// A secret made and destroyed in turn must not map and lock pages each time while others live.
func TestOneSlotInTurnKeepsItsSlab(t *testing.T) {
	arena := newArena(Prefer)
	keep := newSecret(t, arena, KeySize)
	defer keep.Destroy()
	s := newSecret(t, arena, int(gcmSize))
	slab := s.slab
	s.Destroy()
	for range 10 {
		if s = newSecret(t, arena, int(gcmSize)); s.slab != slab {
			t.Error("the slab was unmapped in between")
		}
		s.Destroy()
	}
}

func TestArenas(t *testing.T) {
	for _, policy := range []LockPolicy{Prefer, Require, Off} {
		if a := Open(policy); a != Open(policy) || a.policy != policy {
			t.Errorf("policy %d: %+v", policy, a)
		}
	}
	if Open(-1) != Open(Prefer) || Open(Off+1) != Open(Prefer) {
		t.Error("an unknown policy is not Prefer")
	}
}
