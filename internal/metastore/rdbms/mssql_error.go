package rdbms

import (
	"errors"
	"slices"
	"strconv"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/sqlclient"
)

// mssqlNumbers are the numbers of the errors that a statement ended with, none for errors of another kind.
func mssqlNumbers(err error) []int32 {
	var e mssql.Error
	if !errors.As(err, &e) {
		return nil
	}
	numbers := []int32{e.Number}
	for _, other := range e.All {
		numbers = append(numbers, other.Number)
	}
	return numbers
}

func hasMSSQLNumber(err error, wanted ...int32) bool {
	return slices.ContainsFunc(mssqlNumbers(err), func(n int32) bool { return slices.Contains(wanted, n) })
}

// isMSSQLTransient: deadlocks, the limits and moves of Azure SQL, a server that starts, stops or fails over, and an
// answer that was cut.
func isMSSQLTransient(err error) bool {
	var (
		stream  mssql.StreamError
		connect *sqlclient.ConnectError
	)
	if errors.As(err, &stream) || (errors.As(err, &connect) && connect.Passing) {
		return true
	}
	return hasMSSQLNumber(err,
		1205,                // deadlock
		40197, 40501, 40613, // Azure: an error of the service, busy, not available
		49918, 49919, 49920, 10928, 10929, // Azure: too many requests
		921, 922, 6005, 17142, 18401, // recovery, shutdown, pause, upgrade
		976, 983, 41317, // availability group: not accessible now
	)
}

func mssqlRefusal(err error) string {
	switch {
	case hasMSSQLNumber(err, 2628, 8152):
		return "the key id or the record is longer than its column"
	case hasMSSQLNumber(err, 1946):
		return "the key id is too long for the table's index"
	case hasMSSQLNumber(err, 241, 242, 517):
		return "the time of creation is outside of what the table can hold"
	default:
		return ""
	}
}

// mssqlReasons are what a caller can do something about.
var mssqlReasons = []struct {
	numbers []int32
	reason  string
}{
	// With this the server also says that the login failed.
	{[]int32{4060, 4064}, "the database does not exist, or the login has no access to it"},
	{
		[]int32{18452, 18456, 18470, 18486, 18487, 18488},
		"the server does not accept the login: a wrong user or password, an account that is locked, disabled or expired, " +
			"or a server that takes Windows accounts only",
	},
	{[]int32{916}, "the login is no user of the database"},
	{
		[]int32{40615, 40914, 47073},
		"the firewall of the Azure SQL server does not let this address in",
	},
	{[]int32{40532}, "the Azure SQL server does not know the login: write it as user@server"},
	{[]int32{208, 207, 213}, "the table encryption_key is missing or has other columns than id, created, key_record"},
	{[]int32{229, 230}, "the user may not read or may not write the table encryption_key; grant SELECT and INSERT"},
	{
		[]int32{515},
		"the table has a column beside id, created and key_record that must have a value; give it a default",
	},
	{[]int32{547}, "the table has a constraint that the record does not meet"},
	{[]int32{978, 3906}, "the server takes no changes: it is a secondary replica, or the database is read-only"},
	{[]int32{1101, 1105, 9002}, "the database or its log is full"},
	{[]int32{1222}, "another session held a lock too long"},
	{[]int32{1205}, "the statement was chosen as the victim of a deadlock"},
	{
		[]int32{40197, 40501, 40613, 49918, 49919, 49920, 10928, 10929},
		"Azure SQL is busy or moves the database; try again later",
	},
	{
		[]int32{921, 922, 6005, 17142, 18401, 976, 983, 41317},
		"the server or the database is starting, stopping or failing over",
	},
}

func mssqlReason(err error) string {
	for _, r := range mssqlReasons {
		if hasMSSQLNumber(err, r.numbers...) {
			return r.reason
		}
	}
	var (
		connect *sqlclient.ConnectError
		stream  mssql.StreamError
	)
	switch numbers := mssqlNumbers(err); {
	case len(numbers) > 0:
		return "SQL Server error " + strconv.Itoa(int(numbers[0]))
	case errors.As(err, &connect):
		return connect.Reason
	case errors.As(err, &stream):
		return "the server's answer was cut, or is not of the protocol TDS"
	default:
		return "the row is not of the table's form"
	}
}
