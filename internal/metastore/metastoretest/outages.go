package metastoretest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// endLimit is what a call may take to end after its context, or after its server. It is generous: it tells an end from
// none.
const endLimit = 20 * time.Second

// testCutConnections: wherever the connection is cut while a call runs, the call gives the right answer or an error of
// the metastore, never an absence, and the next call works.
func testCutConnections(t *testing.T, h Harness) {
	if h.OpenLinked == nil {
		t.Skip("the store has no connection to a server")
	}
	m, link := h.OpenLinked(t)
	kept := record("_IK_kept", noon, "1")
	store(t, m, kept)
	mustBeAbsent(t, m, "_IK_absent", noon)
	answered := 0
	for cut := 0; cut < 400; cut = cut + 1 + cut/16 {
		link.CutAfter(cut)
		if got, err := m.Load(t.Context(), kept.ID, noon); !answers(got, err, kept, &answered) {
			t.Fatalf("Load, cut after %d bytes = %+v, %v", cut, got, err)
		}
		link.CutAfter(cut)
		if got, err := m.LoadLatest(t.Context(), kept.ID); !answers(got, err, kept, &answered) {
			t.Fatalf("LoadLatest, cut after %d bytes = %+v, %v", cut, got, err)
		}
		fresh := record(fmt.Sprintf("_IK_new_%d", cut), noon, fmt.Sprint(cut))
		link.CutAfter(cut)
		stored, err := m.Store(t.Context(), fresh.ID, noon, fresh)
		if err != nil && envelope.CodeOf(err) != envelope.MetastoreFailed {
			t.Fatalf("Store, cut after %d bytes = %v, %v", cut, stored, err)
		}
		if err == nil && !stored {
			t.Fatalf("Store, cut after %d bytes = false: the record that it stored is taken for another one's", cut)
		}
		if err == nil {
			answered++
		}
		link.CutAfter(-1)
		got, err := m.Load(t.Context(), fresh.ID, noon)
		if err != nil || stored && !reflect.DeepEqual(got, fresh) {
			t.Fatalf("Load after a cut Store that returned %v = %+v, %v", stored, got, err)
		}
	}
	if answered == 0 {
		t.Error("no call with a cut connection was answered: nothing is tried again")
	}
}

func answers(got *envelope.KeyRecord, err error, want *envelope.KeyRecord, answered *int) bool {
	if err != nil {
		return got == nil && envelope.CodeOf(err) == envelope.MetastoreFailed
	}
	*answered++
	return reflect.DeepEqual(got, want)
}

// testSilentServer: a server that does not answer holds a call no longer than its context.
func testSilentServer(t *testing.T, h Harness) {
	if h.OpenLinked == nil {
		t.Skip("the store has no connection to a server")
	}
	m, link := h.OpenLinked(t)
	kept := record("_IK_kept", noon, "1")
	store(t, m, kept)
	link.Clog()
	for name, call := range map[string]func(context.Context) (any, error){
		"Load":       func(ctx context.Context) (any, error) { return m.Load(ctx, kept.ID, noon) },
		"LoadLatest": func(ctx context.Context) (any, error) { return m.LoadLatest(ctx, kept.ID) },
		"Store": func(ctx context.Context) (any, error) {
			return m.Store(ctx, "_IK_new", noon, record("_IK_new", noon, "2"))
		},
	} {
		expired, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		begin := time.Now()
		if got, err := call(expired); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s of a silent server = %v, %v; want DeadlineExceeded", name, got, err)
		}
		cancel()
		cancelled, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if got, err := call(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("%s of a silent server = %v, %v; want Canceled", name, got, err)
		}
		if took := time.Since(begin); took > endLimit {
			t.Errorf("two calls of %s ended %v after they began", name, took)
		}
	}
	link.Unclog()
	mustLoad(t, m, kept, true)
}

// testRestart: after a restart of the server the next call works, of every kind.
func testRestart(t *testing.T, h Harness) {
	if h.Restart == nil {
		t.Skip("the store has no server")
	}
	m := h.Open(t)
	kept := record("_IK_kept", noon, "1")
	store(t, m, kept)
	h.Restart(t, m)
	if got, err := m.Load(t.Context(), kept.ID, noon); err != nil || !reflect.DeepEqual(got, kept) {
		t.Errorf("Load after a restart = %+v, %v", got, err)
	}
	h.Restart(t, m)
	if got, err := m.LoadLatest(t.Context(), kept.ID); err != nil || !reflect.DeepEqual(got, kept) {
		t.Errorf("LoadLatest after a restart = %+v, %v", got, err)
	}
	h.Restart(t, m)
	store(t, m, record("_IK_new", noon, "2"))
	if stored, err := m.Store(t.Context(), kept.ID, noon, record(kept.ID, noon, "3")); stored || err != nil {
		t.Errorf("Store of a duplicate = %v, %v", stored, err)
	}
}
