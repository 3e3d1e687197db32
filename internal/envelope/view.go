package envelope

import (
	"context"
	"time"
)

// view is how one call sees the policy, at one reading of the clock: through the decisions of the host where it makes
// any. What the host has said once holds for the whole call. A view is used by one goroutine.
type view struct {
	f          *Factory
	now        instant
	interval   time.Duration // the revoke check interval
	onlyCached bool
	nested     bool
	inline     bool // expired keys are replaced, whatever the policy says: this is a queued rotation

	queues   answer
	caches   [levels]answer
	expiries []expiry
}

// answer is what the host said, if it was asked.
type answer int8

const (
	unasked answer = iota
	no
	yes
)

// expiry is what the host said of a key that was made at created.
type expiry struct {
	created int64
	expired bool
}

// view makes the view of a call that began at now.
func (f *Factory) view(ctx context.Context, now instant) (*view, error) {
	v := &view{
		f: f, now: now, interval: f.policy.RevokeCheckInterval,
		onlyCached: ctx.Value(onlyCachedKey{}) != nil, nested: ctx.Value(nestedKey{}) != nil,
	}
	if f.host == nil || f.host.RevokeCheckInterval == nil {
		return v, nil
	}
	var err error
	if v.interval, err = f.host.RevokeCheckInterval(); err != nil {
		return nil, undecided(err, "how long a key may be used unseen")
	}
	if v.interval < 0 {
		return nil, undecided(Errorf(HostCallback, nil, "the host's policy gave a negative revoke check interval"), "")
	}
	return v, nil
}

// ask asks the host once in a call.
func (a *answer) ask(decide func() (bool, error), what string) (bool, error) {
	if *a == unasked {
		said, err := decide()
		if err != nil {
			return false, undecided(err, what)
		}
		*a = no
		if said {
			*a = yes
		}
	}
	return *a == yes, nil
}

// expired says that a key made at created is too old to encrypt.
func (v *view) expired(created int64) (bool, error) {
	if v.f.host == nil || v.f.host.KeyExpired == nil {
		return v.f.policy.expired(created, v.now), nil
	}
	if created > v.now.seconds() {
		return false, nil
	}
	for _, e := range v.expiries {
		if e.created == created {
			return e.expired, nil
		}
	}
	expired, err := v.f.host.KeyExpired(created)
	if err != nil {
		return false, undecided(err, "whether a key is expired")
	}
	v.expiries = append(v.expiries, expiry{created, expired})
	return expired, nil
}

// queued says that an expired key goes on encrypting while its successor is made.
func (v *view) queued() (bool, error) {
	switch {
	case v.inline:
		return false, nil
	case v.f.host == nil || v.f.host.QueuedRotation == nil:
		return v.f.policy.QueuedRotation, nil
	}
	return v.queues.ask(v.f.host.QueuedRotation, "whether rotation is queued")
}

// caching says that keys of this level are cached. Where the host says no, those that are there are dropped.
func (v *view) caching(t *tier) (bool, error) {
	if t.cache == nil || t.host.cache == nil {
		return t.cache != nil, nil
	}
	a := &v.caches[t.level]
	first := *a == unasked
	cached, err := a.ask(t.host.cache, "whether keys are cached")
	if first && err == nil && !cached {
		t.cache.Clear()
	}
	return cached, err
}

// notifies says that the use of expired keys of this level for decryption is to be told.
func (v *view) notifies(t *tier) (bool, error) {
	if t.host.notify == nil {
		return t.notify, nil
	}
	said, err := t.host.notify()
	return said, undecided(err, "whether the use of an expired key is told")
}

// truncated returns the time of creation of a new key of this level, as far as its predecessor allows.
func (v *view) truncated(t *tier) (int64, error) {
	now := v.now.seconds()
	if t.host.truncate == nil {
		return floor(now, v.f.policy.precision()), nil
	}
	created, err := t.host.truncate(now)
	if err != nil {
		return 0, undecided(err, "when a new key was created")
	}
	if created <= 0 || created > now {
		return 0, undecided(Errorf(HostCallback, nil,
			"the host's policy rounded the time of creation %d to %d: it has to be positive and no later", now, created), "")
	}
	return created, nil
}

// verdict says whether a key may encrypt.
type verdict int

const (
	unfit   verdict = iota // no: there should be a newer one
	overdue                // yes, while a newer one is made
	fit
)

// judge says whether a key may encrypt: that no newer one is known, that it is not used up, and that neither it nor its
// parent is revoked or expired.
func (v *view) judge(k *key) (verdict, error) {
	if k.superseded.Load() || k.exhausted.Load() {
		return unfit, nil
	}
	judgement := fit
	for ; k != nil; k = k.parent.Load() {
		if k.revoked.Load() {
			return unfit, nil
		}
		expired, err := v.expired(k.name.Created)
		if err != nil {
			return unfit, err
		}
		if !expired {
			continue
		}
		if queued, err := v.queued(); err != nil || !queued {
			return unfit, err
		}
		judgement = overdue
	}
	return judgement, nil
}

func (v *view) freshness(k *key) freshness { return k.freshness(v.now, v.interval) }

func (v *view) freshnessWithParent(k *key) freshness { return k.freshnessWithParent(v.now, v.interval) }
