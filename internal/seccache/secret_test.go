package seccache

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/libasherah/libasherah/internal/hooks"
)

func newSecret(t testing.TB, a *Arena, size int) *Secret {
	t.Helper()
	s, err := a.NewSecret(size)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// slotOf returns all of a secret's slot, which stays readable as long as its slab is mapped.
func slotOf(s *Secret) []byte { return s.slab.data[s.offset : s.offset+s.slab.slotSize] }

// keepsCounts fails the test unless what lives at its end is what lived at its beginning.
func keepsCounts(t *testing.T) {
	t.Helper()
	before := ReadStats()
	t.Cleanup(func() {
		after := ReadStats()
		if after.LiveSecrets != before.LiveSecrets || after.HeapCiphers != before.HeapCiphers ||
			after.LockedBytes != before.LockedBytes || after.UnlockedBytes != before.UnlockedBytes {
			t.Errorf("at the end %+v, at the beginning %+v", after, before)
		}
	})
}

func TestDestroyWipesTheSlot(t *testing.T) {
	keepsCounts(t)
	for _, size := range []int{1, KeySize, 48, 49, int(gcmSize), 5000} {
		arena := newArena(Prefer)
		neighbour, s := newSecret(t, arena, size), newSecret(t, arena, size)
		defer neighbour.Destroy()
		if !bytes.Equal(s.Bytes(), make([]byte, size)) {
			t.Fatalf("a new secret of %d bytes is not zero", size)
		}
		slot, secret := slotOf(s), s.Bytes()
		for i := range secret {
			secret[i] = 0xa5
		}
		if s.slab != neighbour.slab {
			t.Fatalf("two secrets of %d bytes are in two slabs", size)
		}
		if n := bytes.Count(slot, []byte{0xa5}); n < size {
			t.Fatalf("%d bytes of the slot are set, not %d: the test looks at the wrong place", n, size)
		}
		s.Destroy()
		if !bytes.Equal(slot, make([]byte, len(slot))) {
			t.Errorf("the slot of a destroyed secret of %d bytes is not zero", size)
		}
		s.Destroy()
		if again := newSecret(t, arena, size); !bytes.Equal(again.Bytes(), make([]byte, size)) {
			t.Errorf("a slot of %d bytes used again is not zero", size)
		} else {
			again.Destroy()
		}
	}
	(*Secret)(nil).Destroy()
}

func TestDestroyTwiceGivesBackOnce(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	keep, twice := newSecret(t, arena, KeySize), newSecret(t, arena, KeySize)
	twice.Destroy()
	twice.Destroy()
	a, b := newSecret(t, arena, KeySize), newSecret(t, arena, KeySize)
	if &a.Bytes()[0] == &b.Bytes()[0] {
		t.Error("a slot that was destroyed twice was handed out twice")
	}
	for _, s := range []*Secret{a, b, keep} {
		s.Destroy()
	}
}

func TestBytesCannotGrowIntoTheNeighbour(t *testing.T) {
	arena := newArena(Prefer)
	for _, size := range []int{0, 1, KeySize, 900} {
		s := newSecret(t, arena, size)
		if len(s.Bytes()) != size || cap(s.Bytes()) != size {
			t.Errorf("%d bytes with room for %d, not %d", len(s.Bytes()), cap(s.Bytes()), size)
		}
		s.Destroy()
	}
}

func TestSlotsDoNotOverlap(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	var secrets []*Secret
	for i := range 1000 {
		s := newSecret(t, arena, []int{KeySize, int(gcmSize), 900}[i%3])
		for j := range s.Bytes() {
			s.Bytes()[j] = byte(i)
		}
		secrets = append(secrets, s)
	}
	for i, s := range secrets {
		if n := bytes.Count(s.Bytes(), []byte{byte(i)}); n != len(s.Bytes()) {
			t.Fatalf("%d of %d bytes of secret %d were overwritten by others", len(s.Bytes())-n, len(s.Bytes()), i)
		}
		if at := uintptr(unsafe.Pointer(&s.Bytes()[0])); at%64 != 0 {
			t.Fatalf("secret %d is at %#x, not at a cache line", i, at)
		}
	}
	damaged := ReadStats().DamagedCanaries
	for _, s := range secrets {
		s.Destroy()
	}
	if n := ReadStats().DamagedCanaries - damaged; n != 0 {
		t.Errorf("%d damaged canaries", n)
	}
}

func TestManyKeysShareSlabs(t *testing.T) {
	keepsCounts(t)
	arena := newArena(Prefer)
	before := ReadStats()
	used := func() int64 {
		now := ReadStats()
		return now.LockedBytes + now.UnlockedBytes - before.LockedBytes - before.UnlockedBytes
	}
	var key [KeySize]byte
	var ciphers []*AEAD
	for i := range 1000 {
		key[0], key[1] = byte(i), byte(i>>8)
		cipher, err := arena.NewAEAD(key[:])
		if err != nil {
			t.Fatal(err)
		}
		ciphers = append(ciphers, cipher)
	}
	// A slab of 16 KiB has 19 slots; a page for each key would be 4 MB.
	if n := used(); n < 1000*cipherSlot || n > 1000*cipherSlot+1000*cipherSlot/20 {
		t.Errorf("1000 keys take %d bytes, not about %d", n, 1000*cipherSlot)
	}
	if n := ReadStats().LiveSecrets - before.LiveSecrets; n != 1000 {
		t.Errorf("%d live secrets, not 1000", n)
	}
	for _, cipher := range ciphers[1:] {
		cipher.Destroy()
	}
	if n := used(); n > 2*slabBytes {
		t.Errorf("a single key takes %d bytes after the others have gone", n)
	}
	ciphers[0].Destroy()
	if n := used(); n != 0 {
		t.Errorf("%d bytes are left when no key is", n)
	}
}

// An overrun shows in the canary; the slot is not used again, since whoever wrote there may do so again.
func TestCanary(t *testing.T) {
	var lines []string
	var arena *Arena
	hooks.SetLog(func(level hooks.Level, target, message string) {
		if level == hooks.Error && target == "seccache" {
			lines = append(lines, message)
			newSecret(t, arena, KeySize).Destroy() // the arena is not locked while the hook is called
		}
	}, 0, hooks.Error, true)
	defer hooks.ClearLog()

	before := ReadStats()
	for place := range canarySize {
		arena = newArena(Off)
		keep, overrun := newSecret(t, arena, KeySize), newSecret(t, arena, smallSlot-canarySize)
		slot := slotOf(overrun)
		if len(overrun.Bytes())+canarySize != len(slot) {
			t.Fatalf("%d bytes in a slot of %d: the canary is not next to the secret", len(overrun.Bytes()), len(slot))
		}
		slot[len(overrun.Bytes())+place] ^= 1
		overrun.Destroy()
		if !bytes.Equal(slot, make([]byte, len(slot))) {
			t.Error("the damaged slot is not wiped")
		}
		var others []*Secret
		for range 2 * slabBytes / smallSlot {
			s := newSecret(t, arena, KeySize)
			if &s.Bytes()[0] == &slot[0] {
				t.Fatal("the damaged slot was handed out again")
			}
			others = append(others, s)
		}
		for _, s := range append(others, keep) {
			s.Destroy()
		}
	}
	after := ReadStats()
	if n := after.DamagedCanaries - before.DamagedCanaries; n != canarySize {
		t.Errorf("%d of %d damaged canaries were noticed", n, canarySize)
	}
	if len(lines) != canarySize || slices.ContainsFunc(lines, func(s string) bool { return !strings.Contains(s, "overwritten") }) {
		t.Errorf("the log has %q", lines)
	}
	if after.LiveSecrets != before.LiveSecrets {
		t.Errorf("%d live secrets, %d before", after.LiveSecrets, before.LiveSecrets)
	}
	// What is next to a damaged slot stays mapped: something writes there.
	if n := after.UnlockedBytes - before.UnlockedBytes; n != canarySize*slabBytes {
		t.Errorf("%d bytes are in quarantine, not %d", n, canarySize*slabBytes)
	}
}

func TestWipe(t *testing.T) {
	b := bytes.Repeat([]byte{1}, 1000)
	Wipe(b[10:990])
	if bytes.Count(b, []byte{0}) != 980 || b[9] != 1 || b[990] != 1 {
		t.Error("not all of it, or more, was wiped")
	}
	Wipe(nil)
}
