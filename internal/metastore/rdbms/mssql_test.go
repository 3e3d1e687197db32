package rdbms_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

func TestMSSQLConformance(t *testing.T) {
	zone, err := time.LoadLocation("Australia/Lord_Howe")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range mssqlTables(t) {
		t.Run(table.name, func(t *testing.T) {
			open := func(t *testing.T, setup ...string) mssqlDatabase {
				return standInMSSQL(t, mssqltest.Options{Zone: zone, NoCount: true}, setup...)
			}
			h := harnessMSSQL(table, open)
			servers := map[envelope.Metastore]*mssqltest.Server{}
			h.Open = func(t *testing.T) envelope.Metastore {
				d := open(t, table.ddl)
				m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
				servers[m] = d.standIn
				return m
			}
			h.Reopen = func(t *testing.T, first envelope.Metastore) envelope.Metastore {
				s := servers[first]
				return openMSSQL(t, rdbms.Options{ConnectionString: s.URL("certificate=" + s.CertificateFile())})
			}
			h.OpenLinked = func(t *testing.T) (envelope.Metastore, *metastoretest.Link) {
				d := open(t, table.ddl)
				link := metastoretest.NewLink(t, fmt.Sprintf("%s:%d", d.standIn.Host(), d.standIn.Port()))
				text := d.ado(fmt.Sprintf("Server=127.0.0.1,%d", link.Port()))
				return openMSSQL(t, rdbms.Options{ConnectionString: text}), link
			}
			h.Restart = func(t *testing.T, m envelope.Metastore) {
				if err := servers[m].Restart(); err != nil {
					t.Fatal(err)
				}
			}
			metastoretest.Run(t, h)
		})
	}
}

// TestMSSQLLive runs the suite against a real server.
func TestMSSQLLive(t *testing.T) {
	if os.Getenv(liveMSSQL) == "" {
		t.Skip(liveMSSQL + " is not set")
	}
	for _, table := range mssqlTables(t) {
		t.Run(table.name, func(t *testing.T) { metastoretest.Run(t, harnessMSSQL(table, liveMSSQLDatabase)) })
	}
}
