package envelope

import (
	"context"
	"math"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// attempts bounds how often a key is created because the metastore has one of that name already.
const attempts = 5

// create makes a new key of an id and stores it. last is the newest in the metastore, which may not encrypt, or nil.
// When the metastore has one of the same name already, made by another process in this moment, that one is used, unless
// it may not encrypt either: the next attempt has a later time of creation.
func (t *tier) create(ctx context.Context, id string, last *KeyRecord, stripe seccache.Stripe, v *view) (*key, error) {
	for range attempts {
		created, err := t.nextCreated(last, v)
		if err != nil {
			return nil, err
		}
		k, err := t.tryCreate(ctx, KeyMeta{id, created}, stripe, v)
		if err != nil {
			return nil, err
		}
		if k != nil {
			t.created(k, last)
			return k, nil
		}
		if last, err = t.f.store.loadLatest(ctx, id); err != nil {
			return nil, err
		}
		if last == nil {
			return nil, Errorf(MetastoreFailed, nil,
				"the metastore has a %s key %.120q already and does not find it: are its reads consistent?", t.label, id)
		}
		if k, err = t.adoptForEncryption(ctx, last, stripe, v); k != nil || err != nil {
			return k, err
		}
	}
	return nil, Errorf(MetastoreFailed, nil,
		"%d attempts to create a %s key ended with one that may not encrypt", attempts, t.label)
}

// created tells of a new key and its predecessor, if it has one.
func (t *tier) created(k *key, last *KeyRecord) {
	if last == nil {
		hooks.Log(hooks.Info, "keys", "created %s key %.120q created %d", t.label, k.name.ID, k.name.Created)
		return
	}
	hooks.Log(hooks.Info, "keys",
		"rotated %s key %.120q: created %d, after that created %d", t.label, k.name.ID, k.name.Created, last.Created)
}

// nextCreated returns the time of creation of a new key: now, truncated, but later than that of the newest key there is,
// or the new one would not be found. It is never 0, which records must not name.
func (t *tier) nextCreated(last *KeyRecord, v *view) (int64, error) {
	created, err := v.truncated(t)
	if err != nil {
		return 0, err
	}
	if last != nil && created <= last.Created {
		if last.Created == math.MaxInt64 {
			return 0, Errorf(MetastoreFailed, nil,
				"the newest %s key %.120q was created at the end of time", t.label, last.ID)
		}
		created = max(v.now.seconds(), last.Created+1)
	} else if t.f.host != nil {
		// The Policy's precision is at most the age at which keys expire. The host's may not be.
		born, err := v.expired(created)
		if err != nil {
			return 0, err
		}
		if born {
			created = v.now.seconds()
		}
	}
	if created == 0 {
		created = 1
	}
	return created, nil
}

// tryCreate returns nil and no error if the metastore has a key of this name.
func (t *tier) tryCreate(ctx context.Context, name KeyMeta, stripe seccache.Stripe, v *view) (*key, error) {
	secret, err := t.f.memory.NewSecret(seccache.KeySize)
	if err != nil {
		return nil, keyError(err)
	}
	defer secret.Destroy()
	fillRandom(secret.Bytes())
	r, parent, err := t.make(ctx, secret, name, v)
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
	return t.keep(r, cipher, parent, true, stripe, v), nil
}
