package hostcall

import (
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// lineEvery is the least time between two lines of a kind: a store that hangs does so in every call.
const lineEvery = 10 * time.Second

// line is a kind of log line. The first occurrence is told, and then what has come together in a while.
type line struct {
	mu    sync.Mutex
	last  time.Time
	times int
}

// occurred counts an occurrence, and says whether a line is due and for how many occurrences it stands.
func (l *line) occurred() (times int, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times++
	now := time.Now()
	if !l.last.IsZero() && now.Sub(l.last) < lineEvery {
		return 0, false
	}
	times, l.times, l.last = l.times, 0, now
	return times, true
}

func (c *timedCall) logAbandoned() {
	if times, due := c.table.pool.givenUp.occurred(); due {
		hooks.Log(hooks.Warn, "callback",
			"the host's %s has not returned after %v and is given up (calls given up since the last such line: %d); "+
				"what it answers later is dropped",
			c.Name, c.age(), times)
	}
}

func (c *timedCall) logReturned() {
	if times, due := c.table.pool.cameBack.occurred(); due {
		hooks.Log(hooks.Warn, "callback",
			"the host's %s, which was given up, has returned after %v (such calls since the last line: %d)",
			c.Name, c.age(), times)
	}
}

func (c *timedCall) age() time.Duration { return time.Since(c.start).Round(time.Millisecond) }
