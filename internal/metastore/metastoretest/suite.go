// Package metastoretest is the conformance suite of envelope.Metastore. Every store runs it from its own tests.
package metastoretest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Harness says how to make the store under test, and what its kind of table cannot do.
type Harness struct {
	// Open returns an empty store, usable until the test ends. If it is an io.Closer the suite may close it.
	Open func(t *testing.T) envelope.Metastore
	// Reopen returns a second store over the records of the first; nil where stores do not outlive their process.
	Reopen func(t *testing.T, first envelope.Metastore) envelope.Metastore

	// OpenLinked returns an empty store that reaches its server through a link; nil for stores without a server. Calls are
	// to be tried again after a lost connection.
	OpenLinked func(t *testing.T) (envelope.Metastore, *Link)
	// Restart kills the server of a store that Open returned and starts it again; nil where that cannot be done.
	Restart func(t *testing.T, m envelope.Metastore)

	// MinCreated and MaxCreated are the limits of the column created, Unix seconds. Both 0: no limits.
	MinCreated, MaxCreated int64
	// HoldsCreated says whether the column can hold a time; the others must be refused. It stands in for MinCreated and
	// MaxCreated where it is not nil.
	HoldsCreated func(created int64) bool
	// MaxIDBytes is the length of the longest id that the table holds; longer ones must be refused. 0: no limit.
	MaxIDBytes int
	// HoldsID says whether the column can hold an id by its length; the others must be refused. It stands in for
	// MaxIDBytes where it is not nil.
	HoldsID func(id string) bool
	// MayRefuseIDs is true where the table's collation or character set makes the store refuse some ids. Such ids must be
	// refused, with an error, and never find another id's record.
	MayRefuseIDs bool
}

// Run runs every test of the suite.
func Run(t *testing.T, h Harness) {
	if h.HoldsCreated == nil {
		unlimited := h.MinCreated == 0 && h.MaxCreated == 0
		h.HoldsCreated = func(created int64) bool {
			return unlimited || created >= h.MinCreated && created <= h.MaxCreated
		}
	}
	if h.HoldsID == nil {
		h.HoldsID = func(id string) bool { return h.MaxIDBytes == 0 || len(id) <= h.MaxIDBytes }
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"absent", testAbsent},
		{"records", testRecords},
		{"latest", testLatest},
		{"duplicate", testDuplicate},
		{"caller's record", testCallersRecord},
		{"ids", testIDs},
		{"long ids", testLongIDs},
		{"created", testCreated},
		{"creators", testCreators},
		{"readers see whole records", testReaders},
		{"ended contexts", testEndedContexts},
		{"cut connections", testCutConnections},
		{"silent server", testSilentServer},
		{"restart", testRestart},
		{"closed", testClosed},
		{"key suffix", testKeySuffix},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, h) })
	}
}

const noon = 1_700_000_040 // an arbitrary whole minute

// record makes a record; text tells records apart.
func record(id string, created int64, text string) *envelope.KeyRecord {
	return &envelope.KeyRecord{
		ID: id, Created: created, Key: []byte("sealed key: " + text),
		Parent: &envelope.KeyMeta{ID: "_SK_service_product", Created: noon - 60},
	}
}

func store(t *testing.T, m envelope.Metastore, r *envelope.KeyRecord) {
	t.Helper()
	stored, err := m.Store(t.Context(), r.ID, r.Created, r)
	if err != nil || !stored {
		t.Fatalf("Store(%.60q, %d) = %v, %v", r.ID, r.Created, stored, err)
	}
}

// mustLoad checks that both ways of loading r give it; latest is false where a newer one exists.
func mustLoad(t *testing.T, m envelope.Metastore, r *envelope.KeyRecord, latest bool) {
	t.Helper()
	got, err := m.Load(t.Context(), r.ID, r.Created)
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("Load(%.60q, %d) = %+v, %v; want %+v", r.ID, r.Created, got, err, r)
	}
	if !latest {
		return
	}
	if got, err = m.LoadLatest(t.Context(), r.ID); err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("LoadLatest(%.60q) = %+v, %v; want %+v", r.ID, got, err, r)
	}
}

func mustBeAbsent(t *testing.T, m envelope.Metastore, id string, created int64) {
	t.Helper()
	if got, err := m.Load(t.Context(), id, created); got != nil || err != nil {
		t.Fatalf("Load(%.60q, %d) = %+v, %v; want no record and no error", id, created, got, err)
	}
	if got, err := m.LoadLatest(t.Context(), id); got != nil || err != nil {
		t.Fatalf("LoadLatest(%.60q) = %+v, %v; want no record and no error", id, got, err)
	}
}

func testAbsent(t *testing.T, h Harness) {
	m := h.Open(t)
	mustBeAbsent(t, m, "_IK_p_s_p", noon)
	store(t, m, record("_IK_p_s_p", noon, "1"))
	mustBeAbsent(t, m, "_IK_q_s_p", noon)
	for _, created := range []int64{noon - 1, noon + 1, 0, -1, 1 << 40, -1 << 62, 1<<63 - 1} {
		if got, err := m.Load(t.Context(), "_IK_p_s_p", created); got != nil || err != nil {
			t.Errorf("Load at %d = %+v, %v; want no record and no error", created, got, err)
		}
	}
}

