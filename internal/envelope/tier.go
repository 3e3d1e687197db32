package envelope

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// tier is one level of the key hierarchy, system keys or intermediate keys: how they are found, cached, looked at again
// and created. What differs between the two is in open and make.
type tier struct {
	f     *Factory
	label string // for messages and metrics
	cache *seccache.KeyCache[*key]
	gauge *atomic.Int64 // keys in the caches of this level, of all factories

	latestFlight seccache.Flight[string, *key]
	namedFlight  seccache.Flight[KeyMeta, *key]

	// open returns the cipher of the key in a record and, for an intermediate key, its parent.
	open func(ctx context.Context, r *KeyRecord, now instant) (*seccache.AEAD, *key, error)
	// make seals a new key in a record, and returns its parent as open does.
	make func(ctx context.Context, secret *seccache.Secret, name KeyMeta, now instant) (*KeyRecord, *key, error)
}

func newTier(f *Factory, label string, gauge *atomic.Int64, cached bool, size int) *tier {
	t := &tier{f: f, label: label, gauge: gauge}
	if cached && size > 0 {
		t.cache = seccache.NewKeyCache(size, f.policy.idle(), func(k *key) {
			gauge.Add(-1)
			k.cipher.Retire()
		})
	}
	return t
}

func (t *tier) close() {
	if t.cache != nil {
		t.cache.Close()
	}
}

// attempts bounds how often a key is created because the metastore has one of that name already.
const attempts = 5

// forEncryption returns the newest key of an id, in use by stripe, making one if there is none that may encrypt.
func (t *tier) forEncryption(ctx context.Context, id string, stripe seccache.Stripe, now instant, onlyCached bool) (*key, error) {
	cached := func() *key { return t.cachedLatest(id, now) }
	load := func() (*key, error) { return t.loadLatest(ctx, id, stripe, now) }
	share := func(load func() (*key, error)) (*key, error) { return share(ctx, &t.latestFlight, id, load) }
	return t.find(stripe, onlyCached, cached, load, share, func(err error) *key { return t.graced(id, now, err) })
}

// forDecryption returns the key with this name, in use by stripe. Expired and revoked keys decrypt.
func (t *tier) forDecryption(ctx context.Context, name KeyMeta, stripe seccache.Stripe, now instant, onlyCached bool) (*key, error) {
	cached := func() *key { return t.cachedNamed(name, now) }
	load := func() (*key, error) { return t.loadNamed(ctx, name, stripe, now) }
	share := func(load func() (*key, error)) (*key, error) { return share(ctx, &t.namedFlight, name, load) }
	return t.find(stripe, onlyCached, cached, load, share, func(err error) *key {
		if k, ok := t.peek(name, now); ok && t.f.inGrace(k.freshness, now, err) {
			return k
		}
		return nil
	})
}

// find returns a key in use by stripe: the cached one, or else what load returns, which one caller runs for all that
// want the same key where keys are shared. It is that caller's at once. The others look again: it may have been evicted
// before they could use it, or be good for a call that began earlier only.
func (t *tier) find(stripe seccache.Stripe, onlyCached bool, cached func() *key, load func() (*key, error),
	share func(func() (*key, error)) (*key, error), graced func(error) *key,
) (*key, error) {
	for {
		if k := cached(); k != nil && k.cipher.Acquire(stripe) {
			return k, nil
		}
		if onlyCached {
			return nil, Errorf(WouldBlock, nil, "the %s key is not cached", t.label)
		}
		if t.cache == nil {
			return load()
		}
		var mine *key
		_, err := share(func() (_ *key, err error) {
			mine, err = load()
			return mine, err
		})
		if mine != nil {
			return mine, nil
		}
		if err == nil {
			continue
		}
		if k := graced(err); k == nil {
			return nil, err
		} else if k.cipher.Acquire(stripe) {
			return k, nil
		}
	}
}

// look has a key looked for in the metastore, for its revocation mark.
func (t *tier) look(ctx context.Context, name KeyMeta, now instant) (*key, error) {
	return share(ctx, &t.namedFlight, name, func() (*key, error) {
		k, err := t.loadNamed(ctx, name, 0, now)
		if err == nil {
			k.cipher.Release(0)
		}
		return k, err
	})
}

func (t *tier) peek(name KeyMeta, now instant) (*key, bool) {
	if t.cache == nil {
		return nil, false
	}
	return t.cache.Get(seccache.KeyName(name), now.mono)
}

