package rdbms_test

import (
	"context"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/seccache"
)

// turns returns how many round trips f makes.
func turns(t *testing.T, link *metastoretest.Link, f func() error) int {
	t.Helper()
	before := link.Turns()
	if err := f(); err != nil {
		t.Fatal(err, cause(err))
	}
	return link.Turns() - before
}

func newFactory(t testing.TB, m envelope.Metastore) *envelope.Factory {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	key, err := arena.NewSecret(32)
	if err != nil {
		t.Fatal(err)
	}
	kms, err := static.New(arena, key)
	if err != nil {
		t.Fatal(err)
	}
	f, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: m, KMS: kms, Policy: envelope.DefaultPolicy(), Memory: arena,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// TestRoundTrips: a call is one round trip, a cold partition costs one call, and what is cached costs none.
func TestRoundTrips(t *testing.T) {
	postgres, mariaDB := postgresServer.Get(t), mariaDBServer.Get(t)
	pool := rdbms.Pool{MaxOpen: 1}
	for name, open := range map[string]func() (*rdbms.Metastore, *metastoretest.Link){
		"PostgreSQL": func() (*rdbms.Metastore, *metastoretest.Link) {
			link := metastoretest.NewLink(t, postgres.Address())
			dsn := strings.Replace(postgresTable(t, postgres, canonicalTable), postgres.Address(), link.Address(), 1)
			return openPostgres(t, rdbms.Options{ConnectionString: dsn, Pool: pool}), link
		},
		"MariaDB": func() (*rdbms.Metastore, *metastoretest.Link) {
			link := metastoretest.NewLink(t, mariaDB.Address())
			dsn := strings.Replace(mysqlTable(t, mariaDB, canonicalMySQLTable), mariaDB.Address(), link.Address(), 1)
			return openMySQL(t, rdbms.Options{ConnectionString: dsn, Pool: pool}), link
		},
	} {
		m, link := open()
		encrypt := func(s *envelope.Session) func() error {
			return func() error {
				_, err := s.EncryptBytes(context.Background(), []byte("text"))
				return err
			}
		}
		session := func(f *envelope.Factory, partition string) *envelope.Session {
			s, err := f.Session(partition)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			return s
		}
		first := newFactory(t, m) // makes the keys
		for _, partition := range []string{"warm", "cold", "colder"} {
			turns(t, link, encrypt(session(first, partition)))
		}
		r := recordOf(t)
		if _, err := m.Load(t.Context(), "id", 0); err != nil { // now every statement is prepared on the connection
			t.Fatal(err)
		}
		for call, f := range map[string]func() error{
			"Load":       func() error { _, err := m.Load(t.Context(), "id", 1709663400); return err },
			"LoadLatest": func() error { _, err := m.LoadLatest(t.Context(), "id"); return err },
			"Store":      func() error { _, err := m.Store(t.Context(), "id", 1709663400, r); return err },
		} {
			if n := turns(t, link, f); n != 1 {
				t.Errorf("%s: %s is %d round trips; want 1", name, call, n)
			}
		}
		second := newFactory(t, m)
		warm := session(second, "warm")
		if n := turns(t, link, encrypt(warm)); n != 2 {
			t.Errorf("%s: the first encryption of a factory is %d round trips; want 2, for two keys", name, n)
		}
		for _, partition := range []string{"cold", "colder"} {
			if n := turns(t, link, encrypt(session(second, partition))); n != 1 {
				t.Errorf("%s: a cold partition is %d round trips; want 1", name, n)
			}
		}
		if n := turns(t, link, func() error {
			for range 100_000 {
				if err := encrypt(warm)(); err != nil {
					return err
				}
			}
			return nil
		}); n != 0 {
			t.Errorf("%s: 100 000 encryptions with cached keys are %d round trips; want 0", name, n)
		}
	}
}
