package envelope

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// tier is one level of the key hierarchy, system keys or intermediate keys: how they are found, cached, looked at again
// and created. What differs between the two is in open and make.
type tier struct {
	f      *Factory
	level  int
	label  string // for messages and metrics
	cache  *seccache.KeyCache[*key]
	gauge  *atomic.Int64 // keys in the caches of this level, of all factories
	notify bool          // the use of expired keys for decryption is told
	host   levelDecisions

	latestFlight seccache.Flight[string, *key]
	namedFlight  seccache.Flight[KeyMeta, *key]

	// open returns the cipher of the key in a record and, for an intermediate key, its parent. encrypting says that it is
	// the newest of its id, and wanted to encrypt.
	open func(ctx context.Context, r *KeyRecord, encrypting bool, v *view) (*seccache.AEAD, *key, error)
	// make seals a new key in a record, and returns its parent as open does.
	make func(ctx context.Context, secret *seccache.Secret, name KeyMeta, v *view) (*KeyRecord, *key, error)
}

// The levels.
const (
	systemLevel = iota
	intermediateLevel
	levels
)

// makeCache gives a tier its cache. Where the host decides how long a key is used unseen, only size bounds it.
func (t *tier) makeCache(cached bool, size int) {
	if (!cached && t.host.cache == nil) || size <= 0 {
		return
	}
	idle := t.f.policy.idle()
	if t.f.host != nil && t.f.host.RevokeCheckInterval != nil {
		idle = math.MaxInt64
	}
	t.cache = seccache.NewKeyCache(size, idle, func(k *key) {
		t.gauge.Add(-1)
		k.cipher.Retire()
	})
}

func (t *tier) close() {
	if t.cache != nil {
		t.cache.Close()
	}
}

// forEncryption returns the newest key of an id, in use by stripe, making one if there is none that may encrypt.
func (t *tier) forEncryption(ctx context.Context, id string, stripe seccache.Stripe, v *view) (*key, error) {
	k, err := t.find(stripe, v, lookup{
		cached: func(again bool) (*key, error) { return t.cachedLatest(ctx, id, v, again) },
		load:   func() (*key, error) { return t.loadLatest(ctx, id, stripe, v) },
		share: func(load func() (*key, error)) (*key, error) {
			return share(ctx, v.nested, &t.latestFlight, id, load)
		},
		graced: func(err error) (*key, error) { return t.graced(id, v, err) },
	})
	if err != nil {
		return nil, err
	}
	if v.inline || !t.f.queueing {
		return k, nil
	}
	// The host has been asked of this key unless it was just made.
	if judgement, err := v.judge(k); err == nil && judgement == overdue {
		return t.succeed(ctx, k, stripe, v)
	}
	return k, nil
}

// succeed has an expired key that goes on encrypting replaced, and returns which of the two this call uses.
func (t *tier) succeed(ctx context.Context, k *key, stripe seccache.Stripe, v *view) (*key, error) {
	kept := false
	defer func() {
		if !kept {
			k.cipher.Release(stripe)
		}
	}()
	successor, err := t.f.replace(ctx, t, k.name.ID, stripe, v)
	if successor != nil || err != nil {
		return successor, err
	}
	kept = true
	return k, nil
}

// forDecryption returns the key with this name, in use by stripe. Expired and revoked keys decrypt.
func (t *tier) forDecryption(ctx context.Context, name KeyMeta, stripe seccache.Stripe, v *view) (*key, error) {
	return t.find(stripe, v, lookup{
		cached: func(again bool) (*key, error) { return t.cachedNamed(ctx, name, v, again), nil },
		load:   func() (*key, error) { return t.loadNamed(ctx, name, stripe, v) },
		share: func(load func() (*key, error)) (*key, error) {
			return share(ctx, v.nested, &t.namedFlight, name, load)
		},
		graced: func(err error) (*key, error) {
			if k, ok := t.peek(name, v); ok && v.inGrace(k.freshness, err) {
				return k, nil
			}
			return nil, nil
		},
	})
}

// lookup is how one key is found.
type lookup struct {
	cached func(again bool) (*key, error)           // nil: it is not cached, or not to be used as it is
	load   func() (*key, error)                     // from the metastore, in use
	share  func(func() (*key, error)) (*key, error) // has one caller load for all that want the same key
	graced func(err error) (*key, error)            // the cached one, if it may be used although loading failed
}

