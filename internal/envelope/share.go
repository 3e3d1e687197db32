package envelope

import (
	"context"
	"errors"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// gaveUp is the error of work that ended since the context of the caller who did it ended.
type gaveUp struct{ error }

func (e *gaveUp) Unwrap() error { return e.error }

// share has work done by one caller for all that want the same key at the same time. Each waits no longer than its own
// context allows; when the one who works gives up, another takes over. Who joined work that had begun before, and that
// a metastore or KMS made fail, looks once more: it may have come back since. A nested call works for itself: the one who works may
// be the call that it is inside of, by a callback or a hook.
func share[N comparable](ctx context.Context, nested bool, flight *seccache.Flight[N, *key], name N,
	work func() (*key, error),
) (*key, error) {
	if nested || hooks.InSink() {
		return work()
	}
	for older := true; ; {
		joined := true
		k, err := flight.Do(ctx, name, func() (*key, error) {
			joined = false
			k, err := work()
			if err != nil && ctx.Err() != nil {
				err = &gaveUp{err}
			}
			return k, err
		})
		var left *gaveUp
		switch {
		case errors.As(err, &left):
			if ctx.Err() == nil {
				continue
			}
			return nil, left.error
		case err != nil && err == ctx.Err():
			return nil, classify(ctx, err, TimedOut, "metastore", "load a key for another call")
		case joined && older && mayPass(err):
			older = false
			continue
		}
		return k, err
	}
}

// mayPass says whether an error is one of somebody else's: of the metastore, the KMS or a function of the host.
func mayPass(err error) bool {
	switch CodeOf(err) {
	case MetastoreFailed, KMSFailed, TimedOut, HostCallback:
		return true
	}
	return false
}
