package hooks

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// withStderr runs f with standard error going to a file and returns what was written.
func withStderr(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	saved, err := syscall.Dup(2)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(saved)
	if err := syscall.Dup3(int(file.Fd()), 2, 0); err != nil {
		t.Fatal(err)
	}
	f()
	ClearLog()
	if err := syscall.Dup3(saved, 2, 0); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLogToStderr(t *testing.T) {
	reset(t)
	text := withStderr(t, func() {
		LogToStderr()
		Log(Debug, "room", "line %d", 1)
		Log(Trace, "room", "too light")
		var r recorder
		eventually(t, "the line written", func() bool {
			logs.mu.Lock()
			h := logs.set
			logs.mu.Unlock()
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.queue.len() == 0 && len(h.inside) == 0
		})
		SetLog(r.log, 0, Debug, true)
		LogToStderr() // a hook is set
		Log(Debug, "room", "line 2")
		if len(r.snapshot()) != 1 {
			t.Error("the hook was replaced")
		}
	})
	if text != "asherah debug room: line 1\n" {
		t.Errorf("wrote %q", text)
	}
}

func TestClosedPipeAsStderr(t *testing.T) {
	reset(t)
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Close(pipe[0]); err != nil {
		t.Fatal(err)
	}
	withStderr(t, func() {
		if err := syscall.Dup3(pipe[1], 2, 0); err != nil {
			t.Fatal(err)
		}
		writeStderr(Warn, "room", strings.Repeat("x", 10)) // the test dies here if that ends the process
	})
	if err := syscall.Close(pipe[1]); err != nil {
		t.Fatal(err)
	}
}
