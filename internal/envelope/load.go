package envelope

import (
	"context"
	"errors"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// loadLatest looks for the newest key of an id in the metastore, and makes one if there is none that may encrypt. Only
// the metastore's word that there is none leads to a new key: a failure to ask, to decide, or to open what is there, is
// an error. The key is in use by stripe.
func (t *tier) loadLatest(ctx context.Context, id string, stripe seccache.Stripe, v *view) (*key, error) {
	defer t.f.poisonOnPanic()
	if _, err := v.caching(t); err != nil {
		return nil, err
	}
	r, err := t.f.store.loadLatest(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := t.adoptForEncryption(ctx, r, stripe, v)
	if k != nil || err != nil {
		return k, err
	}
	return t.create(ctx, id, r, stripe, v)
}

// adoptForEncryption returns the key of a record if it may encrypt, nil if there should be a newer one.
func (t *tier) adoptForEncryption(ctx context.Context, r *KeyRecord, stripe seccache.Stripe, v *view) (*key, error) {
	if r == nil {
		return nil, nil
	}
	if outdated, err := v.outdated(r); err != nil {
		return nil, err
	} else if outdated {
		// It is not opened for this, which may not be possible any more.
		if k, ok := t.peek(KeyMeta{r.ID, r.Created}, v); ok {
			t.see(k, r.Revoked, v)
		} else if r.Revoked {
			t.f.tellRevoked(KeyMeta{r.ID, r.Created}, v.now)
		}
		return nil, nil
	}
	k, err := t.adopt(ctx, r, true, stripe, v)
	if err != nil {
		if errors.Is(err, errAbsent) {
			hooks.Log(hooks.Warn, "keys",
				"%s key %.120q created %d cannot be opened since its parent is gone: a new one is made", t.label, r.ID, r.Created)
			return nil, nil
		}
		return nil, err
	}
	judgement, err := v.judge(k)
	if judgement == unfit { // or not to be judged
		k.cipher.Release(stripe)
		return nil, err
	}
	return k, nil
}

// outdated says of a record, by itself, that its key may not encrypt.
func (v *view) outdated(r *KeyRecord) (bool, error) {
	if r.Revoked {
		return true, nil
	}
	expired, err := v.expired(r.Created)
	if err != nil || !expired {
		return false, err
	}
	queued, err := v.queued()
	return !queued, err
}

// errAbsent is the metastore's word that there is no such key. A record of it that cannot be understood is another error,
// even where that has the same class.
var errAbsent = errors.New("the metastore has no such key")

// loadNamed looks for one key in the metastore. The key is in use by stripe.
func (t *tier) loadNamed(ctx context.Context, name KeyMeta, stripe seccache.Stripe, v *view) (*key, error) {
	defer t.f.poisonOnPanic()
	if _, err := v.caching(t); err != nil {
		return nil, err
	}
	r, err := t.f.store.load(ctx, name)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, Errorf(MetadataMissing, errAbsent,
			"Could not find the %s key %.120q created %d in the metastore", t.label, name.ID, name.Created)
	}
	return t.adopt(ctx, r, false, stripe, v)
}

// adopt returns the key of a record, in use by stripe: the cached one if it is the same, else a new one, cached. latest
// says that the record is the newest of its id, looked for to encrypt.
func (t *tier) adopt(ctx context.Context, r *KeyRecord, latest bool, stripe seccache.Stripe, v *view) (*key, error) {
	if k, ok := t.peek(KeyMeta{r.ID, r.Created}, v); ok && k.sameAs(r) && k.cipher.Acquire(stripe) {
		if p := k.parent.Load(); p != nil && latest && v.freshness(p) != fresh {
			parent, err := t.f.systems.look(ctx, p.name, v)
			if err != nil {
				k.cipher.Release(stripe)
				return nil, err
			}
			k.parent.Store(parent)
		}
		t.see(k, r.Revoked, v)
		if latest {
			t.markLatest(k, v)
		}
		return k, nil
	}
	cipher, parent, err := t.open(ctx, r, latest, v)
	if err != nil {
		return nil, err
	}
	return t.keep(r, cipher, parent, latest, stripe, v), nil
}

// keep makes a key, in use by stripe, and puts it into the cache. One that is not cached is wiped when this use ends.
func (t *tier) keep(r *KeyRecord, cipher *seccache.AEAD, parent *key, latest bool, stripe seccache.Stripe, v *view) *key {
	k := &key{name: KeyMeta{r.ID, r.Created}, sealed: r.Key, cipher: seccache.NewKey(cipher)}
	k.cipher.Acquire(stripe)
	if parent != nil {
		k.parent.Store(parent)
		k.head = recordHead(quoteJSON(r.ID), r.Created)
	}
	t.see(k, r.Revoked, v)
	cache := t.cacheFor(v)
	if cache == nil {
		k.cipher.Retire()
		return k
	}
	if latest {
		t.supersede(k, v)
	}
	t.gauge.Add(1)
	t.tellKey(KeyCached, k.name)
	cache.Put(seccache.KeyName(k.name), k, latest, v.now.mono)
	return k
}

// see notes that a key was seen in the metastore.
func (t *tier) see(k *key, revoked bool, v *view) {
	if k.see(v.now, revoked, v.interval) {
		t.f.tellRevoked(k.name, v.now)
	}
}

// markLatest makes k the newest key of its id in the cache.
func (t *tier) markLatest(k *key, v *view) {
	t.supersede(k, v)
	t.cache.MarkLatest(seccache.KeyName(k.name))
}

// supersede tells the key that was the newest of k's id, which sessions may hold, that k is.
func (t *tier) supersede(k *key, v *view) {
	if old, ok := t.cache.Latest(k.name.ID, v.now.mono); ok && old != k && old.name != k.name {
		old.superseded.Store(true)
	}
	k.superseded.Store(false)
}