// cachedLatest returns the cached newest key of an id if it may be used as it is, and has it looked at again if that is
// due soon.
func (t *tier) cachedLatest(id string, now instant) *key {
	if t.cache == nil {
		return nil
	}
	k, ok := t.cache.Latest(id, now.mono)
	if !ok {
		t.count(hooks.CacheMiss)
		return nil
	}
	if !t.f.policy.mayEncrypt(k, now) || !t.usable(k, k.freshnessWithParent(now, t.f.policy.RevokeCheckInterval), true) {
		t.count(hooks.CacheStale)
		return nil
	}
	t.count(hooks.CacheHit)
	return k
}

func (t *tier) cachedNamed(name KeyMeta, now instant) *key {
	k, ok := t.peek(name, now)
	if !ok {
		t.count(hooks.CacheMiss)
		return nil
	}
	if !t.usable(k, k.freshness(now, t.f.policy.RevokeCheckInterval), false) {
		t.count(hooks.CacheStale)
		return nil
	}
	t.count(hooks.CacheHit)
	return k
}

// usable says whether a key of this freshness may be used without a look at the metastore. A key that is not cached
// serves one call, and is not looked at early. encrypting says that a newer key would be wanted if there is one.
func (t *tier) usable(k *key, f freshness, encrypting bool) bool {
	if f == early && t.cache != nil {
		t.f.refreshEarly(t, k, encrypting)
	}
	return f != stale
}

func (t *tier) count(m hooks.MetricType) {
	if hooks.MetricsEnabled() {
		hooks.Metric(m, 0, t.label)
	}
}

// graced returns the cached newest key of an id if it may be used although the look at the metastore failed.
func (t *tier) graced(id string, now instant, err error) *key {
	if t.cache == nil {
		return nil
	}
	if k, ok := t.cache.Latest(id, now.mono); ok && t.f.policy.mayEncrypt(k, now) && t.f.inGrace(k.freshnessWithParent, now, err) {
		return k
	}
	return nil
}

// loadLatest looks for the newest key of an id in the metastore, and makes one if there is none that may encrypt. Only
// the metastore's word that there is none leads to a new key: a failure to ask, or to open what is there, is an error.
// The key is in use by stripe.
func (t *tier) loadLatest(ctx context.Context, id string, stripe seccache.Stripe, now instant) (*key, error) {
	defer t.f.poisonOnPanic()
	r, err := t.f.store.loadLatest(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := t.adoptForEncryption(ctx, r, stripe, now)
	if k != nil || err != nil {
		return k, err
	}
	return t.create(ctx, id, r, stripe, now)
}

// adoptForEncryption returns the key of a record if it may encrypt, nil if there should be a newer one.
func (t *tier) adoptForEncryption(ctx context.Context, r *KeyRecord, stripe seccache.Stripe, now instant) (*key, error) {
	if r == nil {
		return nil, nil
	}
	if r.Revoked || t.f.policy.expired(r.Created, now) {
		if k, ok := t.peek(KeyMeta{r.ID, r.Created}, now); ok {
			k.see(now, r.Revoked, t.f.policy.RevokeCheckInterval)
		}
		return nil, nil
	}
	k, err := t.adopt(ctx, r, true, stripe, now)
	if err != nil {
		if errors.Is(err, errAbsent) {
			hooks.Log(hooks.Warn, "keys", "%s key %.120q created %d cannot be opened since its parent is gone: a new one is made", t.label, r.ID, r.Created)
			return nil, nil
		}
		return nil, err
	}
	if !t.f.policy.mayEncrypt(k, now) {
		k.cipher.Release(stripe)
		return nil, nil
	}
	return k, nil
}

// errAbsent is the metastore's word that there is no such key. A record of it that cannot be understood is another error,
// even where that has the same class.
var errAbsent = errors.New("the metastore has no such key")

// loadNamed looks for one key in the metastore. The key is in use by stripe.
func (t *tier) loadNamed(ctx context.Context, name KeyMeta, stripe seccache.Stripe, now instant) (*key, error) {
	defer t.f.poisonOnPanic()
	r, err := t.f.store.load(ctx, name)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, Errorf(MetadataMissing, errAbsent, "Could not find the %s key %.120q created %d in the metastore", t.label, name.ID, name.Created)
	}
	return t.adopt(ctx, r, false, stripe, now)
}

// adopt returns the key of a record, in use by stripe: the cached one if it is the same, else a new one, cached.
func (t *tier) adopt(ctx context.Context, r *KeyRecord, latest bool, stripe seccache.Stripe, now instant) (*key, error) {
	interval := t.f.policy.RevokeCheckInterval
	if k, ok := t.peek(KeyMeta{r.ID, r.Created}, now); ok && k.sameAs(r) && k.cipher.Acquire(stripe) {
		if p := k.parent.Load(); p != nil && latest && p.freshness(now, interval) != fresh {
			parent, err := t.f.systems.look(ctx, p.name, now)
			if err != nil {
				k.cipher.Release(stripe)
				return nil, err
			}
			k.parent.Store(parent)
		}
		k.see(now, r.Revoked, interval)
		if latest {
			t.markLatest(k, now)
		}
		return k, nil
	}
	cipher, parent, err := t.open(ctx, r, now)
	if err != nil {
		return nil, err
	}
	return t.keep(r, cipher, parent, latest, stripe, now), nil
}

