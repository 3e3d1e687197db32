package envelope

import (
	"sync"
	"sync/atomic"
	"time"
)

// incident is a trouble that comes again and again while it lasts. Whoever has to know is told when it begins, and then
// once in a while, so that a service that is down does not fill the log.
type incident struct {
	every time.Duration // the least time between two lines
	told  atomic.Bool   // and it is not over

	mu    sync.Mutex
	ever  bool
	last  time.Duration // of the last line, monotonic
	times int           // since the last line
}

// occurred counts an occurrence, and says whether a line is due and how many occurrences it stands for.
func (i *incident) occurred(now time.Duration) (times int, due bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.times++
	if i.ever && now-i.last < i.every {
		return 0, false
	}
	times, i.times = i.times, 0
	i.ever, i.last = true, now
	i.told.Store(true)
	return times, true
}

// over says whether an incident that was told is over by this.
func (i *incident) over() bool { return i.told.Load() && i.told.CompareAndSwap(true, false) }

// reminders bounds how often something is told of a key.
type reminders struct {
	mu   sync.Mutex
	last map[KeyMeta]time.Duration
}

// maxReminders bounds the keys that are remembered. A forgotten one may be told of too early.
const maxReminders = 1024

// due says whether a key is to be told of, having not been for a time.
func (r *reminders) due(name KeyMeta, now, every time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.last[name]
	if ok && now-last < every {
		return false
	}
	if r.last == nil {
		r.last = map[KeyMeta]time.Duration{}
	}
	if !ok && len(r.last) >= maxReminders {
		for other := range r.last { // any
			delete(r.last, other)
			break
		}
	}
	r.last[name] = now
	return true
}
