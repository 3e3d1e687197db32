package rdbms

import (
	"context"
	"database/sql"
	"time"
)

// dialect is what differs between databases.
type dialect struct {
	name string // in messages
	kind string // as the tool's `asherah ddl` has it
	ddl  string // the table for a new deployment

	// writers bounds the inserts that one Metastore has under way; 0: no bound.
	writers int
	// prepare keeps statements prepared on their connections, for drivers that otherwise prepare one for each call.
	prepare bool

	// inspect reads how the table is made, and changes nothing. It returns errNoTable if there is none.
	inspect func(ctx context.Context, conn *sql.Conn) (*Table, error)
	// layout chooses statements and the types of their arguments for a table. zone is Options.LocalZone.
	layout func(t *Table, zone *time.Location) (*layout, error)

	// duplicate recognises, by the database's own code only, that the primary key is taken.
	duplicate func(error) bool
	// transient recognises errors after which the same statement may succeed, beside those of isConnectionLost. A read or
	// an insert that was done in spite of the error is harmless to repeat.
	transient func(error) bool
	// readOnly recognises a server that takes no changes. After a failover pooled connections may be to such a one.
	readOnly func(error) bool
	// refusal says why the database cannot hold a row, "" for errors of another kind. It is what no check foresaw.
	refusal func(error) string
	// reason says what went wrong in words that hold no connection string, path, host or row data.
	reason func(error) string
}

// layout is how records go into one table and come back. Statements use the database's own placeholders; their
// arguments are, in this order, id, created, key_record, as many of them as the statement has.
type layout struct {
	load   statement // one row by id and created: id, created, key_record
	latest statement // one row by id, the largest created first: id, created, key_record
	store  statement // plain INSERT

	// check refuses an id, time or text that the table cannot hold whole, with the reason.
	check func(id string, created int64, text []byte) error
	// bindID makes the argument for id, of the column's own type: another one makes the database convert every row
	// instead of using its index. false: no row can have this id.
	bindID func(id string) (any, bool)
	// bindCreated makes the argument for created (Unix seconds), false when no row can have it.
	bindCreated func(created int64) (any, bool)
	// bindRecord makes the argument for key_record.
	bindRecord func(text []byte) any
	// readCreated makes Unix seconds of what the driver gives for the column created.
	readCreated func(column any) (int64, error)

	// local is for rows in local time, nil where there are none.
	local *localTimes

	// noStore is why this table must not get new rows, nil if it may.
	noStore error
}

// bindText is for databases where one type of text does for every column.
func bindText(id string) (any, bool) { return id, true }

func bindRecordText(text []byte) any { return string(text) }
