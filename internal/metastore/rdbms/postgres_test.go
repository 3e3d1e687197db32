package rdbms_test

import (
	"database/sql"
	"strings"
	"testing"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

// Tables as people have them. The canonical one is that of the documentation of the other SDKs, without its index.
const (
	canonicalTable = `CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL DEFAULT
		CURRENT_TIMESTAMP, key_record TEXT NOT NULL, PRIMARY KEY (id, created))`
	timestamptzTable = `CREATE TABLE encryption_key (id TEXT NOT NULL, created TIMESTAMPTZ NOT NULL,
		key_record TEXT NOT NULL, PRIMARY KEY (id, created))`
	wholeSecondsTable = `CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP(0) NOT NULL,
		key_record JSON NOT NULL, UNIQUE (created, id))`
	foldingTable = `CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
		CREATE TABLE encryption_key (id VARCHAR(255) COLLATE folds NOT NULL, created TIMESTAMPTZ NOT NULL,
		key_record TEXT NOT NULL, PRIMARY KEY (id, created))`
)

func openPostgres(t *testing.T, o rdbms.Options) *rdbms.Metastore {
	t.Helper()
	m, err := rdbms.OpenPostgres(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// rawPostgres is a connection as any other program has it.
func rawPostgres(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func postgresTable(t *testing.T, s *servertest.Server, ddl string) (dsn string) {
	t.Helper()
	return s.NewPostgresSchema(t, ddl)
}

func upToRunes(n int) func(string) bool {
	return func(id string) bool { return utf8.RuneCountInString(id) <= n }
}

func TestPostgresConformance(t *testing.T) {
	server := postgresServer.Get(t)
	ddl, err := rdbms.DDL("postgres")
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]struct {
		ddl     string
		holdsID func(string) bool
	}{
		"canonical":     {canonicalTable, upToRunes(255)},
		"timestamptz":   {timestamptzTable, func(id string) bool { return len(id) <= 1<<17 }}, // what the index can pack
		"whole seconds": {wholeSecondsTable, upToRunes(255)},
		"folding":       {foldingTable, upToRunes(255)},
		"ddl":           {ddl, upToRunes(512)},
	} {
		t.Run(name, func(t *testing.T) {
			used := map[envelope.Metastore]string{}
			open := func(t *testing.T) (*rdbms.Metastore, string) {
				dsn := postgresTable(t, server, table.ddl)
				m := openPostgres(t, rdbms.Options{ConnectionString: dsn})
				used[m] = dsn
				return m, dsn
			}
			h := metastoretest.Harness{
				Open: func(t *testing.T) envelope.Metastore { m, _ := open(t); return m },
				Reopen: func(t *testing.T, first envelope.Metastore) envelope.Metastore {
					return openPostgres(t, rdbms.Options{ConnectionString: used[first]})
				},
				MinCreated: -210866803200, MaxCreated: 9224318015999,
				HoldsID: table.holdsID, MayRefuseIDs: true,
			}
			if name == "canonical" {
				h.OpenLinked = func(t *testing.T) (envelope.Metastore, *metastoretest.Link) {
					link := metastoretest.NewLink(t, server.Address())
					dsn := strings.Replace(postgresTable(t, server, table.ddl), server.Address(), link.Address(), 1)
					return openPostgres(t, rdbms.Options{ConnectionString: dsn}), link
				}
				h.Restart = func(t *testing.T, _ envelope.Metastore) {
					server.Kill()
					if err := server.Start(); err != nil {
						t.Fatal(err)
					}
				}
			}
			metastoretest.Run(t, h)
		})
	}
}
