// Package memory is a metastore that lives as long as the process: for tests, demonstrations and benchmarks. What it
// seals cannot be opened after the process ends.
package memory

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/libasherah/libasherah/internal/envelope"
)

var _ envelope.Metastore = (*Metastore)(nil)

// shardCount spreads the locks, so that threads that load different keys do not share a cache line.
const shardCount = 64

// Metastore keeps key records in maps. It is safe for concurrent use and needs no closing.
type Metastore struct {
	suffix string
	seed   maphash.Seed
	shards [shardCount]shard
}

// shard holds every record of the ids that hash to it. The records of one id are one slice in the order of created:
// a record and its place as the latest one appear together, for readers as well.
type shard struct {
	mu      sync.RWMutex
	records map[string][]*envelope.KeyRecord
	_       [64]byte
}

// New makes an empty metastore without region suffix.
func New() *Metastore { return NewWithSuffix("") }

// NewWithSuffix makes an empty metastore whose key ids end in "_" and suffix; "" for none.
func NewWithSuffix(suffix string) *Metastore {
	m := &Metastore{suffix: suffix, seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].records = make(map[string][]*envelope.KeyRecord)
	}
	return m
}

// Load returns the record with exactly this id and created (Unix seconds), nil if there is none.
func (m *Metastore) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := m.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	records := s.records[id]
	if i, found := position(records, created); found {
		return records[i], nil
	}
	return nil, nil
}

// LoadLatest returns the record of this id with the largest created, nil if there is none.
func (m *Metastore) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := m.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if records := s.records[id]; len(records) > 0 {
		return records[len(records)-1], nil
	}
	return nil, nil
}

// Store adds a copy of record, or returns false if there is one with this id and created.
func (m *Metastore) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	kept := clone(id, created, record)
	s := m.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	records := s.records[id]
	i, found := position(records, created)
	if found {
		return false, nil
	}
	s.records[id] = slices.Insert(records, i, kept)
	return true, nil
}

// KeySuffix returns the region suffix, "" for none.
func (m *Metastore) KeySuffix() string { return m.suffix }

func (m *Metastore) shard(id string) *shard {
	return &m.shards[maphash.String(m.seed, id)%shardCount]
}

func position(records []*envelope.KeyRecord, created int64) (int, bool) {
	return slices.BinarySearchFunc(records, created, func(r *envelope.KeyRecord, created int64) int {
		return cmp.Compare(r.Created, created)
	})
}

// clone copies a record that stays its caller's into one that every later load shares.
func clone(id string, created int64, record *envelope.KeyRecord) *envelope.KeyRecord {
	kept := &envelope.KeyRecord{ID: id, Created: created, Key: slices.Clone(record.Key), Revoked: record.Revoked}
	if record.Parent != nil {
		parent := *record.Parent
		kept.Parent = &parent
	}
	return kept
}
