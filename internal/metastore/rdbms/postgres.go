package rdbms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/libasherah/libasherah/internal/envelope"
)

// PostgreSQL's times have microseconds in 64 bits around the year 2000. These are the whole seconds among them.
const (
	minPostgresCreated = -210866803200 // 4714-11-24 BC, the first day of the Julian calendar
	maxPostgresCreated = 9224318015999 // 294276-12-31 23:59:59
)

var postgresDialect = &dialect{
	name: "PostgreSQL",
	kind: "postgres",
	// TIMESTAMPTZ means one moment, whatever zone a client and its driver are in. The collation C compares bytes.
	ddl: `CREATE TABLE encryption_key (
	id VARCHAR(512) COLLATE "C" NOT NULL,
	created TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
	key_record TEXT NOT NULL,
	PRIMARY KEY (id, created)
);
`,
	inspect:   inspectPostgres,
	layout:    postgresLayout,
	duplicate: func(err error) bool { return postgresCode(err) == "23505" },
	transient: isPostgresTransient,
	readOnly:  func(err error) bool { return postgresCode(err) == "25006" },
	refusal:   postgresRefusal,
	reason:    postgresReason,
}

// OpenPostgres makes a metastore on PostgreSQL. The connection string is a URL (postgres://), keywords and values as
// libpq has them (host=… dbname=…), or the form of Npgsql (Host=…;Database=…). What it leaves out comes from the PG*
// variables of the environment and the password file, as with libpq.
//
// Without sslmode, TLS is used where the server has it, unverified, as libpq does; a warning is logged where a server
// on another host could be spoken to without it. Nothing is sent before the first call. Errors are of class
// Configuration.
func OpenPostgres(o Options) (*Metastore, error) {
	if o.ReplicaReadConsistency != "" {
		return nil, configurationError("PostgreSQL", "ReplicaReadConsistency is for Aurora MySQL only; remove it")
	}
	connector, err := postgresConnector(&o)
	if err != nil {
		return nil, err
	}
	return open(postgresDialect, connector, o), nil
}

// postgresLayout: a TIMESTAMP without zone holds the digits of UTC.
func postgresLayout(t *Table, zone *time.Location) (*layout, error) {
	id, created, record := t.Column("id"), t.Column("created"), t.Column("key_record")
	l := &layout{
		load: statement{text: `SELECT id, created, key_record FROM encryption_key WHERE id = $1 AND created = $2`},
		latest: statement{text: `SELECT id, created, key_record FROM encryption_key WHERE id = $1
			ORDER BY created DESC LIMIT 1`},
		store:       statement{text: `INSERT INTO encryption_key (id, created, key_record) VALUES ($1, $2, $3)`},
		bindCreated: bindPostgresCreated,
		bindRecord:  bindRecordText,
		readCreated: readPostgresCreated,
	}
	if !slices.Contains([]string{"varchar", "text", "bpchar", "citext"}, id.Type) {
		return nil, columnError("PostgreSQL", id, "VARCHAR or TEXT")
	}
	if !slices.Contains([]string{"varchar", "text", "bpchar", "json", "jsonb"}, record.Type) {
		return nil, columnError("PostgreSQL", record, "TEXT")
	}
	switch {
	case created.Type != "timestamp" && created.Type != "timestamptz":
		return nil, columnError("PostgreSQL", created, "TIMESTAMP or TIMESTAMPTZ")
	case created.Type == "timestamp" && zone != nil:
		l.readLocal(zone, `SELECT id, created, key_record FROM encryption_key WHERE id = $1 AND created IN ($2, $3)`,
			`SELECT id, created, key_record FROM encryption_key WHERE id = $1 AND created >=
			(SELECT max(created) - INTERVAL '27 hours' FROM encryption_key WHERE id = $1) ORDER BY created DESC`)
	}
	l.bindID = func(id string) (any, bool) { return id, !strings.ContainsRune(id, 0) && utf8.ValidString(id) }
	l.check = func(keyID string, _ int64, text []byte) error {
		switch {
		case strings.ContainsRune(keyID, 0):
			return envelope.Errorf(envelope.InvalidArgument, nil,
				"PostgreSQL metastore: the key id has a NUL (U+0000), which PostgreSQL does not store")
		case id.Length > 0 && utf8.RuneCountInString(keyID) > id.Length:
			return tooLong("PostgreSQL", "key id", utf8.RuneCountInString(keyID), id)
		case record.Length > 0 && utf8.RuneCount(text) > record.Length:
			return tooLong("PostgreSQL", "record", utf8.RuneCount(text), record)
		}
		return nil
	}
	return l, nil
}

// bindPostgresCreated: the driver encodes a time as what the column is, or as a text that is read as that.
func bindPostgresCreated(created int64) (any, bool) {
	if created < minPostgresCreated || created > maxPostgresCreated {
		return nil, false
	}
	return time.Unix(created, 0).UTC(), true
}

func readPostgresCreated(column any) (int64, error) {
	t, ok := column.(time.Time)
	if !ok {
		return 0, fmt.Errorf("created has the type %T", column)
	}
	if t.Nanosecond() != 0 {
		return 0, errors.New("created has a fraction of a second")
	}
	return t.Unix(), nil
}

// postgresCode is the SQLSTATE of an error of the server, "" for others.
func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// isPostgresTransient: deadlocks and serialisation failures, a server that starts, stops or has no connection to spare,
// and a prepared statement that a pooler or a change of the table has taken away.
func isPostgresTransient(err error) bool {
	switch code := postgresCode(err); code {
	case "40001", "40P01", "53300", "57P01", "57P02", "57P03", "26000":
		return true
	case "0A000":
		return strings.Contains(err.Error(), "cached plan")
	default:
		return strings.HasPrefix(code, "08")
	}
}

func postgresRefusal(err error) string {
	switch postgresCode(err) {
	case "22001":
		return "the key id or the record is longer than its column"
	case "54000":
		return "the key id is too long for the table's index"
	case "22P05", "22021":
		return "the key id has characters that the database's encoding does not have"
	case "22008":
		return "the time of creation is outside of what the table can hold"
	default:
		return ""
	}
}

func postgresReason(err error) string {
	switch code := postgresCode(err); code {
	case "28000", "28P01":
		return "the server does not accept the user, the password, or the way of connecting"
	case "3D000":
		return "the database does not exist"
	case "42501":
		return "the user may not read or may not write the table encryption_key; grant SELECT and INSERT"
	case "42P01", "42703":
		return "the table encryption_key is missing or has other columns than id, created, key_record"
	case "25006":
		return "the server takes no changes: it is a replica, or the database is read-only"
	case "53100":
		return "the server's disk is full"
	case "57014":
		return "the server cancelled the statement"
	case "":
		return postgresClientReason(err)
	default:
		return "PostgreSQL code " + code
	}
}

// postgresClientReason is for errors that the driver makes: it has no types for them.
func postgresClientReason(err error) string {
	var connecting *pgconn.ConnectError
	switch {
	case !errors.As(err, &connecting):
		return "the row is not of the table's form"
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return "the server has no TLS, which the connection string demands"
	default:
		return "connecting failed"
	}
}
