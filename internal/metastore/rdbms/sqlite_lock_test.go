package rdbms_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// holdConnections makes the pool open every connection that it may.
func holdConnections(t *testing.T, m *rdbms.Metastore) error {
	t.Helper()
	var (
		done   sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	for range 32 {
		done.Go(func() {
			for range 20 {
				if _, err := m.LoadLatest(t.Context(), "id"); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err, cause(err))
					mu.Unlock()
				}
			}
		})
	}
	done.Wait()
	return failed
}

// checkContextEndsWait: with the file locked, a context ends a store, and those that wait behind it in this process.
func checkContextEndsWait(t *testing.T, m *rdbms.Metastore, record *envelope.KeyRecord) {
	t.Helper()
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			start := time.Now()
			stored, err := m.Store(ctx, "id", 1, record)
			waited := time.Since(start)
			if stored || !errors.Is(err, context.DeadlineExceeded) || waited > 2*time.Second {
				t.Errorf("Store = %v, %v after %v; want the context's error after 100 ms", stored, err, waited)
			}
		})
	}
	done.Wait()
}

func refusedWhileLocked(t *testing.T, path string) {
	t.Helper()
	m, err := rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{Path: path, Wait: 100 * time.Millisecond})
	if err == nil {
		_ = m.Close()
	}
	if envelope.CodeOf(err) != envelope.MetastoreFailed {
		t.Errorf("opening a locked file: %v; want MetastoreFailed", err)
	}
}
