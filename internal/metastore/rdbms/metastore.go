// Package rdbms keeps key records in the table encryption_key of a relational database: one engine over database/sql,
// and what differs between databases in a dialect each.
//
// The table is the canonical one: id, created, key_record (the record's JSON text), primary key (id, created). created
// is UTC in whole seconds whatever the time zones of client and server.
package rdbms

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

var _ envelope.Metastore = (*Metastore)(nil)

// The pause between attempts after a transient error doubles from first to longest, and half of it is random.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

// Metastore is an envelope.Metastore over a database. It is safe for concurrent use.
type Metastore struct {
	db      *sql.DB
	dialect *dialect
	suffix  string
	wait    time.Duration // how long transient errors are retried
	writers chan struct{} // one element for each insert under way; nil: no bound
	closed  atomic.Bool
}

func newMetastore(db *sql.DB, d *dialect, suffix string, wait time.Duration) *Metastore {
	m := &Metastore{db: db, dialect: d, suffix: suffix, wait: wait}
	if d.writers > 0 {
		m.writers = make(chan struct{}, d.writers)
	}
	return m
}

// KeySuffix returns the region suffix, "" for none.
func (m *Metastore) KeySuffix() string { return m.suffix }

// Close closes the connections after the statements that run on them. Later calls are MetastoreFailed errors.
func (m *Metastore) Close() error {
	m.closed.Store(true)
	return m.db.Close()
}

// Load returns the record with exactly this id and created (Unix seconds), nil if there is none.
func (m *Metastore) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	bound, ok := m.dialect.bindCreated(created)
	if !ok {
		return nil, ctx.Err() // no row can have this time
	}
	record, err := m.query(ctx, id, m.dialect.load, id, bound)
	if err != nil || record == nil {
		return nil, err
	}
	if record.Created != created {
		return nil, m.unexpected("a row with another time of creation than was asked for")
	}
	return record, nil
}

// LoadLatest returns the record of this id with the largest created, nil if there is none.
func (m *Metastore) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	return m.query(ctx, id, m.dialect.latest, id)
}

// Store inserts record. It returns false if the primary key is taken; every other failure is an error. What the table
// cannot hold whole is an InvalidArgument error and never sent.
func (m *Metastore) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	bound, ok := m.dialect.bindCreated(created)
	if !ok {
		return false, envelope.Errorf(envelope.InvalidArgument, nil,
			"%s metastore: the time of creation %d is outside of what the table can hold", m.dialect.name, created)
	}
	text := record.AppendJSON(nil)
	if err := m.dialect.check(id, created, text); err != nil {
		return false, err
	}
	if m.writers != nil {
		select {
		case m.writers <- struct{}{}:
			defer func() { <-m.writers }()
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	err := m.retry(ctx, func() error {
		_, err := m.db.ExecContext(ctx, m.dialect.store, id, bound, string(text))
		return err
	})
	switch {
	case err == nil:
		return true, nil
	case m.dialect.duplicate(err):
		return false, nil
	default:
		return false, m.failed(ctx, "storing a key record", err)
	}
}

// query runs a statement that selects at most one row and reads its record.
func (m *Metastore) query(ctx context.Context, id, statement string, args ...any) (*envelope.KeyRecord, error) {
	var (
		rowID   string
		created any
		text    []byte
	)
	err := m.retry(ctx, func() error {
		return m.db.QueryRowContext(ctx, statement, args...).Scan(&rowID, &created, &text)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, m.failed(ctx, "loading a key record", err)
	case rowID != id:
		// Collations fold case, trailing blanks and normal forms: the row may be another partition's key.
		return nil, m.unexpected("the row of another key id: the column id folds ids that differ")
	}
	seconds, err := m.dialect.readCreated(created)
	if err != nil {
		return nil, envelope.Errorf(envelope.MetastoreFailed, err,
			"%s metastore: the column created holds a value that is not UTC in whole seconds", m.dialect.name)
	}
	record, err := envelope.ParseKeyRecord(text)
	if err != nil {
		return nil, err
	}
	record.ID, record.Created = rowID, seconds
	return record, nil
}

// retry runs attempt until it ends with something else than a transient error, until the context ends, or until the
// metastore's waiting time is over.
func (m *Metastore) retry(ctx context.Context, attempt func() error) error {
	err := attempt()
	if err == nil || !m.dialect.transient(err) {
		return err
	}
	deadline := time.Now().Add(m.wait)
	pause := firstPause
	for time.Now().Before(deadline) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		if err = attempt(); err == nil || !m.dialect.transient(err) {
			return err
		}
		pause = min(2*pause, longestPause)
	}
	return err
}

// failed is the error for a statement that ended with err: the context's own when that is why.
func (m *Metastore) failed(ctx context.Context, doing string, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if m.closed.Load() {
		return envelope.Errorf(envelope.MetastoreFailed, err, "%s metastore: it is closed", m.dialect.name)
	}
	return envelope.Errorf(envelope.MetastoreFailed, err,
		"%s metastore: %s failed: %s", m.dialect.name, doing, m.dialect.reason(err))
}

func (m *Metastore) unexpected(what string) error {
	return envelope.Errorf(envelope.MetastoreFailed, nil, "%s metastore: the database answered with %s",
		m.dialect.name, what)
}
