package rdbms_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

var (
	postgresServer = servertest.SharedPostgres()
	mariaDBServer  = servertest.SharedMariaDB()
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
