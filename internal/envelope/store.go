package envelope

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// store is the one door to a factory's metastore: it measures, checks what comes back, and classifies failures.
type store struct {
	metastore Metastore
	events    *events
	*service
}

func (s store) load(ctx context.Context, name KeyMeta) (*KeyRecord, error) {
	e := asking(Loading, name.ID, name.Created)
	s.events.tell(e)
	start := time.Now()
	r, err := s.metastore.Load(ctx, name.ID, name.Created)
	measured(hooks.Load, start)
	e.Type = Loaded
	s.events.tellAnswer(e, start, r == nil, err)
	if err := s.asked(ctx, start, "load a key record", err); err != nil {
		return nil, err
	}
	if r != nil && r.Created != name.Created {
		return nil, Errorf(MetastoreFailed, nil, "the metastore returned a key record created %d where one created %d was asked for", r.Created, name.Created)
	}
	return checkLoaded(r, name.ID)
}

func (s store) loadLatest(ctx context.Context, id string) (*KeyRecord, error) {
	e := asking(LoadingLatest, id, 0)
	s.events.tell(e)
	start := time.Now()
	r, err := s.metastore.LoadLatest(ctx, id)
	measured(hooks.Load, start)
	e.Type = LoadedLatest
	s.events.tellAnswer(e, start, r == nil, err)
	if err := s.asked(ctx, start, "load the latest key record", err); err != nil {
		return nil, err
	}
	if r != nil && r.Created == 0 {
		// Records that name it would be refused.
		return nil, Errorf(MalformedRecord, nil, "the latest key record of %.120q has no time of creation", id)
	}
	return checkLoaded(r, id)
}

// checkLoaded compares ids in code, since collations fold: two partitions must never share a key.
func checkLoaded(r *KeyRecord, id string) (*KeyRecord, error) {
	if r != nil && r.ID != id {
		return nil, Errorf(MetastoreFailed, nil, "the metastore returned the key record of another id than asked for: give its id column a binary collation")
	}
	return r, nil
}

func (s store) store(ctx context.Context, r *KeyRecord) (bool, error) {
	e := asking(Storing, r.ID, r.Created)
	s.events.tell(e)
	start := time.Now()
	stored, err := s.metastore.Store(ctx, r.ID, r.Created, r)
	measured(hooks.Store, start)
	e.Type = Stored
	s.events.tellAnswer(e, start, !stored, err)
	if err := s.asked(ctx, start, "store a key record", err); err != nil {
		return false, err
	}
	return stored, nil
}

// measured ends a measurement that began at start.
func measured(m hooks.MetricType, start time.Time) {
	if hooks.MetricsEnabled() {
		hooks.Metric(m, time.Since(start), "")
	}
}
