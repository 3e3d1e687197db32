package hostcall

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeHost counts releases, and that no call runs after one.
type fakeHost struct {
	nesting  Nesting
	running  atomic.Int64
	late     atomic.Int64
	releases atomic.Int64
}

func (h *fakeHost) Nesting() Nesting { return h.nesting }

func (h *fakeHost) Release() {
	if h.running.Load() != 0 {
		h.late.Add(1)
	}
	h.releases.Add(1)
}

// open returns a table that the test closes, if it has not, and that must be released once and last.
func open(t *testing.T) (*Table, *fakeHost) {
	t.Helper()
	h := &fakeHost{}
	table := NewTable(h)
	before := ReadStats()
	t.Cleanup(func() {
		table.Close()
		eventually(t, "the release", func() bool { return h.releases.Load() > 0 })
		if h.releases.Load() != 1 || h.late.Load() != 0 {
			t.Errorf("%d releases, %d of them before the last call returned", h.releases.Load(), h.late.Load())
		}
		eventually(t, "the counts", func() bool {
			after := ReadStats()
			return after.Running == before.Running && after.Abandoned == before.Abandoned
		})
	})
	return table, h
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 10_000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%s did not come", what)
}

// call counts what becomes of a call.
type call struct {
	runs, ends, frees atomic.Int64
	nesting           Nesting
}

// of returns a call that does work and answers with a number.
func (c *call) of(h *fakeHost, limit time.Duration, work func()) Call {
	return Call{Name: "function", Limit: limit, End: func() { c.ends.Add(1) }, Run: func(n Nesting) Reply {
		h.running.Add(1)
		defer h.running.Add(-1)
		c.runs.Add(1)
		c.nesting = n
		work()
		return Reply{Status: 7, Free: func() { c.frees.Add(1) }}
	}}
}

func (c *call) check(t *testing.T, runs, ends, frees int64) {
	t.Helper()
	if c.runs.Load() != runs || c.ends.Load() != ends || c.frees.Load() != frees {
		t.Errorf("the call ran %d times, ended %d times and its reply was freed %d times, not %d, %d and %d",
			c.runs.Load(), c.ends.Load(), c.frees.Load(), runs, ends, frees)
	}
}

func mustBe(t *testing.T, err error, code envelope.Code) {
	t.Helper()
	if envelope.CodeOf(err) != code {
		t.Errorf("the error is %v, not of class %d", err, code)
	}
}

// logged returns the lines that f causes.
func logged(f func()) (lines []string) {
	hooks.SetLog(func(hooks.Level, string, string) {}, 0, hooks.Trace, true) // for those that were kept
	hooks.ClearLog()
	out := make(chan string, 1000)
	hooks.SetLog(func(_ hooks.Level, _, message string) { out <- message }, 0, hooks.Trace, true)
	f()
	hooks.ClearLog()
	close(out)
	for line := range out {
		lines = append(lines, line)
	}
	return lines
}

// mustHave checks how many of the lines have these words.
func mustHave(t *testing.T, lines []string, want int, words string) {
	t.Helper()
	got := 0
	for _, line := range lines {
		if strings.Contains(line, words) {
			got++
		}
	}
	if got != want {
		t.Errorf("%d lines have %q, not %d", got, words, want)
	}
}

const long = time.Hour

var background = context.Background()
