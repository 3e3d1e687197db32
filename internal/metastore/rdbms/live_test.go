package rdbms_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
)

// liveMySQL names a MySQL or Aurora server, which cannot be had here, by a DSN of the Go driver without a database,
// "user:password@tcp(host:3306)/?…". The user may make and drop databases.
const liveMySQL = "ASHERAH_TEST_MYSQL"

func TestMySQLLive(t *testing.T) {
	dsn := os.Getenv(liveMySQL)
	if dsn == "" {
		t.Skip("set " + liveMySQL + " to a server's DSN without a database, to run the suite on it")
	}
	server, parameters, _ := strings.Cut(dsn, "/?")
	number := 0
	makeDatabase := func(t testing.TB, ddl ...string) string {
		number++
		name := fmt.Sprintf("libasherah_test_%d_%d", time.Now().UnixNano(), number)
		admin := rawMySQL(t, dsn)
		execute(t, admin, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
		t.Cleanup(func() { _, _ = admin.Exec("DROP DATABASE " + name) })
		inside := server + "/" + name + "?" + strings.TrimPrefix(parameters+"&time_zone=%27%2B00%3A00%27", "&")
		for _, statement := range ddl {
			execute(t, rawMySQL(t, inside), statement)
		}
		return inside
	}
	for name, c := range mysqlCases(t, "UTC") {
		t.Run(name, func(t *testing.T) { metastoretest.Run(t, mysqlHarness(c, makeDatabase)) })
	}
}
