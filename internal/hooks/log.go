package hooks

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Level is the weight of a log line. The numbers are those of include/asherah.h.
type Level int32

// The levels. Off is above every line: as a minimum it lets nothing through.
const (
	Trace Level = iota
	Debug
	Info
	Warn
	Error
	Off
)

// LogSink receives one log line: target names the part of the library.
type LogSink func(level Level, target, message string)

const (
	// DefaultCapacity is the length of a queue for which 0 is given.
	DefaultCapacity = 1024
	// keptLines is how many warnings and errors are kept while there is no hook.
	keptLines = 64
	// handOverRounds bounds the start of a hook whose sink causes new warnings all the time.
	handOverRounds = 8
)

type line struct {
	level           Level
	target, message string
}

type logHook struct {
	*hook[line]
	min Level
}

var logs struct {
	// active is what Log delivers to; nil while there is no hook, or one that still receives the kept lines.
	active   atomic.Pointer[logHook]
	dropped  atomic.Uint64
	warnings atomic.Uint64

	mu      sync.Mutex
	set     *logHook // the hook that ClearLog closes
	retired retired[line]
	kept    []line // at most keptLines, oldest first
}

// threshold is the lowest level that Log does anything for. It is never above Warn, since warnings are counted.
var threshold atomic.Int32

func init() { threshold.Store(int32(Warn)) }

// Log issues a line. Below the hook's level, or below Warn without a hook, it costs one atomic load; the arguments are
// the caller's to make, so that a hot path asks Enabled first. Without a hook, warnings and errors are kept for a later
// one, the last 64 of them.
//
// Nothing secret may be in a line: no key, plaintext, connection string or credential.
func Log(level Level, target, format string, args ...any) {
	if int32(level) < threshold.Load() {
		return
	}
	log(level, target, format, args)
}

// Enabled says whether a line of this level would be delivered or kept.
func Enabled(level Level) bool {
	if int32(level) < threshold.Load() || level >= Off {
		return false
	}
	h := logs.active.Load()
	return h == nil || level >= h.min
}

func log(level Level, target, format string, args []any) {
	if level >= Off {
		return
	}
	if level >= Warn {
		logs.warnings.Add(1)
	}
	h := logs.active.Load()
	if h != nil && level < h.min {
		return
	}
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	l := line{level, target, message}
	if h != nil && h.deliver(l) {
		return
	}
	if level < Warn {
		logs.dropped.Add(1) // its hook was closed meanwhile
		return
	}
	for {
		if h = keep(l); h == nil || h.deliver(l) {
			return
		}
	}
}

// keep keeps l, unless a hook has come to be active: then it returns the hook and keeps nothing.
func keep(l line) *logHook {
	logs.mu.Lock()
	defer logs.mu.Unlock()
	if h := logs.active.Load(); h != nil {
		if l.level < h.min {
			return nil
		}
		return h
	}
	logs.kept = lastKept(append(logs.kept, l))
	return nil
}

func lastKept(lines []line) []line {
	if extra := len(lines) - keptLines; extra > 0 {
		return slices.Delete(lines, 0, extra)
	}
	return lines
}

// SetLog sets the hook for lines from min on, in place of one that is set. Kept lines come first. With sync the sink is
// called on the thread where the line arises, perhaps on several at once; lines that the sink causes are dropped.
// Otherwise it is called from one thread of its own, and at most capacity lines (0: DefaultCapacity) wait for it. Lines
// that do not fit, and those whose sink panicked, are dropped and counted. A nil sink clears.
func SetLog(sink LogSink, capacity int, min Level, sync bool) {
	if sink == nil {
		ClearLog()
		return
	}
	setLog(sink, capacity, min, sync, false)
}

func setLog(sink LogSink, capacity int, min Level, sync, unlessSet bool) {
	if capacity <= 0 {
		capacity = DefaultCapacity
	}
	call := func(l line) { sink(l.level, l.target, l.message) }
	logs.mu.Lock()
	if unlessSet && logs.set != nil {
		logs.mu.Unlock()
		return
	}
	h := &logHook{newHook(call, capacity, sync, &logs.dropped), min}
	others := replace(h)
	logs.mu.Unlock()
	retire(others)
	for round := 1; handOver(h, round == handOverRounds); round++ {
	}
}

// replace puts h in the place of the hook that is set, and returns the hooks that are to end. logs.mu is held.
func replace(h *logHook) []*hook[line] {
	var other *hook[line]
	if logs.set != nil {
		other = logs.set.hook
	}
	logs.retired.add(other)
	logs.set = h
	logs.active.Store(nil)
	threshold.Store(int32(Warn))
	return slices.Clone(logs.retired)
}

// handOver gives h what is kept for it. Once nothing is left, or in the last round, h becomes active; until then it is
// true.
func handOver(h *logHook, last bool) (again bool) {
	logs.mu.Lock()
	if logs.set != h {
		logs.mu.Unlock()
		return false
	}
	var due, other []line
	for _, l := range logs.kept {
		if l.level >= h.min {
			due = append(due, l)
		} else {
			other = append(other, l)
		}
	}
	logs.kept = other
	again = len(due) > 0 && !last
	if !again {
		logs.active.Store(h)
		threshold.Store(int32(min(h.min, Warn)))
	}
	logs.mu.Unlock()
	for i, l := range due {
		if !h.deliver(l) {
			keepAgain(due[i:])
			return false
		}
	}
	return again
}

// ClearLog ends the hook. When it returns, no call of the sink is running or will come, unless it is called by a sink.
// Of the lines that still wait, warnings and errors are kept for the next hook, the others dropped.
func ClearLog() {
	logs.mu.Lock()
	others := replace(nil)
	logs.mu.Unlock()
	retire(others)
}

func retire(others []*hook[line]) {
	for _, h := range others {
		rest := h.close()
		warnings := slices.DeleteFunc(slices.Clone(rest), func(l line) bool { return l.level < Warn })
		logs.dropped.Add(uint64(len(rest) - len(warnings)))
		keepAgain(warnings)
	}
	for _, h := range others {
		h.wait()
	}
}

// keepAgain puts lines that no sink has seen before those that were kept later.
func keepAgain(lines []line) {
	logs.mu.Lock()
	defer logs.mu.Unlock()
	logs.kept = lastKept(append(slices.Clone(lines), logs.kept...))
}

// LogDropped returns how many lines were dropped since the start.
func LogDropped() uint64 { return logs.dropped.Load() }

// Warnings returns how many lines of level Warn and Error were issued since the start, seen by a hook or not.
func Warnings() uint64 { return logs.warnings.Load() }
