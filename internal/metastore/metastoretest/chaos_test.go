package metastoretest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/memory"
)

// outage is a store that can be down. Where it hides that, an outage looks like an empty table.
type outage struct {
	envelope.Metastore
	down  *atomic.Bool
	hides bool
}

var errDown = errors.New("down")

func (o *outage) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	if o.down.Load() {
		return nil, errDown
	}
	return o.Metastore.Load(ctx, id, created)
}

func (o *outage) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	switch {
	case o.down.Load() && o.hides:
		return nil, nil
	case o.down.Load():
		return nil, errDown
	}
	return o.Metastore.LoadLatest(ctx, id)
}

func (o *outage) Store(ctx context.Context, id string, created int64, r *envelope.KeyRecord) (bool, error) {
	if o.down.Load() && !o.hides {
		return false, errDown
	}
	return o.Metastore.Store(ctx, id, created, r)
}

func runOutages(t *testing.T, hides bool) []string {
	store, down := memory.New(), &atomic.Bool{}
	return Chaos(t, Outages{
		Open:  func(*testing.T) envelope.Metastore { return &outage{store, down, hides} },
		Kill:  func(*testing.T) { down.Store(true) },
		Start: func(*testing.T) { down.Store(false) },
	})
}

// TestChaos: a store that says when it is down passes, and one that does not is found out.
func TestChaos(t *testing.T) {
	if problems := runOutages(t, false); len(problems) > 0 {
		t.Errorf("with a sound store: %s", strings.Join(problems, "\n"))
	}
	problems := strings.Join(runOutages(t, true), "\n")
	if !strings.Contains(problems, "not found as the newest one") {
		t.Errorf("with a store that hides its outages: %q", problems)
	}
}
