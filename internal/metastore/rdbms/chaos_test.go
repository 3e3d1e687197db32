package rdbms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

// chaos has two kinds of process: one that bridges a restart with its attempts, and one that gives up soon and fails.
func chaos(t *testing.T, s *servertest.Server, open func(rdbms.Options) envelope.Metastore) {
	t.Helper()
	opened := 0
	problems := metastoretest.Chaos(t, metastoretest.Outages{
		Open: func(*testing.T) envelope.Metastore {
			opened++
			return open(rdbms.Options{RetryFor: map[bool]time.Duration{true: 50 * time.Millisecond}[opened%2 == 0]})
		},
		Kill: func(*testing.T) { s.Kill() },
		Start: func(t *testing.T) {
			if err := s.Start(); err != nil {
				t.Fatal(err)
			}
		},
	})
	if len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}

func TestPostgresChaos(t *testing.T) {
	server := postgresServer.Get(t)
	dsn := postgresTable(t, server, canonicalTable)
	chaos(t, server, func(o rdbms.Options) envelope.Metastore {
		o.ConnectionString = dsn
		return openPostgres(t, o)
	})
}

func TestMySQLChaos(t *testing.T) {
	server := mariaDBServer.Get(t)
	dsn := mysqlTable(t, server, canonicalMySQLTable)
	chaos(t, server, func(o rdbms.Options) envelope.Metastore {
		o.ConnectionString = dsn
		return openMySQL(t, o)
	})
}
