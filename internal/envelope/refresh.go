package envelope

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// maxRefreshers bounds the early looks at the metastore that run at the same time.
const maxRefreshers = 4

// refreshEarly looks at a key in the metastore before its time is up, once at a time, while others go on using it. For
// encryption that is a look for the newest intermediate key, which may make one; a decrypting process never does.
func (f *Factory) refreshEarly(t *tier, k *key, encrypting bool) {
	if !k.refreshing.CompareAndSwap(false, true) {
		return
	}
	if f.syncRefresh {
		f.refresh(t, k, encrypting)
		return
	}
	select {
	case f.refreshers <- struct{}{}:
	default:
		k.refreshing.Store(false)
		return
	}
	if !f.enter() {
		<-f.refreshers
		return
	}
	go func() {
		defer f.leave()
		defer func() { <-f.refreshers }()
		// A panic would end the process. The factory is poisoned by then.
		defer func() { _ = recover() }()
		f.refresh(t, k, encrypting)
	}()
}

func (f *Factory) refresh(t *tier, k *key, encrypting bool) {
	defer f.poisonOnPanic()
	defer k.refreshing.Store(false)
	ctx, cancel := f.context(context.Background())
	defer cancel()
	now := f.now()
	var err error
	if t == f.intermediates && encrypting {
		_, err = share(ctx, &t.latestFlight, k.name.ID, func() (*key, error) {
			k, err := t.loadLatest(ctx, k.name.ID, 0, now)
			if err == nil {
				k.cipher.Release(0)
			}
			return k, err
		})
	} else {
		_, err = t.look(ctx, k.name, now)
	}
	if err == nil {
		return
	}
	hooks.Log(hooks.Warn, "keys", "looking at %s key %.120q before its time is up failed: %v", t.label, k.name.ID, err)
	// Not again for a while: the next callers would all ask a store that is down.
	// It may be the parent's time that is nearly up.
	for ; k != nil; k = k.parent.Load() {
		k.refreshNotBefore(now.mono + min(f.policy.RevokeCheckInterval/20, time.Minute))
	}
}

// inGrace says that a key of this freshness, whose time is up, may be used although it could not be looked at, for this
// error.
func (f *Factory) inGrace(freshness func(instant, time.Duration) freshness, now instant, err error) bool {
	if f.policy.RevokeCheckGrace == 0 {
		return false
	}
	switch CodeOf(err) {
	case MetastoreFailed, KMSFailed, TimedOut, HostCallback:
		return freshness(now, addDurations(f.policy.RevokeCheckInterval, f.policy.RevokeCheckGrace)) != stale
	}
	return false
}
