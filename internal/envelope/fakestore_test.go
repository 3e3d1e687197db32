package envelope_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// call is one call of a metastore.
type call struct {
	op      string // Load, LoadLatest or Store
	id      string
	created int64
}

// String names the call and the kind of its key: "Load SK".
func (c call) String() string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(c.id, "_"), "_")
	return c.op + " " + kind
}

// fakeStore is a metastore that keeps a log of its calls, and can be told to fail, to lie, and to change its records as
// an operator would.
type fakeStore struct {
	suffix string

	mu      sync.Mutex
	records map[string][]*envelope.KeyRecord // by id, in the order of created
	log     []call
	before  func(ctx context.Context, c call) error
	after   func(c call, r *envelope.KeyRecord) *envelope.KeyRecord
	stored  func(c call, stored bool) bool
}

func newFakeStore() *fakeStore { return &fakeStore{records: map[string][]*envelope.KeyRecord{}} }

func (s *fakeStore) KeySuffix() string { return s.suffix }

func (s *fakeStore) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	return s.read(ctx, call{"Load", id, created}, func(list []*envelope.KeyRecord) *envelope.KeyRecord {
		if i := slices.IndexFunc(list, func(r *envelope.KeyRecord) bool { return r.Created == created }); i >= 0 {
			return list[i]
		}
		return nil
	})
}

func (s *fakeStore) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	return s.read(ctx, call{"LoadLatest", id, 0}, func(list []*envelope.KeyRecord) *envelope.KeyRecord {
		if len(list) > 0 {
			return list[len(list)-1]
		}
		return nil
	})
}

func (s *fakeStore) read(ctx context.Context, c call,
	find func([]*envelope.KeyRecord) *envelope.KeyRecord,
) (*envelope.KeyRecord, error) {
	after, _, err := s.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := find(s.records[c.id])
	if after != nil {
		r = after(c, r)
	}
	return r, nil
}

func (s *fakeStore) Store(ctx context.Context, id string, created int64, r *envelope.KeyRecord) (bool, error) {
	c := call{"Store", id, created}
	_, stored, err := s.begin(ctx, c)
	if err != nil {
		return false, err
	}
	ok := s.put(&envelope.KeyRecord{
		ID: id, Created: created, Key: slices.Clone(r.Key), Parent: r.Parent,
		Revoked: r.Revoked,
	})
	if stored != nil {
		ok = stored(c, ok)
	}
	return ok, nil
}

// begin logs a call and runs the fault, if there is one, which may block.
func (s *fakeStore) begin(ctx context.Context, c call) (
	after func(call, *envelope.KeyRecord) *envelope.KeyRecord, stored func(call, bool) bool, err error,
) {
	s.mu.Lock()
	s.log = append(s.log, c)
	before, after, stored := s.before, s.after, s.stored
	s.mu.Unlock()
	if before != nil {
		if err := before(ctx, c); err != nil {
			return nil, nil, err
		}
	}
	return after, stored, ctx.Err()
}

func (s *fakeStore) put(r *envelope.KeyRecord) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.records[r.ID]
	i, found := slices.BinarySearchFunc(list, r.Created, func(r *envelope.KeyRecord, created int64) int {
		return int(r.Created - created)
	})
	if found {
		return false
	}
	s.records[r.ID] = slices.Insert(slices.Clone(list), i, r)
	return true
}

// fail has f run before every call; an error is what the call returns. nil ends it.
func (s *fakeStore) fail(f func(ctx context.Context, c call) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// failing has the calls with this name ("Load SK"; "" for all) return err.
func (s *fakeStore) failing(name string, err error) {
	s.fail(func(_ context.Context, c call) error {
		if name == "" || c.String() == name {
			return err
		}
		return nil
	})
}

// lie has what Load and LoadLatest find replaced. nil ends it.
func (s *fakeStore) lie(f func(c call, r *envelope.KeyRecord) *envelope.KeyRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = f
}

// lieStored has what Store says replaced. nil ends it.
func (s *fakeStore) lieStored(f func(c call, stored bool) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored = f
}

// calls returns the names of the calls since the last time, "Load SK" and so on.
func (s *fakeStore) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{}
	for _, c := range s.log {
		names = append(names, c.String())
	}
	s.log = nil
	return names
}

// created returns the times of creation of an id's records.
func (s *fakeStore) created(id string) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []int64
	for _, r := range s.records[id] {
		list = append(list, r.Created)
	}
	return list
}

// latest returns a copy of the newest record of an id.
func (s *fakeStore) latest(t testing.TB, id string) envelope.KeyRecord {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.records[id]
	if len(list) == 0 {
		t.Fatalf("no record of %s", id)
	}
	return *list[len(list)-1]
}

// edit replaces the newest record of an id with a changed copy, or removes it if change returns false.
func (s *fakeStore) edit(t testing.TB, id string, change func(r *envelope.KeyRecord) bool) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.records[id])
	if len(list) == 0 {
		t.Fatalf("no record of %s", id)
	}
	r := *list[len(list)-1]
	r.Key = slices.Clone(r.Key)
	list = list[:len(list)-1]
	if change(&r) {
		list = append(list, &r)
	}
	s.records[id] = list
}

// revoke marks the newest record of an id as revoked.
func (s *fakeStore) revoke(t testing.TB, id string) {
	t.Helper()
	s.edit(t, id, func(r *envelope.KeyRecord) bool { r.Revoked = true; return true })
}

// count returns the number of records.
func (s *fakeStore) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range s.records {
		n += len(list)
	}
	return n
}
