package mssqltest

import (
	"crypto/rand"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// Options says what kind of server Start makes. Zero values mean what the comments say.
type Options struct {
	// Setup is run at the start: batches of CREATE TABLE and what else the test wants to be there. The types of the
	// columns and their collations are chosen here.
	Setup []string

	Database  string // "keys"; the names of others are refused with error 4060
	User      string // "asherah"
	Password  string // made at random
	Collation string // of the database; "SQL_Latin1_General_CP1_CI_AS", as installers have it

	Encryption Encryption     // Required
	Names      []string       // in the certificate: 127.0.0.1 and localhost
	Zone       *time.Location // of the server's clock: UTC
	NoCount    bool           // sessions begin with SET NOCOUNT ON, as the server option "user options" does it
	Compat     int            // compatibility level of the database, 150 (SQL Server 2019); at least 100
	MaxRequest int            // bytes in one request, 64 MiB
}

// Encryption is what the server answers to a client's wish for encryption.
type Encryption int

// Every one but NotSupported speaks TDS 8.0 as well, where TLS comes first.
const (
	Required     Encryption = iota // all or nothing: clients that cannot are refused
	Optional                       // as the client wishes; the login is encrypted anyway
	NotSupported                   // no TLS at all
	Strict                         // TDS 8.0 only
)

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		to *string
		is string
	}{{&o.Database, "keys"}, {&o.User, "asherah"}, {&o.Password, rand.Text()}, {&o.Collation, sqltype.DefaultCollation}} {
		if *d.to == "" {
			*d.to = d.is
		}
	}
	if len(o.Names) == 0 {
		o.Names = []string{loopback, "localhost"}
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Compat == 0 {
		o.Compat = 150
	}
	if o.MaxRequest == 0 {
		o.MaxRequest = 64 << 20
	}
	return o
}
