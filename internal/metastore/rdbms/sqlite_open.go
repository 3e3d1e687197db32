package rdbms

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/libasherah/libasherah/internal/envelope"
)

const (
	// sqliteWait is how long a call waits, in all, for locks that other processes hold.
	sqliteWait = 10 * time.Second
	// sqliteSlice is how much of it SQLite waits by itself, where no context can end the wait.
	sqliteSlice = "50"
	// sqliteConnections bounds the connections, and the threads in them, of one metastore. They are kept open: the last
	// one to close copies the log back into the file.
	sqliteConnections = 8
)

const createSQLiteTable = `CREATE TABLE IF NOT EXISTS encryption_key (
	id VARCHAR(255) NOT NULL,
	created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	key_record TEXT NOT NULL,
	PRIMARY KEY (id, created)
)`

// SQLiteOptions says which file OpenSQLiteWith opens and how.
type SQLiteOptions struct {
	Path      string        // of the file; a relative one is resolved now, once
	Create    bool          // make the file and the table where they are missing; the directory must be there
	Unchanged bool          // write nothing when opening: without the switch to write-ahead logging
	KeySuffix string        // region suffix of key ids, "" for none
	Wait      time.Duration // for locks of other processes, in all; 0: ten seconds
}

// OpenSQLite opens the SQLite file at path, without region suffix. See OpenSQLiteWith.
func OpenSQLite(path string, create bool) (*Metastore, error) {
	return OpenSQLiteWith(SQLiteOptions{Path: path, Create: create})
}

// OpenSQLiteWith opens a SQLite file for reading and writing, and checks that it has the table. Several processes may
// have the file open, on a local disk. It is switched to write-ahead logging, so that readers do not wait for writers.
//
// A new file has mode 0600 (less what the umask takes): what is in it is sealed, but shows who has data and when keys
// were made, and whoever can write to it can destroy every key. The mode of an existing file is left as it is; the
// files that SQLite makes beside it (-wal, -shm) get the same one.
//
// Errors are of class Configuration for a path that cannot be one, else MetastoreFailed. Messages do not name the path.
func OpenSQLiteWith(o SQLiteOptions) (*Metastore, error) {
	if o.Wait == 0 {
		o.Wait = sqliteWait
	}
	path, err := sqlitePath(o.Path)
	if err != nil {
		return nil, err
	}
	if o.Create {
		if err := makeSQLiteFile(path); err != nil {
			return nil, err
		}
	}
	db := sql.OpenDB(sqliteConnector(path))
	db.SetMaxOpenConns(sqliteConnections)
	db.SetMaxIdleConns(sqliteConnections)
	m := newMetastore(db, sqliteDialect, o.KeySuffix, o.Wait)
	l, _ := sqliteLayout(nil, nil)
	m.layout.Store(l)
	_, err = m.retry(context.Background(), func(ctx context.Context) error { return prepareSQLite(ctx, db, o) })
	if err != nil {
		_ = db.Close()
		return nil, explainSQLiteOpen(path, err)
	}
	return m, nil
}

// sqlitePath makes path absolute: the pool opens connections later, when the working directory may be another one.
func sqlitePath(path string) (string, error) {
	switch {
	case path == "" || strings.ContainsRune(path, 0):
		return "", envelope.Errorf(envelope.Configuration, nil,
			"SQLite metastore: the path of the file is empty or has a NUL")
	case path == ":memory:" || strings.HasPrefix(path, "file:"):
		return "", envelope.Errorf(envelope.Configuration, nil,
			`SQLite metastore: a path is expected, not ":memory:" or "file:"; for keys in memory use the metastore "memory"`)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", sqliteError(err, "the working directory is not known; give an absolute path")
	}
	return absolute, nil
}

// makeSQLiteFile makes an empty file, which is an empty database, unless something is there already. It goes without a
// file descriptor: closing one would drop every lock that SQLite holds on the file in this process.
func makeSQLiteFile(path string) error {
	err := syscall.Mknod(path, syscall.S_IFREG|0o600, 0)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return sqliteError(err, "the directory of the file does not exist; make it")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return sqliteError(err, "the file does not exist and its directory is read-only")
	default:
		return sqliteError(err, "the file cannot be made")
	}
}

// sqliteConnector is a driver.Connector for an absolute path.
type sqliteConnector string

func (path sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	settings := url.Values{
		"mode":             {"rw"}, // a file that went away is an error, not an empty one in its place
		"_busy_timeout":    {sqliteSlice},
		"_stmt_cache_size": {"8"},
		// A record that was acknowledged must survive a loss of power: data sealed under it may be elsewhere already.
		"_synchronous": {"FULL"},
	}
	name := url.URL{Scheme: "file", OmitHost: true, Path: string(path), RawQuery: settings.Encode()}
	return path.Driver().Open(name.String())
}

func (sqliteConnector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// prepareSQLite makes the table where it may, has the file use write-ahead logging, and checks that the file can be
// read and written and has the key.
func prepareSQLite(ctx context.Context, db *sql.DB, o SQLiteOptions) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()

	// The file keeps this. Where it is not possible SQLite stays with its rollback journal, which is slower, not wrong.
	if !o.Unchanged {
		var mode string
		if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
			return err
		}
	}
	if o.Create {
		if _, err := conn.ExecContext(ctx, createSQLiteTable); err != nil {
			return err
		}
	}
	t, err := inspectSQLite(ctx, conn)
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT id, created, key_record FROM encryption_key LIMIT 0")
	var e sqlite3.Error
	if errors.As(err, &e) && e.Code == sqlite3.ErrError {
		return errNoTable
	}
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if t.UniqueKey() == nil {
		return errNoKey
	}
	// SQLite opens what it may not write for reading, without a word. This takes the lock for writing, and no more.
	_, err = conn.ExecContext(ctx, "UPDATE encryption_key SET id = id WHERE 0")
	return err
}

func explainSQLiteOpen(path string, err error) error {
	info, statErr := os.Stat(path)
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return sqliteError(err, "the file does not exist: mend the path; a program with SQLiteCreate makes it, `asherah ddl sqlite` prints its table")
	case statErr == nil && info.IsDir():
		return sqliteError(err, "the path is that of a directory; give the path of a file")
	case errors.Is(err, errNoTable):
		return sqliteError(err, "the file has no table encryption_key with the columns id, created and key_record: "+
			"mend the path; a program with SQLiteCreate makes one where there is none, `asherah ddl sqlite` prints it")
	case errors.Is(err, errNoKey):
		return sqliteError(err, "the table encryption_key has no primary key (id, created); add one")
	default:
		return sqliteError(err, "opening failed: "+sqliteReason(err))
	}
}

func sqliteError(cause error, message string) error {
	return envelope.Errorf(envelope.MetastoreFailed, cause, "SQLite metastore: %s", message)
}
