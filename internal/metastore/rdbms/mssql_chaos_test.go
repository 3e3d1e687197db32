package rdbms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// TestMSSQLChaos: the server goes and comes back under the load of processes that bridge that with their attempts, and
// of others that give up soon and fail.
func TestMSSQLChaos(t *testing.T) {
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[0].ddl)
	opened := 0
	problems := metastoretest.Chaos(t, metastoretest.Outages{
		Open: func(t *testing.T) envelope.Metastore {
			opened++
			o := rdbms.Options{ConnectionString: d.ado()}
			if opened%2 == 0 {
				o.RetryFor = 50 * time.Millisecond
			}
			return openMSSQL(t, o)
		},
		Kill: func(*testing.T) { d.standIn.Stop() },
		Start: func(t *testing.T) {
			if err := d.standIn.Restart(); err != nil {
				t.Fatal(err)
			}
		},
	})
	if len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}