// find returns a key in use by stripe: the cached one, or else what load returns, which one caller runs for all that
// want the same key where keys are shared. It is that caller's at once. The others look again: it may have been evicted
// before they could use it, or be good for a call that began earlier only.
func (t *tier) find(stripe seccache.Stripe, v *view, l lookup) (*key, error) {
	caching, err := v.caching(t)
	if err != nil {
		return nil, err
	}
	for waited := false; ; waited = true {
		k, err := l.cached(false)
		if err != nil {
			return nil, err
		}
		if k != nil && k.cipher.Acquire(stripe) {
			return k, nil
		}
		if v.onlyCached {
			return nil, Errorf(WouldBlock, nil, "the %s key is not cached", t.label)
		}
		if !caching || (waited && v.interval == 0) { // nobody else's look counts: better all at once than in turn
			return l.load()
		}
		var mine *key
		_, err = l.share(func() (_ *key, err error) {
			// It may have been loaded since.
			if k, err := l.cached(true); err == nil && k != nil && k.cipher.Acquire(stripe) {
				mine = k
				return mine, nil
			}
			mine, err = l.load()
			return mine, err
		})
		if mine != nil {
			return mine, nil
		}
		if err == nil {
			continue
		}
		failure := err
		if k, err = l.graced(failure); err != nil {
			return nil, err
		} else if k == nil {
			return nil, failure
		} else if k.cipher.Acquire(stripe) {
			return k, nil
		}
	}
}

// look has a key looked for in the metastore, for its revocation mark.
func (t *tier) look(ctx context.Context, name KeyMeta, v *view) (*key, error) {
	return share(ctx, v.nested, &t.namedFlight, name, func() (*key, error) {
		k, err := t.loadNamed(ctx, name, 0, v)
		if err == nil {
			k.cipher.Release(0)
		}
		return k, err
	})
}

// cacheFor returns the cache, nil if this call may not use it. The host has been asked by then.
func (t *tier) cacheFor(v *view) *seccache.KeyCache[*key] {
	if t.host.cache != nil && v.caches[t.level] != yes {
		return nil
	}
	return t.cache
}

func (t *tier) peek(name KeyMeta, v *view) (*key, bool) {
	cache := t.cacheFor(v)
	if cache == nil {
		return nil, false
	}
	return cache.Get(seccache.KeyName(name), v.now.mono)
}

// cachedLatest returns the cached newest key of an id if it may be used as it is, and has it looked at again if that is
// due soon. again says that the same call has been
// here before, and has seen to that.
func (t *tier) cachedLatest(ctx context.Context, id string, v *view, again bool) (*key, error) {
	cache := t.cacheFor(v)
	if cache == nil {
		return nil, nil
	}
	k, ok := cache.Latest(id, v.now.mono)
	if !ok {
		t.counted(hooks.CacheMiss, again)
		return nil, nil
	}
	judgement, err := v.judge(k)
	if err != nil {
		return nil, err
	}
	f := v.freshnessWithParent(k)
	if again && f == early {
		f = fresh
	}
	if judgement == unfit || !t.usable(ctx, k, f, true) {
		t.counted(hooks.CacheStale, again)
		return nil, nil
	}
	t.counted(hooks.CacheHit, again)
	return k, nil
}

func (t *tier) cachedNamed(ctx context.Context, name KeyMeta, v *view, again bool) *key {
	k, ok := t.peek(name, v)
	if !ok {
		t.counted(hooks.CacheMiss, again)
		return nil
	}
	f := v.freshness(k)
	if again && f == early {
		f = fresh
	}
	if !t.usable(ctx, k, f, false) {
		t.counted(hooks.CacheStale, again)
		return nil
	}
	t.counted(hooks.CacheHit, again)
	return k
}

// usable says whether a key of this freshness may be used without a look at the metastore. A key that is not cached
// serves one call, and is not looked at early. encrypting says that a newer key would be wanted if there is one.
func (t *tier) usable(ctx context.Context, k *key, f freshness, encrypting bool) bool {
	if f == early && t.cache != nil {
		t.f.refreshEarly(ctx, t, k, encrypting)
	}
	return f != stale
}

// counted counts a look into the cache, unless the same call has looked before.
func (t *tier) counted(m hooks.MetricType, again bool) {
	if !again {
		t.count(m)
	}
}

func (t *tier) count(m hooks.MetricType) {
	if hooks.MetricsEnabled() {
		hooks.Metric(m, 0, t.label)
	}
}

// graced returns the cached newest key of an id if it may be used although the look at the metastore failed.
func (t *tier) graced(id string, v *view, err error) (*key, error) {
	cache := t.cacheFor(v)
	if cache == nil {
		return nil, nil
	}
	k, ok := cache.Latest(id, v.now.mono)
	if !ok || !v.inGrace(k.freshnessWithParent, err) {
		return nil, nil
	}
	judgement, err := v.judge(k)
	if err != nil || judgement == unfit {
		return nil, err
	}
	return k, nil
}
