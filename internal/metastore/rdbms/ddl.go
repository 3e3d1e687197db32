package rdbms

import (
	"slices"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
)

// dialects are the databases that there are, in the order of messages.
func dialects() []*dialect {
	return []*dialect{mssqlDialect, mysqlDialect, postgresDialect, sqliteDialect}
}

// Kinds are the names that DDL takes.
func Kinds() []string {
	var kinds []string
	for _, d := range dialects() {
		kinds = append(kinds, d.kind)
	}
	slices.Sort(kinds)
	return kinds
}

// DDL returns the statement that makes the table for a new deployment, as text that ends in ";" and a newline. A table
// that is there already is used as it is: this is not for changing one.
func DDL(kind string) (string, error) {
	for _, d := range dialects() {
		if d.kind == kind {
			return d.ddl, nil
		}
	}
	return "", envelope.Errorf(envelope.InvalidArgument, nil, "there is no kind of database %.40q; choose one of %s",
		kind, strings.Join(Kinds(), ", "))
}
