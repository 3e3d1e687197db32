package seccache

import "time"

// KeyName names a key of a KeyCache: its id and its time of creation in Unix seconds.
type KeyName struct {
	ID      string
	Created int64
}

// KeyCache is a Cache of keys in which the newest key of an id is found by the id alone.
type KeyCache[V any] struct {
	cache  *Cache[KeyName, V]
	latest map[string]KeyName // guarded by cache.mu
}

// NewKeyCache is as NewCache.
func NewKeyCache[V any](size int, maxAge time.Duration, drop func(V)) *KeyCache[V] {
	c := &KeyCache[V]{latest: map[string]KeyName{}}
	c.cache = NewCache(size, maxAge, func(name KeyName, value V) {
		if c.latest[name.ID] == name {
			delete(c.latest, name.ID)
		}
		drop(value)
	})
	return c
}

// Get returns the key with this name.
func (c *KeyCache[V]) Get(name KeyName, now time.Duration) (V, bool) { return c.cache.Get(name, now) }

// Latest returns the key of this id that was last put as its newest.
func (c *KeyCache[V]) Latest(id string, now time.Duration) (value V, ok bool) {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	name, ok := c.latest[id]
	if !ok {
		return value, false
	}
	return c.cache.get(name, now)
}

// Put adds a key. latest says that it is known to be the newest of its id.
func (c *KeyCache[V]) Put(name KeyName, value V, latest bool, now time.Duration) {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	wasLatest := c.latest[name.ID] == name
	c.cache.put(name, value, now)
	if _, there := c.cache.lru.Peek(name); there && (latest || wasLatest) {
		c.latest[name.ID] = name
	}
}

// MarkLatest says that the key with this name, if it is here, is the newest of its id.
func (c *KeyCache[V]) MarkLatest(name KeyName) {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	if _, there := c.cache.lru.Peek(name); there {
		c.latest[name.ID] = name
	}
}

// Touch is as Cache.Touch.
func (c *KeyCache[V]) Touch(name KeyName, now time.Duration) { c.cache.Touch(name, now) }

// Len returns the number of keys.
func (c *KeyCache[V]) Len() int { return c.cache.Len() }

// Clear drops every key.
func (c *KeyCache[V]) Clear() { c.cache.Clear() }

// Close drops every key.
func (c *KeyCache[V]) Close() { c.cache.Close() }
