package seccache

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

const minute = time.Minute

// dropped records what leaves a cache.
type dropped []string

func (d *dropped) add(key string, value int) { *d = append(*d, fmt.Sprintf("%s=%d", key, value)) }

func (d *dropped) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*d, want) {
		t.Errorf("dropped %v, not %v", *d, want)
	}
	*d = nil
}

func TestCacheSizeIsExact(t *testing.T) {
	for _, size := range []int{1, 2, 3, 100, 1000} {
		drops := 0
		c := NewCache(size, minute, func(int, int) { drops++ })
		for i := range 3 * size {
			c.Put(i, i, 0)
			if want := min(i+1, size); c.Len() != want || drops != i+1-want {
				t.Fatalf("size %d: %d entries and %d drops after %d puts", size, c.Len(), drops, i+1)
			}
		}
	}
}

func TestCacheOrder(t *testing.T) {
	var d dropped
	evictions := ReadStats().Evictions
	c := NewCache(3, minute, d.add)
	c.Put("a", 1, 0)
	c.Put("b", 2, 0)
	c.Put("c", 3, 0)
	if v, ok := c.Get("a", 0); !ok || v != 1 {
		t.Errorf("a is %d, %t", v, ok)
	}
	c.Put("d", 4, 0)
	d.expect(t, "b=2")
	c.Touch("c", 0)
	c.Put("e", 5, 0)
	d.expect(t, "a=1")
	c.Put("d", 6, 0)
	d.expect(t, "d=4") // replaced
	c.Put("f", 7, 0)
	d.expect(t, "c=3")
	if _, ok := c.Get("c", 0); ok {
		t.Error("c is still there")
	}
	if n := ReadStats().Evictions - evictions; n != 3 {
		t.Errorf("%d evictions are counted, not 3", n)
	}
	c.Close()
	slices.Sort(d)
	d.expect(t, "d=6", "e=5", "f=7")
	c.Put("g", 8, 0)
	d.expect(t, "g=8")
	if _, ok := c.Get("g", 0); ok || c.Len() != 0 {
		t.Error("a closed cache keeps something")
	}
	c.Close()
	d.expect(t)
}

func TestCacheAge(t *testing.T) {
	var d dropped
	c := NewCache(10, minute, d.add)
	c.Put("a", 1, 0)
	c.Put("b", 2, 0)
	c.Put("c", 3, 0)
	if _, ok := c.Get("a", minute-1); !ok {
		t.Error("gone before its time")
	}
	c.Touch("b", minute-1)
	d.expect(t)
	if _, ok := c.Get("c", minute); ok {
		t.Error("still there")
	}
	d.expect(t, "c=3")
	if _, ok := c.Get("a", 2*minute-2); !ok {
		t.Error("a use does not count")
	}
	// What is too old goes with the next change, however much room there is.
	c.Put("d", 4, 2*minute-1)
	d.expect(t, "b=2")
	c.Put("e", 5, 10*minute)
	slices.Sort(d)
	d.expect(t, "a=1", "d=4")
	if c.Len() != 1 {
		t.Errorf("%d entries", c.Len())
	}
	c.Touch("e", 20*minute) // too late
	d.expect(t, "e=5")
	c.Touch("nothing", 0)
	c.Close()
	d.expect(t)
}

func TestTouchDoesNotWait(t *testing.T) {
	c := NewCache(1, minute, func(string, int) {})
	c.mu.Lock()
	defer c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		c.Touch("a", 0)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("Touch waits for the lock")
	}
}

// Whatever happens at the same time, what was put is dropped exactly once.
func TestCacheDropsOnceFromManyGoroutines(t *testing.T) {
	const puts, goroutines = 2000, 8
	var drops [puts * goroutines]int
	c := NewCache(50, 100, func(_ int, value int) { drops[value]++ })
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range puts {
				c.Put(i%97, g*puts+i, time.Duration(i))
				c.Get((i*7)%97, time.Duration(i))
				c.Touch((i*3)%97, time.Duration(i))
				if c.Len() > 50 {
					t.Error("over its size")
				}
			}
			if g == 0 {
				c.Close()
			}
		})
	}
	group.Wait()
	for value, n := range drops {
		if n != 1 {
			t.Fatalf("value %d was dropped %d times", value, n)
		}
	}
}

func TestKeyCacheLatest(t *testing.T) {
	var d dropped
	c := NewKeyCache(4, minute, func(v int) { d.add("", v) })
	name := func(id string, created int64) KeyName { return KeyName{id, created} }
	latest := func(id string, want int) {
		t.Helper()
		if v, ok := c.Latest(id, 0); ok != (want != 0) || v != want {
			t.Errorf("the latest of %s is %d, %t, not %d", id, v, ok, want)
		}
	}
	latest("a", 0)
	c.Put(name("a", 1), 1, false, 0)
	latest("a", 0) // not known to be the newest
	if v, ok := c.Get(name("a", 1), 0); !ok || v != 1 {
		t.Errorf("%d, %t", v, ok)
	}
	c.MarkLatest(name("a", 1))
	latest("a", 1)
	c.Put(name("a", 2), 2, true, 0)
	latest("a", 2)
	c.Put(name("a", 1), 11, false, 0) // an older one again
	d.expect(t, "=1")
	latest("a", 2)
	c.Put(name("a", 2), 22, false, 0) // the newest one again stays the newest
	d.expect(t, "=2")
	latest("a", 22)
	c.MarkLatest(name("a", 3)) // not here
	latest("a", 22)
	c.Put(name("b", 1), 5, true, 0)
	latest("b", 5)
	latest("a", 22)

	// Two ids with the same time of creation are two keys.
	if v, ok := c.Get(name("b", 1), 0); !ok || v != 5 {
		t.Errorf("%d, %t", v, ok)
	}

	// With the newest key its mark goes, and an older one does not take its place.
	c.Get(name("a", 1), 0)
	c.Get(name("b", 1), 0)
	c.Put(name("c", 1), 6, true, 0)
	c.Put(name("c", 2), 7, true, 0)
	d.expect(t, "=22")
	latest("a", 0)
	if v, ok := c.Get(name("a", 1), 0); !ok || v != 11 {
		t.Errorf("%d, %t", v, ok)
	}
	if len(c.latest) != 2 {
		t.Errorf("%d marks for 2 ids with a newest key", len(c.latest))
	}
	if c.Len() != 4 {
		t.Errorf("%d keys", c.Len())
	}
	c.Close()
	if len(c.latest) != 0 || len(d) != 4 {
		t.Errorf("%d marks are left, dropped %v", len(c.latest), d)
	}
	d = nil
	c.Put(name("c", 3), 8, true, 0)
	latest("c", 0)
	d.expect(t, "=8")
}

func TestKeyCacheAge(t *testing.T) {
	var d dropped
	c := NewKeyCache(4, minute, func(v int) { d.add("", v) })
	c.Put(KeyName{"a", 1}, 1, true, 0)
	if _, ok := c.Latest("a", minute-1); !ok {
		t.Error("gone before its time")
	}
	c.Touch(KeyName{"a", 1}, 2*minute-2)
	if _, ok := c.Latest("a", 3*minute-2); ok {
		t.Error("still there")
	}
	d.expect(t, "=1")
	if _, ok := c.Latest("a", 0); ok || len(c.latest) != 0 {
		t.Error("its mark is still there")
	}
	c.Close()
}
