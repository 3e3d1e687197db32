package rdbms

// dialect is what differs between databases. Statements use the database's own placeholders; their arguments are, in
// this order, id, created, key_record, as many of them as the statement has.
type dialect struct {
	name string // in messages

	load   string // one row by id and created: id, created, key_record
	latest string // one row by id, the largest created first: id, created, key_record
	store  string // plain INSERT

	// writers bounds the inserts that one Metastore has under way; 0: no bound.
	writers int

	// check refuses an id, time or text that the table cannot hold whole, with the reason.
	check func(id string, created int64, text []byte) error
	// bindCreated makes the argument for created (Unix seconds), false when no row can have it.
	bindCreated func(created int64) (any, bool)
	// readCreated makes Unix seconds of what the driver gives for the column created.
	readCreated func(column any) (int64, error)

	// duplicate recognises, by the database's own code only, that the primary key is taken.
	duplicate func(error) bool
	// transient recognises errors after which the same statement may succeed: nothing of it was done.
	transient func(error) bool
	// reason says what went wrong in words that hold no connection string, path, host or row data.
	reason func(error) string
}