func testRecords(t *testing.T, h Harness) {
	m := h.Open(t)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	records := []*envelope.KeyRecord{
		{ID: "system key", Created: noon, Key: all},
		{ID: "intermediate key", Created: noon, Key: all, Parent: &envelope.KeyMeta{ID: "system key", Created: noon}},
		{ID: "revoked", Created: noon, Key: all, Revoked: true},
		{ID: "revoked child", Created: noon, Key: all, Parent: &envelope.KeyMeta{ID: "p", Created: 1}, Revoked: true},
		{ID: "long key", Created: noon, Key: slices.Repeat(all, 40)},
		{ID: "odd parent", Created: noon, Key: all, Parent: &envelope.KeyMeta{ID: "<&>\u2028\"\\\t\x00'é🔑", Created: noon}},
	}
	for _, r := range records {
		store(t, m, r)
	}
	for _, r := range records {
		mustLoad(t, m, r, true)
	}
	if h.Reopen == nil {
		return
	}
	second := h.Reopen(t, m)
	for _, r := range records {
		mustLoad(t, second, r, true)
	}
}

func testLatest(t *testing.T, h Harness) {
	m := h.Open(t)
	times := []int64{noon + 60, noon - 3600, noon, noon + 3600, noon + 61, noon - 86400*365*20}
	newest := times[0]
	for _, created := range times {
		store(t, m, record("_IK_p_s_p", created, fmt.Sprint(created)))
		newest = max(newest, created)
		got, err := m.LoadLatest(t.Context(), "_IK_p_s_p")
		if err != nil || got == nil || got.Created != newest {
			t.Fatalf("LoadLatest = %+v, %v; want created %d", got, err, newest)
		}
	}
	for _, created := range times {
		mustLoad(t, m, record("_IK_p_s_p", created, fmt.Sprint(created)), created == newest)
	}
}

func testDuplicate(t *testing.T, h Harness) {
	m := h.Open(t)
	first := record("_IK_p_s_p", noon, "first")
	store(t, m, first)
	for range 3 {
		stored, err := m.Store(t.Context(), first.ID, noon, record(first.ID, noon, "second"))
		if stored || err != nil {
			t.Fatalf("Store of a duplicate = %v, %v; want false and no error", stored, err)
		}
	}
	mustLoad(t, m, first, true)
}

// testCallersRecord: a store keeps no part of the record it was given.
func testCallersRecord(t *testing.T, h Harness) {
	m := h.Open(t)
	want, given := record("_IK_p_s_p", noon, "1"), record("_IK_p_s_p", noon, "1")
	store(t, m, given)
	clear(given.Key)
	given.Parent.ID, given.Parent.Created = "changed", 1
	given.ID, given.Created, given.Revoked = "changed", 1, true
	mustLoad(t, m, want, true)
}

func testEndedContexts(t *testing.T, h Harness) {
	m := h.Open(t)
	kept := record("_IK_p_s_p", noon, "1")
	store(t, m, kept)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for _, ended := range []struct {
		ctx  context.Context
		want error
	}{{cancelled, context.Canceled}, {expired, context.DeadlineExceeded}} {
		if got, err := m.Load(ended.ctx, kept.ID, noon); got != nil || !errors.Is(err, ended.want) {
			t.Errorf("Load = %+v, %v; want %v", got, err, ended.want)
		}
		if got, err := m.LoadLatest(ended.ctx, kept.ID); got != nil || !errors.Is(err, ended.want) {
			t.Errorf("LoadLatest = %+v, %v; want %v", got, err, ended.want)
		}
		stored, err := m.Store(ended.ctx, "_IK_new", noon, record("_IK_new", noon, "1"))
		if stored || !errors.Is(err, ended.want) {
			t.Errorf("Store = %v, %v; want %v", stored, err, ended.want)
		}
	}
	mustBeAbsent(t, m, "_IK_new", noon)
	mustLoad(t, m, kept, true)
}

func testClosed(t *testing.T, h Harness) {
	m := h.Open(t)
	closer, ok := m.(io.Closer)
	if !ok {
		return // nothing to close: usable as long as it is referenced
	}
	r := record("_IK_p_s_p", noon, "1")
	store(t, m, r)
	for range 2 {
		if err := closer.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	if got, err := m.Load(t.Context(), r.ID, noon); got != nil || envelope.CodeOf(err) != envelope.MetastoreFailed {
		t.Errorf("Load after Close = %+v, %v; want MetastoreFailed", got, err)
	}
	if got, err := m.LoadLatest(t.Context(), r.ID); got != nil || envelope.CodeOf(err) != envelope.MetastoreFailed {
		t.Errorf("LoadLatest after Close = %+v, %v; want MetastoreFailed", got, err)
	}
	if stored, err := m.Store(t.Context(), "new", noon, r); stored || envelope.CodeOf(err) != envelope.MetastoreFailed {
		t.Errorf("Store after Close = %v, %v; want MetastoreFailed", stored, err)
	}
}

func testKeySuffix(t *testing.T, h Harness) {
	m := h.Open(t)
	if first, second := m.KeySuffix(), m.KeySuffix(); first != second {
		t.Errorf("KeySuffix changed from %q to %q", first, second)
	}
}
