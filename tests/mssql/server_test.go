package mssql_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServerCommand: the stand-in as a process, which ends with its input.
func TestServerCommand(t *testing.T) {
	dir := t.TempDir()
	if text, err := exec.Command("go", "build", "-o", filepath.Join(dir, "server"),
		"./server").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	setup := filepath.Join(dir, "setup.sql")
	if err := os.WriteFile(setup, []byte(keyTable+"\nGO\nINSERT encryption_key VALUES ('a', '2024-01-01', '{}')"),
		0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(dir, "server"), "-setup", setup)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	defer guard.Stop()
	lines := bufio.NewScanner(out)
	var told []string
	for len(told) < 5 && lines.Scan() {
		told = append(told, lines.Text())
	}
	if len(told) < 5 {
		t.Fatalf("it said %q", told)
	}
	rows, messages := freetds{port: told[0], certificate: told[4], version: "7.4"}.run(t,
		"SELECT id, key_record FROM encryption_key")
	if strings.Join(rows, " ") != "a|{}" {
		t.Errorf("rows %q\n%s", rows, messages)
	}
	_ = in.Close()
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(told[4]); err == nil {
		t.Error("the certificate is still there")
	}
}
