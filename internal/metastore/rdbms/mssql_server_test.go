package rdbms_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/sqlclient"
)

// liveMSSQL names the variable with the connection string, in the form of ADO.NET, of a real server whose login may
// make databases.
const liveMSSQL = "ASHERAH_TEST_MSSQL"

// mssqlDatabase is an empty database with one table, on the stand-in or on a real server.
type mssqlDatabase struct {
	ado     func(options ...string) string
	standIn *mssqltest.Server // nil for a real server
}

// standInMSSQL starts a server of its own for a table.
func standInMSSQL(t *testing.T, o mssqltest.Options, setup ...string) mssqlDatabase {
	t.Helper()
	o.Setup = setup
	s := mssqltest.Start(t, o)
	return mssqlDatabase{ado: func(options ...string) string {
		return s.ADO(append([]string{"Server Certificate=" + s.CertificateFile()}, options...)...)
	}, standIn: s}
}

// liveMSSQLDatabase makes a database on the real server and drops it when the test ends.
func liveMSSQLDatabase(t *testing.T, setup ...string) mssqlDatabase {
	t.Helper()
	text := os.Getenv(liveMSSQL)
	name := "asherah_test_" + strings.ToLower(rand.Text())
	master := rawMSSQL(t, text)
	executeMSSQL(t, master, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		_, _ = master.Exec("ALTER DATABASE " + name + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
		if _, err := master.Exec("DROP DATABASE " + name); err != nil {
			t.Errorf("the database %s is left behind: %v", name, err)
		}
	})
	d := mssqlDatabase{ado: func(options ...string) string {
		return strings.Join(append([]string{text, "Database=" + name}, options...), ";")
	}}
	db := rawMSSQL(t, d.ado())
	for _, batch := range setup {
		executeMSSQL(t, db, batch)
	}
	return d
}

func rawMSSQL(t *testing.T, text string) *sql.DB {
	t.Helper()
	s, err := sqlclient.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Connector()
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func executeMSSQL(t *testing.T, db *sql.DB, batch string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), batch); err != nil {
		t.Fatalf("%v\n%s", err, batch)
	}
}

func openMSSQL(t *testing.T, o rdbms.Options) *rdbms.Metastore {
	t.Helper()
	m, err := rdbms.OpenMSSQL(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// mssqlTable is a table as people have it, and what it holds.
type mssqlTable struct {
	name       string
	ddl        string
	minCreated int64
	holdsID    func(string) bool
}

const (
	minDateTime  = -6847804800  // 1753
	minDateTime2 = -62135596800 // year 1
	maxDateTime  = 253402300799 // end of 9999
)

func upToUTF16(n int) func(string) bool {
	return func(id string) bool {
		length := 0
		for _, r := range id {
			length += len(string(r))/4 + 1 // two for what takes four bytes of UTF-8
		}
		return length <= n
	}
}

func mssqlTables(t *testing.T) []mssqlTable {
	t.Helper()
	ddl, err := rdbms.DDL("mssql")
	if err != nil {
		t.Fatal(err)
	}
	const create = "CREATE TABLE encryption_key (id %s NOT NULL, created %s NOT NULL, key_record %s NOT NULL, %s)"
	const primary = "PRIMARY KEY (id, created)"
	return []mssqlTable{
		{"ddl", ddl, minDateTime2, upToUTF16(440)},
		{
			"plan", fmt.Sprintf(create, "NVARCHAR(512)", "DATETIME2(3)", "NVARCHAR(MAX)", primary), minDateTime2,
			upToUTF16((900 - 7) / 2),
		},
		{
			"varchar and datetime", fmt.Sprintf(create, "VARCHAR(255)", "DATETIME", "VARCHAR(MAX)", primary), minDateTime,
			func(id string) bool { return in1252(id) && len([]rune(id)) <= 255 },
		},
		{
			"datetimeoffset, unique index", fmt.Sprintf(create, "NVARCHAR(255) COLLATE Latin1_General_CS_AS",
				"DATETIMEOFFSET(7)", "NTEXT", "CONSTRAINT names UNIQUE NONCLUSTERED (id, created)"), minDateTime2,
			upToUTF16(255),
		},
		{
			"UTF-8", fmt.Sprintf(create, "VARCHAR(800) COLLATE Latin1_General_100_BIN2_UTF8", "DATETIME2",
				"VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8", primary), minDateTime2,
			func(id string) bool { return len(id) <= 800 },
		},
	}
}

func in1252(id string) bool {
	for _, r := range id {
		if r > 0xff {
			return false
		}
	}
	return true
}

// harnessMSSQL runs the suite over databases that open makes.
func harnessMSSQL(table mssqlTable, open func(*testing.T, ...string) mssqlDatabase) metastoretest.Harness {
	used := map[envelope.Metastore]mssqlDatabase{}
	h := metastoretest.Harness{
		Open: func(t *testing.T) envelope.Metastore {
			d := open(t, table.ddl)
			m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
			used[m] = d
			return m
		},
		Reopen: func(t *testing.T, first envelope.Metastore) envelope.Metastore {
			return openMSSQL(t, rdbms.Options{ConnectionString: used[first].ado()})
		},
		MinCreated: table.minCreated, MaxCreated: maxDateTime, HoldsID: table.holdsID, MayRefuseIDs: true,
	}
	return h
}
