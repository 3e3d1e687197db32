package rdbms

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// statement is a query or an insert, prepared once where that saves a round trip on each use.
type statement struct {
	text     string
	prepared atomic.Pointer[sql.Stmt]
}

func (s *statement) query(ctx context.Context, m *Metastore, args ...any) (*sql.Rows, error) {
	if !m.dialect.prepare {
		return m.db.QueryContext(ctx, s.text, args...)
	}
	prepared, err := s.prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(ctx, args...)
}

func (s *statement) exec(ctx context.Context, m *Metastore, args ...any) error {
	if !m.dialect.prepare {
		_, err := m.db.ExecContext(ctx, s.text, args...)
		return err
	}
	prepared, err := s.prepare(ctx, m)
	if err != nil {
		return err
	}
	_, err = prepared.ExecContext(ctx, args...)
	return err
}

// prepare returns the statement for the whole pool, which prepares it anew on each connection. It is closed with the
// pool.
func (s *statement) prepare(ctx context.Context, m *Metastore) (*sql.Stmt, error) {
	if prepared := s.prepared.Load(); prepared != nil {
		return prepared, nil
	}
	prepared, err := m.db.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, err
	}
	if !s.prepared.CompareAndSwap(nil, prepared) { // another call was faster
		_ = prepared.Close()
	}
	return s.prepared.Load(), nil
}
