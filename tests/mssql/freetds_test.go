package mssql_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

const password = "asherah-1"

// freetds says to which server FreeTDS's tsql goes and how.
type freetds struct{ port, certificate, version string }

func tsql(t *testing.T, s *mssqltest.Server, version string, batches ...string) (rows []string, messages string) {
	t.Helper()
	return freetds{port: fmt.Sprint(s.Port()), certificate: s.CertificateFile(), version: version}.run(t, batches...)
}

// run runs batches with tsql over TLS, with the certificate checked, and returns the rows, their values divided by "|",
// and what it printed besides.
func (f freetds) run(t *testing.T, batches ...string) (rows []string, messages string) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "freetds.conf")
	text := fmt.Sprintf("[global]\ntds version = %s\nclient charset = UTF-8\ntext size = 1000000\n[server]\nhost = "+
		"localhost\nport = %s\nencryption = require\nca file = %s\ncheck certificate hostname = yes\n", f.version, f.port,
		f.certificate)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "tsql", "-S", "server", "-U", "asherah", "-P", password, "-D", "keys", "-o", "fhq")
	command.Env = append(os.Environ(), "FREETDSCONF="+config, "LC_ALL=C.UTF-8")
	command.Stdin = strings.NewReader(strings.Join(batches, "\ngo\n") + "\ngo\nquit\n")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	for line := range strings.Lines(stdout.String()) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "locale") &&
			!strings.HasPrefix(line, "using default") {
			rows = append(rows, strings.ReplaceAll(line, "\t", "|"))
		}
	}
	return rows, stderr.String()
}
