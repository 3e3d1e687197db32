package seccache

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache is an LRU of at most size entries, of which those not touched for maxAge are dropped when it is next changed.
// Times are the caller's monotonic clock. It starts no goroutine.
type Cache[K comparable, V any] struct {
	mu     sync.Mutex
	lru    *simplelru.LRU[K, entry[V]]
	maxAge time.Duration
	drop   func(K, V)
	closed bool
}

type entry[V any] struct {
	value   V
	touched time.Duration
}

// NewCache returns a cache for size entries, size > 0. drop is called for each entry that leaves it, under the cache's
// lock: it must not block and not call the cache.
func NewCache[K comparable, V any](size int, maxAge time.Duration, drop func(K, V)) *Cache[K, V] {
	c := &Cache[K, V]{maxAge: maxAge, drop: drop}
	c.lru, _ = simplelru.NewLRU(size, func(key K, e entry[V]) { drop(key, e.value) })
	return c
}

// Get returns the value of key and touches it.
func (c *Cache[K, V]) Get(key K, now time.Duration) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.get(key, now)
}

func (c *Cache[K, V]) get(key K, now time.Duration) (value V, ok bool) {
	e, ok := c.lru.Peek(key)
	if !ok {
		return value, false
	}
	if now-e.touched >= c.maxAge {
		c.lru.Remove(key)
		stats.evictions.Add(1)
		return value, false
	}
	// Peek and Add, since the entry's age is part of the value; Add of a known key moves it to the front and drops
	// nothing.
	c.lru.Add(key, entry[V]{e.value, now})
	return e.value, true
}

// Put adds key, or replaces its value, and drops what is too old or too much. A closed cache drops value at once.
func (c *Cache[K, V]) Put(key K, value V, now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, value, now)
}

func (c *Cache[K, V]) put(key K, value V, now time.Duration) {
	if c.closed {
		c.drop(key, value)
		return
	}
	if e, ok := c.lru.Peek(key); ok {
		c.drop(key, e.value)
	}
	if c.lru.Add(key, entry[V]{value, now}) {
		stats.evictions.Add(1)
	}
	for {
		_, e, ok := c.lru.GetOldest()
		if !ok || now-e.touched < c.maxAge {
			return
		}
		c.lru.RemoveOldest()
		stats.evictions.Add(1)
	}
}

// Touch marks key as used, unless the cache is busy: it is for callers that sample.
func (c *Cache[K, V]) Touch(key K, now time.Duration) {
	if c.mu.TryLock() {
		c.get(key, now)
		c.mu.Unlock()
	}
}

// Len returns the number of entries.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Len()
}

// Clear drops every entry.
func (c *Cache[K, V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Purge()
}

// Close drops every entry, and each that is put later.
func (c *Cache[K, V]) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.lru.Purge()
}
