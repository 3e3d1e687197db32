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
// context allows; when the one who works gives up, another takes over. A nested call works for itself: the one who works
// may be the call that it is inside of, by a callback or a hook.
func share[N comparable](ctx context.Context, nested bool, flight *seccache.Flight[N, *key], name N,
	work func() (*key, error),
) (*key, error) {
	if nested || hooks.InSink() {
		return work()
	}
	for {
		k, err := flight.Do(ctx, name, func() (*key, error) {
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
		}
		return k, err
	}
}
