package mssqltest_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

const keyTable = `CREATE TABLE encryption_key (id NVARCHAR(255) NOT NULL, created DATETIME2(3) NOT NULL,
	key_record NVARCHAR(MAX) NOT NULL, CONSTRAINT pk PRIMARY KEY (id, created))`

const insertKey = "INSERT INTO encryption_key (id, created, key_record) VALUES (@p1, @p2, @p3)"

// start runs a server with the canonical table.
func start(t *testing.T, o mssqltest.Options) *mssqltest.Server {
	t.Helper()
	if o.Setup == nil {
		o.Setup = []string{keyTable}
	}
	return mssqltest.Start(t, o)
}

// open makes a pool that encrypts, if nothing else is said, and checks the server's certificate.
func open(t *testing.T, s *mssqltest.Server, options ...string) *sql.DB {
	t.Helper()
	options = append(options, "certificate="+s.CertificateFile())
	if !slices.ContainsFunc(options, func(o string) bool { return strings.HasPrefix(o, "encrypt=") }) {
		options = append(options, "encrypt=true")
	}
	return openURL(t, s.URL(options...))
}

func openURL(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlserver", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// number is that of the server's error, 0 for another or none.
func number(err error) int32 {
	var e mssql.Error
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

func insert(t *testing.T, db *sql.DB, id string) error {
	t.Helper()
	_, err := db.ExecContext(limit(t), insertKey, id, mssql.DateTime1(time.Unix(1709663280, 0).UTC()), "{}")
	return err
}

// count asks inside of the server.
func count(t *testing.T, s *mssqltest.Server) int64 {
	t.Helper()
	rows, err := s.Exec("SELECT COUNT(*) FROM encryption_key")
	if err != nil {
		t.Fatal(err)
	}
	return rows[0][0].(int64)
}

// last is the newest request.
func last(t *testing.T, s *mssqltest.Server) mssqltest.Request {
	t.Helper()
	all := s.Requests()
	if len(all) == 0 {
		t.Fatal("nothing arrived")
	}
	return all[len(all)-1]
}
