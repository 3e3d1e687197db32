// Package rdbms keeps key records in the table encryption_key of a relational database: one engine over database/sql,
// and what differs between databases in a dialect each.
//
// The table is the canonical one: id, created, key_record (the record's JSON text), primary key (id, created). created
// is UTC in whole seconds whatever the time zones of client and server.
package rdbms

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

var _ envelope.Metastore = (*Metastore)(nil)

// Metastore is an envelope.Metastore over a database. It is safe for concurrent use.
type Metastore struct {
	db       *sql.DB
	dialect  *dialect
	suffix   string
	zone     *time.Location // of rows in local time; nil: there are none
	timeout  time.Duration  // for one attempt; 0: none
	retryFor time.Duration  // how long transient errors are retried
	layout   atomic.Pointer[layout]
	writers  chan struct{} // one element for each insert under way; nil: no bound
	dropping atomic.Bool   // some call closes the idle connections
	closed   atomic.Bool
}

// open makes a metastore on a database server. Nothing is sent before the first call: a service starts while its
// database is down, and recovers with it.
func open(d *dialect, c driver.Connector, o Options) *Metastore {
	db := sql.OpenDB(c)
	o.Pool.apply(db)
	m := newMetastore(db, d, o.KeySuffix, orDefault(o.RetryFor, defaultRetryFor))
	m.zone = o.LocalZone
	m.timeout = max(0, orDefault(o.QueryTimeout, defaultQueryTimeout))
	return m
}

func newMetastore(db *sql.DB, d *dialect, suffix string, retryFor time.Duration) *Metastore {
	m := &Metastore{db: db, dialect: d, suffix: suffix, retryFor: retryFor}
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
	l, err := m.ready(ctx)
	if err != nil {
		return nil, err
	}
	boundID, validID := l.bindID(id)
	bound, valid := l.bindCreated(created)
	if !validID || !valid {
		return nil, ctx.Err() // no row can have this name
	}
	if l.local != nil {
		return m.loadLocal(ctx, l, id, created)
	}
	record, err := m.first(ctx, l, id, &l.load, boundID, bound)
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
	l, err := m.ready(ctx)
	if err != nil {
		return nil, err
	}
	bound, valid := l.bindID(id)
	if !valid {
		return nil, ctx.Err()
	}
	if l.local != nil {
		return m.loadLatestLocal(ctx, l, id)
	}
	return m.first(ctx, l, id, &l.latest, bound)
}

// Store inserts record. It returns false if the primary key is taken; every other failure is an error. What the table
// cannot hold whole is an InvalidArgument error, and never cut or changed to fit.
func (m *Metastore) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	l, err := m.ready(ctx)
	if err != nil {
		return false, err
	}
	if l.noStore != nil {
		return false, l.noStore
	}
	bound, valid := l.bindCreated(created)
	if !valid {
		return false, m.refused("the time of creation %d is outside of what the table can hold", created)
	}
	text := record.AppendJSON(nil)
	if err := l.check(id, created, text); err != nil {
		return false, err
	}
	boundID, valid := l.bindID(id)
	if !valid {
		return false, m.refused("the key id has characters that the column id cannot hold")
	}
	if m.writers != nil {
		select {
		case m.writers <- struct{}{}:
			defer func() { <-m.writers }()
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	attempts, err := m.retry(ctx, func(ctx context.Context) error {
		return l.store.exec(ctx, m, boundID, bound, l.bindRecord(text))
	})
	switch {
	case err == nil:
		return true, nil
	case m.dialect.duplicate(err):
		return m.taken(ctx, id, created, record.Key, attempts)
	case ctx.Err() == nil && m.dialect.refusal(err) != "":
		return false, m.refused("%s", m.dialect.refusal(err))
	default:
		return false, m.failed(ctx, "storing a key record", err)
	}
}

// taken is the result of an insert that found its name taken. Where the column id folds ids that differ, the row may be
// another key's, which is an error: nobody would ever find this one. And it may be this very record, which an earlier
// attempt stored without living to say so; another process's sealed key differs, by its random nonce.
func (m *Metastore) taken(ctx context.Context, id string, created int64, sealed []byte, attempts int) (bool, error) {
	found, err := m.Load(ctx, id, created)
	if err != nil {
		return false, err
	}
	return attempts > 1 && found != nil && bytes.Equal(found.Key, sealed), nil
}

// row is what a statement gives of one.
type row struct {
	id      string
	created any
	text    []byte
}

// first returns the record of the first row that a statement selects, nil if there is none.
func (m *Metastore) first(
	ctx context.Context, l *layout, id string, s *statement, args ...any,
) (*envelope.KeyRecord, error) {
	rows, err := m.query(ctx, s, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return m.record(l, id, rows[0])
}

// query runs a statement and returns its rows, of which there are few.
func (m *Metastore) query(ctx context.Context, s *statement, args ...any) ([]row, error) {
	var found []row
	_, err := m.retry(ctx, func(ctx context.Context) error {
		found = nil
		rows, err := s.query(ctx, m, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.id, &r.created, &r.text); err != nil {
				return err
			}
			found = append(found, r)
		}
		return rows.Err()
	})
	switch {
	case err == nil:
		return found, nil
	case ctx.Err() == nil && m.dialect.refusal(err) != "":
		return nil, m.refused("%s", m.dialect.refusal(err))
	default:
		return nil, m.failed(ctx, "loading a key record", err)
	}
}

// record reads the record of a row that was found by id.
func (m *Metastore) record(l *layout, id string, r row) (*envelope.KeyRecord, error) {
	if r.id != id {
		// Collations fold case, trailing blanks and normal forms: the row may be another partition's key.
		return nil, m.unexpected("the row of another key id: the column id folds ids that differ")
	}
	seconds, err := l.readCreated(r.created)
	if err != nil {
		return nil, m.badCreated(err)
	}
	record, err := envelope.ParseKeyRecord(r.text)
	if err != nil {
		return nil, err
	}
	if l.local != nil {
		if seconds, err = l.local.created(seconds, record.Created); err != nil {
			return nil, m.badCreated(err)
		}
	}
	record.ID, record.Created = r.id, seconds
	return record, nil
}

func (m *Metastore) badCreated(err error) error {
	return envelope.Errorf(envelope.MetastoreFailed, err,
		"%s metastore: the column created holds a value that is not UTC in whole seconds", m.dialect.name)
}

// failed is the error for a statement that ended with err: the context's own when that is why.
func (m *Metastore) failed(ctx context.Context, doing string, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if m.closed.Load() {
		return envelope.Errorf(envelope.MetastoreFailed, err, "%s metastore: it is closed", m.dialect.name)
	}
	reason := connectionReason(err)
	switch {
	case reason != "":
	case errors.Is(err, errNoTable):
		reason = "there is no table " + tableName + " that this user can see; `asherah ddl " + m.dialect.kind + "` prints one"
	default:
		reason = m.dialect.reason(err)
	}
	return envelope.Errorf(envelope.MetastoreFailed, err, "%s metastore: %s failed: %s", m.dialect.name, doing, reason)
}

func (m *Metastore) refused(format string, args ...any) error {
	return envelope.Errorf(envelope.InvalidArgument, nil, m.dialect.name+" metastore: "+format, args...)
}

func (m *Metastore) unexpected(what string) error {
	return envelope.Errorf(envelope.MetastoreFailed, nil, "%s metastore: the database answered with %s",
		m.dialect.name, what)
}
