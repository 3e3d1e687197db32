// Package engine runs the T-SQL of package tsql over tables in memory.
package engine

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// Database is the one database of a server. Sessions use it from many goroutines.
type Database struct {
	Name      string
	Server    string
	Collation *sqltype.Collation
	Compat    int // compatibility level
	Zone      *time.Location
	Now       func() time.Time

	transactions atomic.Uint64
	turn         chan struct{} // holds one element while a statement or a transaction runs; what follows is its holder's

	tables     []*Table
	schemas    []string
	nextID     int
	rowVersion uint64
}

// NewDatabase makes an empty one.
func NewDatabase(name string, collation *sqltype.Collation) *Database {
	return &Database{
		Name: name, Server: "MSSQLTEST", Collation: collation, Compat: 150, Zone: time.UTC, Now: time.Now,
		turn: make(chan struct{}, 1), schemas: []string{"dbo", "guest", "INFORMATION_SCHEMA", "sys"}, nextID: 885578193,
	}
}

// take waits for the turn. A negative limit is none; past it the error is 1222.
func (d *Database) take(ctx context.Context, limit time.Duration) error {
	var over <-chan time.Time
	if limit >= 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case d.turn <- struct{}{}:
		return nil
	default:
	}
	select {
	case d.turn <- struct{}{}:
		return nil
	case <-over:
		return sqltype.Errorf(1222, 51, "Lock request time out period exceeded.")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Database) give() { <-d.turn }

// same compares names of objects as the database's collation does.
func (d *Database) same(a, b string) bool { return d.Collation.Key(a) == d.Collation.Key(b) }

// schema returns the schema's name as it was made, "" if there is none.
func (d *Database) schema(name string) string {
	for _, s := range d.schemas {
		if d.same(s, name) {
			return s
		}
	}
	return ""
}

// split takes a name apart: its schema, dbo if not said, and the last part; false for another database or server.
func (d *Database) split(name tsql.Name) (schema, object string, ok bool) {
	schema = "dbo"
	if n := len(name); n > 1 && name[n-2] != "" {
		schema = name[n-2]
	}
	for i, part := range name[:max(0, len(name)-2)] {
		if part != "" && (i < len(name)-3 || !d.same(part, d.Name)) {
			return "", "", false
		}
	}
	return schema, name.Last(), true
}

// table finds a table by name, or error 208.
func (d *Database) table(name tsql.Name) (*Table, error) {
	schema, object, ok := d.split(name)
	if ok {
		for _, t := range d.tables {
			if d.same(t.Schema, schema) && d.same(t.Name, object) {
				return t, nil
			}
		}
	}
	return nil, sqltype.Errorf(208, 1, "Invalid object name '%s'.", strings.Join(name, "."))
}

// id makes the number of a new object.
func (d *Database) id() int {
	d.nextID += 16000057
	return d.nextID & 0x7fffffff
}

// today is the server's clock.
func (d *Database) today() time.Time { return d.Now().In(d.Zone) }
