package envelope

import (
	"context"
	"errors"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// store is the one door to a factory's metastore: it measures, checks what comes back, and classifies failures.
type store struct{ metastore Metastore }

func (s store) load(ctx context.Context, name KeyMeta) (*KeyRecord, error) {
	defer measure(hooks.Load)()
	r, err := s.metastore.Load(ctx, name.ID, name.Created)
	if err == nil && r != nil && r.Created != name.Created {
		return nil, Errorf(MetastoreFailed, nil, "the metastore returned a key record created %d where one created %d was asked for", r.Created, name.Created)
	}
	return checkLoaded(r, err, name.ID, "load a key record")
}

func (s store) loadLatest(ctx context.Context, id string) (*KeyRecord, error) {
	defer measure(hooks.Load)()
	r, err := s.metastore.LoadLatest(ctx, id)
	if err == nil && r != nil && r.Created == 0 {
		// Records that name it would be refused.
		return nil, Errorf(MalformedRecord, nil, "the latest key record of %.120q has no time of creation", id)
	}
	return checkLoaded(r, err, id, "load the latest key record")
}

// checkLoaded compares ids in code, since collations fold: two partitions must never share a key.
func checkLoaded(r *KeyRecord, err error, id, what string) (*KeyRecord, error) {
	if err != nil {
		return nil, classify(err, MetastoreFailed, "metastore", what)
	}
	if r != nil && r.ID != id {
		return nil, Errorf(MetastoreFailed, nil, "the metastore returned the key record of another id than asked for: give its id column a binary collation")
	}
	return r, nil
}

func (s store) store(ctx context.Context, r *KeyRecord) (bool, error) {
	defer measure(hooks.Store)()
	stored, err := s.metastore.Store(ctx, r.ID, r.Created, r)
	if err != nil {
		return false, classify(err, MetastoreFailed, "metastore", "store a key record")
	}
	return stored, nil
}

// measure starts a measurement, which the function it returns ends.
func measure(m hooks.MetricType) func() {
	if !hooks.MetricsEnabled() {
		return func() {}
	}
	start := time.Now()
	return func() { hooks.Metric(m, time.Since(start), "") }
}

// classify turns the error of a metastore or a KMS into ours. The message says what was tried; the words of a driver,
// which may name hosts and accounts, go to the log hook and into the chain.
func classify(err error, code Code, who, what string) error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return Errorf(TimedOut, err, "the time limit passed while the %s was asked to %s", who, what)
	case errors.Is(err, context.Canceled):
		return Errorf(TimedOut, err, "the call was cancelled while the %s was asked to %s", who, what)
	case errors.Is(err, seccache.ErrLockedMemory):
		return Errorf(LockedMemory, err, "%v", err)
	}
	hooks.Log(hooks.Error, who, "failed to %s: %v", what, err)
	return Errorf(code, err, "the %s failed to %s; the log hook has the cause", who, what)
}

// keyError classifies the failure to make a cipher or a secret.
func keyError(err error) error {
	if errors.Is(err, seccache.ErrLockedMemory) {
		return Errorf(LockedMemory, err, "%v", err)
	}
	return Errorf(Unsupported, err, "AES-256-GCM cannot be used here: is GODEBUG set to fips140=only, which forbids nonces of the caller's?")
}
