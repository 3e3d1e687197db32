package envelope

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// maxRefreshers bounds the early looks at the metastore that run at the same time.
const maxRefreshers = 4

// backgroundTimeout bounds what nobody waits for, where the factory has no time limit of its own: a metastore that never
// answers would hold the few goroutines there are for it.
const backgroundTimeout = time.Minute

func (f *Factory) backgroundContext() (context.Context, context.CancelFunc) {
	if f.timeout > 0 {
		return f.context(context.Background())
	}
	return context.WithTimeout(context.Background(), backgroundTimeout)
}

// refreshEarly looks at a key in the metastore before its time is up, once at a time, while others go on using it. For
// encryption that is a look for the newest intermediate key, which may make one; a decrypting process never does. Where
// the caller has to do it, one that must not ask the metastore leaves it to another.
func (f *Factory) refreshEarly(ctx context.Context, t *tier, k *key, encrypting bool) {
	if f.syncRefresh && ctx.Value(onlyCachedKey{}) != nil {
		return
	}
	if !k.refreshing.CompareAndSwap(false, true) {
		return
	}
	if f.syncRefresh {
		ctx, cancel := f.context(ctx)
		defer cancel()
		f.refresh(ctx, t, k, encrypting)
		return
	}
	select {
	case f.refreshers <- struct{}{}:
	default:
		k.refreshing.Store(false)
		return
	}
	if !f.enterBehind() {
		<-f.refreshers
		return
	}
	go func() {
		defer f.leaveBehind()
		defer func() { <-f.refreshers }()
		// A panic would end the process. The factory is poisoned by then.
		defer func() { _ = recover() }()
		ctx, cancel := f.backgroundContext()
		defer cancel()
		f.refresh(ctx, t, k, encrypting)
	}()
}

func (f *Factory) refresh(ctx context.Context, t *tier, k *key, encrypting bool) {
	defer f.poisonOnPanic()
	defer k.refreshing.Store(false)
	now := f.now()
	err := f.lookEarly(ctx, t, k.name, encrypting, now)
	if err == nil || CodeOf(err) == Cancelled { // the caller's call was: another's will look
		return
	}
	if times, due := f.lookFailing.occurred(now.mono); due {
		hooks.Log(hooks.Warn, "keys", "looking at %s key %.120q before its time is up failed (failures since the last such line: %d): %v",
			t.label, k.name.ID, times, chain(err))
	}
	// Not again for a while: the next callers would all ask a store that is down.
	// It may be the parent's time that is nearly up.
	for ; k != nil; k = k.parent.Load() {
		k.refreshNotBefore(now.mono + min(f.policy.RevokeCheckInterval/20, time.Minute))
	}
}

func (f *Factory) lookEarly(ctx context.Context, t *tier, name KeyMeta, encrypting bool, now instant) error {
	v, err := f.view(ctx, now)
	if err != nil {
		return err
	}
	if t != f.intermediates || !encrypting {
		_, err = t.look(ctx, name, v)
		return err
	}
	_, err = share(ctx, v.nested, &t.latestFlight, name.ID, func() (*key, error) {
		k, err := t.loadLatest(ctx, name.ID, 0, v)
		if err == nil {
			k.cipher.Release(0)
		}
		return k, err
	})
	return err
}

// inGrace says that a key of this freshness, whose time is up, may be used although it could not be looked at, for this
// error. That the host's policy fails is no reason.
func (v *view) inGrace(freshness func(instant, time.Duration) freshness, err error) bool {
	grace := v.f.policy.RevokeCheckGrace
	if grace == 0 || isUndecided(err) {
		return false
	}
	switch CodeOf(err) {
	case MetastoreFailed, KMSFailed, TimedOut, HostCallback:
		return freshness(v.now, addDurations(v.interval, grace)) != stale
	}
	return false
}
