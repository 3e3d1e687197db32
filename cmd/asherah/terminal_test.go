package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onTerminal runs the built tool on a terminal, where in is typed, and returns what the terminal shows.
func onTerminal(t *testing.T, in string, command string) string {
	t.Helper()
	shell := exec.Command("script", "--quiet", "--return", "--command", command, os.DevNull)
	input, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(time.Second, func() { // when it has asked and the echo is off
		_, _ = input.Write([]byte(in))
	})
	time.AfterFunc(time.Minute, func() { _ = shell.Process.Kill() })
	shown, err := shell.Output()
	_ = input.Close()
	if err != nil {
		t.Fatalf("%v: %s", err, shown)
	}
	return string(shown)
}

func TestTerminal(t *testing.T) {
	directory := t.TempDir()
	program := filepath.Join(directory, "asherah")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w := newWorld(t)
	config := w.file("keyless.json", `{"ServiceName":"s","ProductID":"p","KMS":"static","Metastore":"sqlite","ConnectionString":"`+w.path("keys.db")+`"}`)
	plain := w.file("plain", strings.Repeat("x", worthABar))
	shown := onTerminal(t, keyHex+"\n", program+" -c "+config+" --ask-key encrypt --partition a -o "+w.path("sealed")+" "+plain)
	if !strings.Contains(shown, "Static master key") || strings.Contains(shown, keyHex[:16]) {
		t.Errorf("the terminal shows %.300q", shown)
	}
	if !strings.Contains(shown, "reading") || !strings.Contains(shown, "%") {
		t.Errorf("no progress bar: %.300q", shown)
	}
	if got := w.mustRun("", "decrypt", "--partition", "a", w.path("sealed")); len(got) != worthABar {
		t.Errorf("%d bytes came back", len(got))
	}
}
