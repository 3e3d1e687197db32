package handles

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	factoryHandle Type = 1
	sessionHandle Type = 2
)

// object returns what a handle stands for, nil if nothing.
func (t *Table) object(kind Type, handle uint64) any {
	object, _ := t.Find(kind, handle)
	return object
}

func TestHandlesAreInRangeAndNeverReused(t *testing.T) {
	table := New()
	seen := make(map[uint64]struct{}, 1<<20)
	var open []uint64
	for i := range 1 << 20 {
		kind := factoryHandle
		if i%3 == 0 {
			kind = sessionHandle
		}
		h := table.Add(kind, i)
		if h <= 64<<10 || h >= 1<<47 || uint64(float64(h)) != h {
			t.Fatalf("handle %#x is not between 64 KiB and 2^47", h)
		}
		if _, again := seen[h]; again {
			t.Fatalf("handle %#x was given out twice", h)
		}
		seen[h] = struct{}{}
		if table.object(kind, h) != i {
			t.Fatalf("handle %#x stands for %v, not %d", h, table.object(kind, h), i)
		}
		if i%5 == 0 && len(open) < 3000 {
			open = append(open, h)
		} else if table.Remove(kind, h) != i {
			t.Fatalf("handle %#x cannot be removed", h)
		}
	}
	if int(table.next) > len(open)+reuseAfter+1 {
		t.Errorf("%d slots were used for %d handles at a time", table.next, len(open))
	}
	for _, h := range open {
		if table.object(factoryHandle, h) == nil && table.object(sessionHandle, h) == nil {
			t.Fatalf("an open handle %#x stands for nothing", h)
		}
	}
}

func TestHandlesThatAreNone(t *testing.T) {
	table := New()
	factory, session := table.Add(factoryHandle, "factory"), table.Add(sessionHandle, "session")
	freed := table.Add(sessionHandle, "freed")
	table.Remove(sessionHandle, freed)
	other := New()
	foreign := []uint64{other.Add(factoryHandle, "x"), other.Add(sessionHandle, "x")}

	bad := append(foreign, 0, 1, 64<<10, 1<<46, 1<<47-1, 1<<47, 1<<63, ^uint64(0), freed)
	for bit := range 64 {
		bad = append(bad, factory^1<<bit, session^1<<bit, freed^1<<bit)
	}
	for range 100_000 {
		bad = append(bad, rand.Uint64(), rand.Uint64()>>17, 1<<46|rand.Uint64()>>18)
	}
	for _, h := range bad {
		if h == factory || h == session {
			continue
		}
		for _, kind := range []Type{0, factoryHandle, sessionHandle, 3, 7} {
			if o := table.object(kind, h); o != nil {
				t.Fatalf("%#x stands for %v", h, o)
			}
			if o := table.Remove(kind, h); o != nil {
				t.Fatalf("%#x removed %v", h, o)
			}
		}
	}
	for _, kind := range []Type{0, sessionHandle, 3} {
		if table.object(kind, factory) != nil || table.Remove(kind, factory) != nil {
			t.Errorf("a factory is taken for a handle of type %d", kind)
		}
	}
	if table.object(factoryHandle, session) != nil || table.Remove(factoryHandle, session) != nil {
		t.Error("a session is taken for a factory")
	}
	if table.object(factoryHandle, factory) != "factory" || table.object(sessionHandle, session) != "session" {
		t.Error("a good handle was lost")
	}
	if table.Remove(factoryHandle, factory) != "factory" || table.Remove(factoryHandle, factory) != nil {
		t.Error("a handle is not removed exactly once")
	}
	if f, s := table.live[factoryHandle].Load(), table.live[sessionHandle].Load(); f != 0 || s != 1 {
		t.Errorf("%d factories and %d sessions are counted, not 0 and 1", f, s)
	}
}

// Tables of different loads of the library do not know each other's handles.
func TestSaltsDiffer(t *testing.T) {
	if a, b := New(), New(); a.salt == b.salt || a.salt>>handleBits != 0 {
		t.Errorf("salts %#x and %#x", a.salt, b.salt)
	}
}

func TestSlotsRetire(t *testing.T) {
	table := New()
	const last = 1<<generationBits - 1
	h := table.Add(sessionHandle, "first")
	table.generations[0] = last - 2 // as if it had been used that often
	table.Remove(sessionHandle, h)
	// Enough handles for the slot's turn to come again and again.
	seen := map[uint64]struct{}{h: {}}
	used := 0
	for range 10 * reuseAfter {
		h := table.Add(sessionHandle, "again")
		if _, again := seen[h]; again {
			t.Fatalf("handle %#x was given out twice", h)
		}
		seen[h] = struct{}{}
		if e := table.slot(0).Load(); e != nil && e.handle == h {
			used++
		}
		table.Remove(sessionHandle, h)
	}
	if used != 2 || table.generations[0] != last {
		t.Errorf("the slot was used %d times more, not 2, up to generation %d", used, table.generations[0])
	}
}

func TestTooManyHandles(t *testing.T) {
	table := New()
	table.next = 1<<indexBits - 2 // as if the others were in use
	table.generations = make([]uint32, table.next)
	a, b := table.Add(factoryHandle, "a"), table.Add(sessionHandle, "b")
	if a == 0 || b == 0 || a == b {
		t.Fatalf("%#x, %#x", a, b)
	}
	if h := table.Add(sessionHandle, "c"); h != 0 {
		t.Fatalf("handle %#x although there are 2^22", h)
	}
	if table.object(factoryHandle, a) != "a" || table.object(sessionHandle, b) != "b" {
		t.Error("the last handles are not found")
	}
	if table.Remove(factoryHandle, a) != "a" {
		t.Error("cannot be removed")
	}
	if c := table.Add(sessionHandle, "c"); c == 0 || c == a || table.object(sessionHandle, c) != "c" {
		t.Errorf("%#x after one was freed", c)
	}
	if h := table.Add(sessionHandle, "d"); h != 0 {
		t.Errorf("handle %#x although there are 2^22", h)
	}
}

// Handles are made, found and freed at the same time; a free is granted once, and a stale handle finds nothing.
func TestHandleStorm(t *testing.T) {
	const goroutines, rounds = 8, 20_000
	table := New()
	var shared [64]atomic.Uint64
	var made, freed atomic.Int64
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range rounds {
				id := g*rounds + i
				h := table.Add(sessionHandle, id)
				if table.object(sessionHandle, h) != id {
					t.Errorf("handle %#x does not stand for its object", h)
				}
				made.Add(1)
				// Two goroutines may try to free the same one.
				old := shared[rand.IntN(len(shared))].Swap(h)
				for _, h := range []uint64{old, shared[rand.IntN(len(shared))].Load()} {
					if table.Remove(sessionHandle, h) != nil {
						freed.Add(1)
						if table.object(sessionHandle, h) != nil {
							t.Errorf("the freed handle %#x is found", h)
						}
					}
				}
				if i%64 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	group.Wait()
	for i := range shared {
		if table.Remove(sessionHandle, shared[i].Load()) != nil {
			freed.Add(1)
		}
	}
	if made.Load() != freed.Load() || table.live[sessionHandle].Load() != 0 {
		t.Errorf("%d made, %d freed, %d counted as live", made.Load(), freed.Load(), table.live[sessionHandle].Load())
	}
}
