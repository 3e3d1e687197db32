package envelope

import (
	"strings"
	"sync/atomic"
	"time"
)

// EventType says what happened. The numbers are those of include/asherah.h.
type EventType int32

// The types. The first three come before the metastore is asked, the next five after metastore or KMS have answered or
// failed. A queued rotation is told when it is begun and when it ends. The last three come when a region of a KMS has
// made, wrapped or unwrapped a data key, or failed to.
const (
	LoadingLatest EventType = iota
	Loading
	Storing
	LoadedLatest
	Loaded
	Stored
	KeyEncrypted
	KeyDecrypted
	KeyCached
	ExpiredKeyRead
	RotationQueued
	RotationDone
	RotationFailed
	DataKeyGenerated
	DataKeyEncrypted
	DataKeyDecrypted
)

// Event is something that happened to a key of a factory.
type Event struct {
	Type     EventType
	System   bool   // it is a system key, not an intermediate one
	ID       string // of the key; empty for what a KMS did
	Created  int64  // of the key, Unix seconds; 0 where the newest one was asked for
	Region   string // that was asked; empty in all but the last three
	Duration time.Duration
	// Failed says of those with a duration that there was no answer. Absent says that the metastore has no such key,
	// or has one already that was to be stored.
	Failed, Absent bool
}

// Watcher is told of the events of a factory, on the goroutine where they happen, which waits for it; of requests to
// regions as requests.go says.
type Watcher struct {
	Tell func(Event)
	// End is called once, when the factory and its last session are closed. Of what a region answers later Tell is told
	// all the same.
	End func()
}

// Watch gives the factory its watcher. It can have one only.
func (f *Factory) Watch(w *Watcher) error {
	if !f.enter() {
		return errClosed("session factory")
	}
	defer f.leave()
	if !f.events.watcher.CompareAndSwap(nil, w) {
		return Errorf(InvalidArgument, nil, "the factory has a table of events already")
	}
	return nil
}

// events carries a factory's events to its watcher. Without one, each is one atomic load.
type events struct{ watcher atomic.Pointer[Watcher] }

func (o *events) tell(e Event) {
	if w := o.watcher.Load(); w != nil {
		w.Tell(e)
	}
}

// tellAnswer tells how a question that began at start ended.
func (o *events) tellAnswer(e Event, start time.Time, absent bool, err error) {
	if w := o.watcher.Load(); w != nil {
		e.Duration, e.Absent, e.Failed = time.Since(start), absent && err == nil, err != nil
		w.Tell(e)
	}
}

func (o *events) end() {
	if w := o.watcher.Load(); w != nil && w.End != nil {
		w.End()
	}
}

// asking is the event of a question about a key of this id.
func asking(what EventType, id string, created int64) Event {
	return Event{Type: what, System: strings.HasPrefix(id, systemKeyPrefix), ID: id, Created: created}
}

// tellKey tells of a key of this level.
func (t *tier) tellKey(what EventType, name KeyMeta) {
	t.f.events.tell(Event{Type: what, System: t.level == systemLevel, ID: name.ID, Created: name.Created})
}
