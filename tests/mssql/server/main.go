// Command server runs the SQL Server stand-in mssqltest as a process, for clients that are not written in Go. It prints
// its port, user, password, database and the file of its certificate, one a line, and ends when its input ends.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

func main() {
	setup := flag.String("setup", "", "file with T-SQL to run first; batches are divided by lines with GO")
	collation := flag.String("collation", "", "of the database")
	flag.Parse()
	if err := run(*setup, *collation); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(setup, collation string) error {
	o := mssqltest.Options{User: "asherah", Password: "asherah-1", Database: "keys", Collation: collation}
	if setup != "" {
		text, err := os.ReadFile(setup)
		if err != nil {
			return err
		}
		o.Setup = strings.Split(string(text), "\nGO\n")
	}
	s, err := mssqltest.New(o)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Printf("%d\n%s\n%s\n%s\n%s\n", s.Port(), o.User, o.Password, o.Database, s.CertificateFile())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
