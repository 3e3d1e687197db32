package metastoretest

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

const (
	creators = 32
	rounds   = 8
)

// testCreators: of 32 creators of one key at once exactly one succeeds, and its record is the one that everybody finds.
func testCreators(t *testing.T, h Harness) {
	m := h.Open(t)
	stores := []envelope.Metastore{m}
	if h.Reopen != nil {
		stores = append(stores, h.Reopen(t, m))
	}
	for round := range rounds {
		id := fmt.Sprintf("_IK_%d_s_p", round)
		var (
			wins   atomic.Int32
			winner atomic.Pointer[envelope.KeyRecord]
			start  = make(chan struct{})
			done   sync.WaitGroup
		)
		for i := range creators {
			done.Go(func() {
				r := record(id, noon, fmt.Sprint(i))
				m := stores[i%len(stores)]
				<-start
				stored, err := m.Store(t.Context(), id, noon, r)
				if err != nil {
					t.Errorf("creator %d: %v", i, err)
				}
				if stored {
					wins.Add(1)
					winner.Store(r)
				}
				if got, err := m.LoadLatest(t.Context(), id); got == nil || err != nil {
					t.Errorf("creator %d then finds %+v, %v", i, got, err)
				}
			})
		}
		close(start)
		done.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d of %d creators of %s succeeded; want 1", wins.Load(), creators, id)
		}
		for _, m := range stores {
			mustLoad(t, m, winner.Load(), true)
		}
	}
}

// testReaders: what LoadLatest finds while records come in can also be loaded by its time, is whole, and never older
// than what the same reader has seen.
func testReaders(t *testing.T, h Harness) {
	const (
		id      = "_IK_p_s_p"
		records = 64
		readers = 4
	)
	m := h.Open(t)
	var (
		writing atomic.Bool
		done    sync.WaitGroup
	)
	writing.Store(true)
	for range readers {
		done.Go(func() {
			seen := int64(0)
			for last := false; !last; {
				last = !writing.Load()
				latest, err := m.LoadLatest(t.Context(), id)
				if err != nil {
					t.Error(err)
					return
				}
				if latest == nil {
					continue
				}
				if latest.Created < seen {
					t.Errorf("the latest record went back from %d to %d", seen, latest.Created)
				}
				seen = latest.Created
				exact, err := m.Load(t.Context(), id, seen)
				if want := record(id, seen, fmt.Sprint(seen)); err != nil || !reflect.DeepEqual(exact, want) {
					t.Errorf("Load(%d) = %+v, %v; want %+v", seen, exact, err, want)
				}
			}
			if seen != noon+records-1 {
				t.Errorf("the last record seen is %d", seen)
			}
		})
	}
	for i := range int64(records) {
		store(t, m, record(id, noon+i, fmt.Sprint(noon+i)))
	}
	writing.Store(false)
	done.Wait()
}