// keep makes a key, in use by stripe, and puts it into the cache. One that is not cached is wiped when this use ends.
func (t *tier) keep(r *KeyRecord, cipher *seccache.AEAD, parent *key, latest bool, stripe seccache.Stripe, now instant) *key {
	k := &key{name: KeyMeta{r.ID, r.Created}, sealed: r.Key, cipher: seccache.NewKey(cipher)}
	k.cipher.Acquire(stripe)
	if parent != nil {
		k.parent.Store(parent)
		k.head = recordHead(quoteJSON(r.ID), r.Created)
	}
	k.see(now, r.Revoked, t.f.policy.RevokeCheckInterval)
	if t.cache == nil {
		k.cipher.Retire()
		return k
	}
	if latest {
		t.supersede(k, now)
	}
	t.gauge.Add(1)
	t.cache.Put(seccache.KeyName(k.name), k, latest, now.mono)
	return k
}

// markLatest makes k the newest key of its id in the cache.
func (t *tier) markLatest(k *key, now instant) {
	t.supersede(k, now)
	t.cache.MarkLatest(seccache.KeyName(k.name))
}

// supersede tells the key that was the newest of k's id, which sessions may hold, that k is.
func (t *tier) supersede(k *key, now instant) {
	if old, ok := t.cache.Latest(k.name.ID, now.mono); ok && old != k && old.name != k.name {
		old.superseded.Store(true)
	}
	k.superseded.Store(false)
}

// create makes a new key of an id and stores it. last is the newest in the metastore, which may not encrypt, or nil.
// When the metastore has one of the same name already, made by another process in this moment, that one is used, unless
// it may not encrypt either: the next attempt has a later time of creation.
func (t *tier) create(ctx context.Context, id string, last *KeyRecord, stripe seccache.Stripe, now instant) (*key, error) {
	for range attempts {
		created, err := t.nextCreated(last, now)
		if err != nil {
			return nil, err
		}
		k, err := t.tryCreate(ctx, KeyMeta{id, created}, stripe, now)
		if k != nil || err != nil {
			return k, err
		}
		if last, err = t.f.store.loadLatest(ctx, id); err != nil {
			return nil, err
		}
		if last == nil {
			return nil, Errorf(MetastoreFailed, nil, "the metastore has a %s key %.120q already and does not find it: are its reads consistent?", t.label, id)
		}
		if k, err = t.adoptForEncryption(ctx, last, stripe, now); k != nil || err != nil {
			return k, err
		}
	}
	return nil, Errorf(MetastoreFailed, nil, "%d attempts to create a %s key ended with one that may not encrypt", attempts, t.label)
}

// nextCreated returns the time of creation of a new key: now, truncated, but later than that of the newest key there is,
// or the new one would not be found. It is never 0, which records must not name.
func (t *tier) nextCreated(last *KeyRecord, now instant) (int64, error) {
	created := floor(now.seconds(), t.f.policy.precision())
	if last != nil && created <= last.Created {
		if last.Created == math.MaxInt64 {
			return 0, Errorf(MetastoreFailed, nil, "the newest %s key %.120q was created at the end of time", t.label, last.ID)
		}
		created = max(now.seconds(), last.Created+1)
	}
	if created == 0 {
		created = 1
	}
	return created, nil
}

// tryCreate returns nil and no error if the metastore has a key of this name.
func (t *tier) tryCreate(ctx context.Context, name KeyMeta, stripe seccache.Stripe, now instant) (*key, error) {
	secret, err := t.f.memory.NewSecret(seccache.KeySize)
	if err != nil {
		return nil, keyError(err)
	}
	defer secret.Destroy()
	fillRandom(secret.Bytes())
	r, parent, err := t.make(ctx, secret, name, now)
	if err != nil {
		return nil, err
	}
	cipher, err := t.f.memory.NewAEAD(secret.Bytes())
	if err != nil {
		return nil, keyError(err)
	}
	kept := false
	defer func() {
		if !kept { // there is one of this name, or the metastore failed or panicked
			cipher.Destroy()
		}
	}()
	stored, err := t.f.store.store(ctx, r)
	if err != nil || !stored {
		return nil, err
	}
	kept = true
	hooks.Log(hooks.Info, "keys", "created %s key %.120q created %d", t.label, name.ID, name.Created)
	return t.keep(r, cipher, parent, true, stripe, now), nil
}
