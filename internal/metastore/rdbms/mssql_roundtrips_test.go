package rdbms_test

import (
	"fmt"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// TestMSSQLRoundTrips: on an open connection, and once the table is known, a call is one round trip: nothing is
// prepared, reset or cancelled besides.
func TestMSSQLRoundTrips(t *testing.T) {
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[0].ddl)
	link := metastoretest.NewLink(t, fmt.Sprintf("%s:%d", d.standIn.Host(), d.standIn.Port()))
	m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado(fmt.Sprintf("Server=127.0.0.1,%d", link.Port()))})
	if err := m.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored := 0
	for name, call := range map[string]func() error{
		"Load":       func() error { _, err := m.Load(t.Context(), "_IK_b", wireCreated); return err },
		"LoadLatest": func() error { _, err := m.LoadLatest(t.Context(), "_IK_b"); return err },
		"Store": func() error {
			stored++
			id := fmt.Sprint("_IK_", stored)
			_, err := m.Store(t.Context(), id, wireCreated, wireRecord(id))
			return err
		},
	} {
		for range 20 {
			before := link.Turns()
			if err := call(); err != nil {
				t.Fatal(err)
			}
			if n := link.Turns() - before; n != 1 {
				t.Errorf("%s is %d round trips; want 1", name, n)
			}
		}
	}
}
