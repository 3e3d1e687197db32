package seccache

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is what a Cache should be: a list, the entry used last in front.
type model struct {
	entries []modelEntry
	size    int
	maxAge  time.Duration
	drops   []string
	closed  bool
}

type modelEntry struct {
	key, value int
	touched    time.Duration
}

func (m *model) drop(e modelEntry) { m.drops = append(m.drops, fmt.Sprint(e.key, e.value)) }

func (m *model) take(key int) (modelEntry, bool) {
	i := slices.IndexFunc(m.entries, func(e modelEntry) bool { return e.key == key })
	if i < 0 {
		return modelEntry{}, false
	}
	e := m.entries[i]
	m.entries = slices.Delete(m.entries, i, i+1)
	return e, true
}

func (m *model) get(key int, now time.Duration) (int, bool) {
	e, ok := m.take(key)
	if !ok {
		return 0, false
	}
	if now-e.touched >= m.maxAge {
		m.drop(e)
		return 0, false
	}
	m.entries = slices.Insert(m.entries, 0, modelEntry{key, e.value, now})
	return e.value, true
}

func (m *model) put(key, value int, now time.Duration) {
	if m.closed {
		m.drop(modelEntry{key, value, now})
		return
	}
	if e, ok := m.take(key); ok {
		m.drop(e)
	}
	m.entries = slices.Insert(m.entries, 0, modelEntry{key, value, now})
	for n := len(m.entries); n > m.size || n > 0 && now-m.entries[n-1].touched >= m.maxAge; n-- {
		m.drop(m.entries[n-1])
		m.entries = m.entries[:n-1]
	}
}

func TestCacheIsLikeItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 6).Draw(t, "size")
		maxAge := time.Duration(rapid.IntRange(1, 20).Draw(t, "maxAge"))
		want := &model{size: size, maxAge: maxAge}
		var drops []string
		c := NewCache(size, maxAge, func(key, value int) { drops = append(drops, fmt.Sprint(key, value)) })
		var now time.Duration
		next := 0
		key := func(t *rapid.T) int { return rapid.IntRange(0, 9).Draw(t, "key") }
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k := key(t)
				next++
				c.Put(k, next, now)
				want.put(k, next, now)
			},
			"get": func(t *rapid.T) {
				k := key(t)
				v, ok := c.Get(k, now)
				if wantV, wantOK := want.get(k, now); v != wantV || ok != wantOK {
					t.Fatalf("%d is %d, %t, not %d, %t", k, v, ok, wantV, wantOK)
				}
			},
			"touch": func(t *rapid.T) {
				k := key(t)
				c.Touch(k, now)
				want.get(k, now)
			},
			"wait": func(t *rapid.T) { now += time.Duration(rapid.IntRange(1, 8).Draw(t, "time")) },
			"close": func(t *rapid.T) {
				if rapid.IntRange(0, 19).Draw(t, "really") != 0 {
					return
				}
				c.Close()
				for _, e := range want.entries {
					want.drop(e)
				}
				want.entries, want.closed = nil, true
				slices.Sort(drops) // it has no order
				slices.Sort(want.drops)
			},
			"": func(t *rapid.T) {
				if !slices.Equal(drops, want.drops) {
					t.Fatalf("dropped %v, not %v", drops, want.drops)
				}
				if c.Len() != len(want.entries) {
					t.Fatalf("%d entries, not %d", c.Len(), len(want.entries))
				}
			},
		})
	})
}
