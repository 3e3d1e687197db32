package rdbms

import (
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// createdText is how the table of SQLite, which has no type for times, holds created: text in UTC, 19 bytes, as the
// function datetime() and the other SDKs write it. Such texts sort like the times, for the years 0 to 9999.
const (
	createdText = "2006-01-02 15:04:05"
	minCreated  = -62167219200 // 0000-01-01 00:00:00 UTC
	maxCreated  = 253402300799 // 9999-12-31 23:59:59 UTC
)

// maxSQLiteText is the length of a text, in bytes, that SQLite takes by default.
const maxSQLiteText = 1_000_000_000

var sqliteDialect = &dialect{
	name:      "SQLite",
	kind:      "sqlite",
	ddl:       createSQLiteTable + ";\n",
	writers:   1, // SQLite has one writer at a time: better to wait here, where a context can end it
	inspect:   inspectSQLite,
	layout:    sqliteLayout,
	duplicate: isSQLiteDuplicate,
	transient: isSQLiteBusy,
	readOnly:  func(error) bool { return false },
	refusal:   func(error) string { return "" },
	reason:    sqliteReason,
}

// sqliteLayout does for every table, since SQLite keeps texts in any column. It reads created through a CAST, since the
// driver makes times of columns declared TIMESTAMP, in several spellings: the engine is to see the text as it is, and
// refuse another one.
func sqliteLayout(*Table, *time.Location) (*layout, error) {
	return &layout{
		load: statement{text: `SELECT id, CAST(created AS TEXT), key_record FROM encryption_key
			WHERE id = ?1 AND created = ?2`},
		latest: statement{text: `SELECT id, CAST(created AS TEXT), key_record FROM encryption_key
			WHERE id = ?1 ORDER BY created DESC LIMIT 1`},
		store:       statement{text: `INSERT INTO encryption_key (id, created, key_record) VALUES (?1, ?2, ?3)`},
		check:       checkSQLite,
		bindID:      bindText,
		bindCreated: bindSQLiteCreated,
		bindRecord:  bindRecordText,
		readCreated: readSQLiteCreated,
	}, nil
}

func checkSQLite(id string, _ int64, text []byte) error {
	if len(id) > maxSQLiteText || len(text) > maxSQLiteText {
		return sqliteError(nil, "the key id or the record is longer than SQLite can hold")
	}
	return nil
}

func bindSQLiteCreated(created int64) (any, bool) {
	if created < minCreated || created > maxCreated {
		return nil, false
	}
	return time.Unix(created, 0).UTC().Format(createdText), true
}

func readSQLiteCreated(column any) (int64, error) {
	text, ok := column.(string)
	if !ok {
		return 0, fmt.Errorf("created has the type %T", column)
	}
	if len(text) != len(createdText) { // Parse would take fractions of a second
		return 0, fmt.Errorf("created is %q, not of the form %q", text, createdText)
	}
	t, err := time.Parse(createdText, text)
	if err != nil {
		return 0, err
	}
	return t.Unix(), nil
}

func isSQLiteDuplicate(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) &&
		(e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey || e.ExtendedCode == sqlite3.ErrConstraintUnique)
}

func isSQLiteBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// sqliteReason names the cause by its code: the texts of SQLite may quote a schema or an operating system.
func sqliteReason(err error) string {
	var e sqlite3.Error
	switch {
	case errors.As(err, &e):
	default:
		return "the row is not of the table's form"
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return "another process or connection held the file's lock too long"
	case sqlite3.ErrReadonly:
		return "the file or its directory is read-only"
	case sqlite3.ErrPerm, sqlite3.ErrAuth:
		return "access is not permitted"
	case sqlite3.ErrCantOpen:
		return "the file, or one beside it (-wal, -shm), cannot be opened"
	case sqlite3.ErrNotADB:
		return "the file is not an SQLite database"
	case sqlite3.ErrCorrupt:
		return "the file is damaged"
	case sqlite3.ErrFull:
		return "the disk is full"
	case sqlite3.ErrIoErr:
		return "reading or writing the file failed"
	case sqlite3.ErrConstraint:
		return "the table has a constraint that the record does not meet"
	case sqlite3.ErrError:
		return "the table encryption_key is missing or has other columns than id, created, key_record"
	default:
		return fmt.Sprintf("SQLite code %d", int(e.ExtendedCode))
	}
}
