package mssqltest

import (
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// TestTransactionIsNamed: a request in a transaction names it, any other none; one that resets the session may be late.
func TestTransactionIsNamed(t *testing.T) {
	collation, err := sqltype.NamedCollation(sqltype.DefaultCollation)
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{session: engine.NewSession(engine.NewDatabase("keys", collation), 51, "", false)}
	if c.checkTransaction(0, false) != nil || c.checkTransaction(1, false) == nil || c.checkTransaction(1, true) != nil {
		t.Error("without a transaction")
	}
	c.session.Begin()
	own := c.session.Transaction()
	if c.checkTransaction(own, false) != nil || c.checkTransaction(0, false) == nil ||
		c.checkTransaction(own+1, false) == nil {
		t.Error("in a transaction")
	}
}
