package rdbms_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

// Servers that run in zones with daylight saving time, of which one changes by half an hour.
const mariaDBZone = "America/New_York"

var (
	postgresServer = servertest.SharedPostgres(servertest.Options{TimeZone: "Australia/Lord_Howe"})
	mariaDBServer  = servertest.SharedMariaDB(servertest.Options{TimeZone: mariaDBZone})
)

func TestMain(m *testing.M) {
	if path := os.Getenv(storePath); path != "" { // this is a process that TestSQLiteProcesses started
		count, err := strconv.Atoi(os.Getenv(storeCount))
		if err != nil {
			panic(err)
		}
		os.Exit(storeKeys(path, count))
	}
	code := m.Run()
	postgresServer.Close()
	mariaDBServer.Close()
	os.Exit(code)
}

// recordOf is the record that keyRecord is the text of.
func recordOf(t *testing.T) *envelope.KeyRecord {
	t.Helper()
	record, err := envelope.ParseKeyRecord([]byte(keyRecord))
	if err != nil {
		t.Fatal(err)
	}
	return record
}
