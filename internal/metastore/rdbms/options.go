package rdbms

import (
	"database/sql"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Options says which database server a metastore uses and how.
type Options struct {
	// ConnectionString names the server, the database and the user in one of the forms that the database's own clients
	// take. It is secret: no error and no log line shows any of it.
	ConnectionString string
	// KeySuffix is the region suffix of key ids, "" for none.
	KeySuffix string
	Pool      Pool
	// QueryTimeout bounds one attempt of one statement, waiting for a connection included. 0: ten seconds; negative: no
	// bound but the context's.
	QueryTimeout time.Duration
	// RetryFor bounds how long a call goes on after errors that pass by themselves: a lost or refused connection, a
	// deadlock, a server that starts. 0: five seconds; negative: one attempt.
	RetryFor time.Duration
	// ReplicaReadConsistency is what reads from an Aurora MySQL replica with write forwarding see: "eventual", "global",
	// "session", "" for the server's default. It is set on every connection.
	ReplicaReadConsistency string
	// LocalZone is the zone of clients that wrote created as their local time. nil: there are none. Such rows are read
	// besides those in UTC, by the time in the record itself; what is written is UTC.
	LocalZone *time.Location
}

// Pool bounds the connections of one metastore. 0 stands for the default, a negative number for no bound, except that
// MaxIdle then keeps none.
type Pool struct {
	MaxOpen     int           // connections at a time; default 20
	MaxIdle     int           // connections kept for later calls; default: all that were open
	MaxLifetime time.Duration // age at which a connection is replaced; default 30 minutes
	MaxIdleTime time.Duration // time after which an unused connection is closed; default 4 minutes
}

const (
	defaultQueryTimeout = 10 * time.Second
	defaultRetryFor     = 5 * time.Second

	// Keys are loaded seldom and in bursts, by many processes of a fleet.
	defaultMaxOpen = 20
	// A connection does not outlive a change of DNS, certificates or passwords for long.
	defaultMaxLifetime = 30 * time.Minute
	// Firewalls and Azure's gateway drop connections that were silent for about five minutes, without a word.
	defaultMaxIdleTime = 4 * time.Minute
)

func (p Pool) apply(db *sql.DB) {
	maxOpen := orDefault(p.MaxOpen, defaultMaxOpen)
	// Without a bound on open connections, as many idle ones are kept as there would be with the default one.
	db.SetMaxOpenConns(maxOpen)
	db.SetMaxIdleConns(orDefault(p.MaxIdle, max(maxOpen, defaultMaxOpen)))
	db.SetConnMaxLifetime(orDefault(p.MaxLifetime, defaultMaxLifetime))
	db.SetConnMaxIdleTime(orDefault(p.MaxIdleTime, defaultMaxIdleTime))
}

func orDefault[T int | time.Duration](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}

// configurationError is for a connection string or option that cannot be used. What a driver says of it may quote it,
// and is not kept as a cause.
func configurationError(database, format string, args ...any) error {
	return envelope.Errorf(envelope.Configuration, nil, database+" metastore: "+format, args...)
}
