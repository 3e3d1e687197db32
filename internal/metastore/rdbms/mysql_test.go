package rdbms_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

const (
	// The table of the documentation of the other SDKs, which takes the collation of the database: it ignores case,
	// accents and blanks at the end.
	canonicalMySQLTable = `CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL DEFAULT
		CURRENT_TIMESTAMP, key_record TEXT NOT NULL, PRIMARY KEY (id, created), INDEX (created))`
	exactMySQLTable = `CREATE TABLE encryption_key (id VARCHAR(255) COLLATE utf8mb4_nopad_bin NOT NULL,
		created DATETIME(6) NOT NULL, key_record LONGTEXT NOT NULL, PRIMARY KEY (created, id))`
	binaryMySQLTable = `CREATE TABLE encryption_key (id VARBINARY(600) NOT NULL, created DATETIME NOT NULL,
		key_record JSON NOT NULL, UNIQUE (id, created))`
	latinMySQLTable = `CREATE TABLE encryption_key (id VARCHAR(255) CHARACTER SET latin1 NOT NULL,
		created DATETIME NOT NULL, key_record TEXT NOT NULL, PRIMARY KEY (id, created))`
	prefixMySQLTable = `CREATE TABLE encryption_key (id TEXT COLLATE utf8mb4_nopad_bin NOT NULL, created DATETIME NOT NULL,
		key_record TEXT NOT NULL, PRIMARY KEY (id(200), created))`
)

func openMySQL(t *testing.T, o rdbms.Options) *rdbms.Metastore {
	t.Helper()
	m, err := rdbms.OpenMySQL(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// rawMySQL is a connection as any other program has it.
func rawMySQL(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mysqlTable(t *testing.T, s *servertest.Server, ddl string) (dsn string) {
	t.Helper()
	return s.NewMySQLDatabase(t, ddl)
}

// timestampHolds says whether the digits of created in UTC are a time in zone, and one that a TIMESTAMP has.
func timestampHolds(zone *time.Location) func(int64) bool {
	return func(created int64) bool {
		if created < -62135596800 || created > 253402300799 {
			return false
		}
		utc := time.Unix(created, 0).UTC()
		there := time.Date(utc.Year(), utc.Month(), utc.Day(), utc.Hour(), utc.Minute(), utc.Second(), 0, zone)
		return there.Hour() == utc.Hour() && there.Unix() >= 1 && there.Unix() < 1<<31
	}
}

// mysqlCase is a table with what it can hold.
type mysqlCase struct {
	ddl          string
	holdsID      func(string) bool
	holdsCreated func(int64) bool
	exact        bool // no two ids are the same
}

func upToBytes(n int) func(string) bool { return func(id string) bool { return len(id) <= n } }

// mysqlCases are tables that MariaDB and MySQL have, in a session of this zone.
func mysqlCases(t *testing.T, zone string) map[string]mysqlCase {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	ddl, err := rdbms.DDL("mysql")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]mysqlCase{
		"canonical": {ddl: canonicalMySQLTable, holdsID: upToRunes(255), holdsCreated: timestampHolds(location)},
		"binary":    {ddl: binaryMySQLTable, holdsID: upToBytes(600), exact: true},
		"latin1": {ddl: latinMySQLTable, holdsID: func(id string) bool {
			return upToRunes(255)(id) && !strings.Contains(id, "🔑")
		}},
		"ddl": {ddl: ddl, holdsID: upToRunes(512)},
	}
}

// mysqlHarness runs the suite on databases that make makes with a table and returns a DSN of.
func mysqlHarness(c mysqlCase, makeDatabase func(t testing.TB, ddl ...string) string) metastoretest.Harness {
	used := map[envelope.Metastore]string{}
	return metastoretest.Harness{
		Open: func(t *testing.T) envelope.Metastore {
			dsn := makeDatabase(t, c.ddl)
			m := openMySQL(t, rdbms.Options{ConnectionString: dsn})
			used[m] = dsn
			return m
		},
		Reopen: func(t *testing.T, first envelope.Metastore) envelope.Metastore {
			return openMySQL(t, rdbms.Options{ConnectionString: used[first]})
		},
		MinCreated: -30610224000, MaxCreated: 253402300799, HoldsCreated: c.holdsCreated,
		HoldsID: c.holdsID, MayRefuseIDs: !c.exact,
	}
}

func TestMySQLConformance(t *testing.T) {
	server := mariaDBServer.Get(t)
	cases := mysqlCases(t, mariaDBZone)
	cases["exact"] = mysqlCase{ddl: exactMySQLTable, holdsID: upToRunes(255), exact: true}
	cases["prefix"] = mysqlCase{ddl: prefixMySQLTable, holdsID: upToBytes(200), exact: true}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := mysqlHarness(c, server.NewMySQLDatabase)
			if name == "canonical" {
				h.OpenLinked = func(t *testing.T) (envelope.Metastore, *metastoretest.Link) {
					link := metastoretest.NewLink(t, server.Address())
					dsn := strings.Replace(mysqlTable(t, server, c.ddl), server.Address(), link.Address(), 1)
					return openMySQL(t, rdbms.Options{ConnectionString: dsn}), link
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
