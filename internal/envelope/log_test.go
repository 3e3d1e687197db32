package envelope_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/hooks"
)

// captureLog listens to the log during a test. The function it returns says how many lines have a text in them.
func captureLog(t testing.TB) func(text string) int {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	hooks.SetLog(func(_ hooks.Level, _, message string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, message)
	}, 0, hooks.Trace, true)
	t.Cleanup(hooks.ClearLog)
	mu.Lock()
	lines = nil // those kept from earlier tests
	mu.Unlock()
	return func(text string) (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, line := range lines {
			if strings.Contains(line, text) {
				n++
			}
		}
		return n
	}
}
