package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// host stands in for the test that the cloud reports to: what it says goes to standard error, and the process ends with
// a failure.
type host struct {
	testing.TB // nil: what awstest does not use is not there

	mu       sync.Mutex
	cleanups []func()
	messages []string
}

func (h *host) Helper() {}

func (h *host) Errorf(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	message := fmt.Sprintf(format, args...)
	h.messages = append(h.messages, message)
	fmt.Fprintln(os.Stderr, "server:", message)
}

func (h *host) Fatal(args ...any) {
	h.Errorf("%s", fmt.Sprint(args...))
	h.close()
	os.Exit(1)
}

func (h *host) Fatalf(format string, args ...any) { h.Fatal(fmt.Sprintf(format, args...)) }

func (h *host) Cleanup(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cleanups = append(h.cleanups, f)
}

func (h *host) TempDir() string {
	dir, err := os.MkdirTemp("", "awstest")
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// close runs the cleanups, the last one first.
func (h *host) close() {
	for {
		h.mu.Lock()
		n := len(h.cleanups)
		if n == 0 {
			h.mu.Unlock()
			return
		}
		f := h.cleanups[n-1]
		h.cleanups = h.cleanups[:n-1]
		h.mu.Unlock()
		f()
	}
}

func (h *host) failed() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.messages) == 0 {
		return nil
	}
	return errors.New(strings.Join(h.messages, "; "))
}

var _ testing.TB = (*host)(nil)
