package envelope

import (
	"context"
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

const (
	// maxRotations bounds the ids whose keys are being replaced, wait for it, or are to be tried again. Where there are
	// more, a later call finds room.
	maxRotations = 1024
	// maxRotators bounds the keys that are replaced at the same time.
	maxRotators = 4

	firstRetry, lastRetry = time.Second, 5 * time.Minute
)

// rotations are the expired keys that go on encrypting while they are replaced, one rotation an id. A rotation that
// fails is begun again by a call that uses the key when it is due: nothing waits in the background.
type rotations struct {
	mu      sync.Mutex
	byID    map[string]*rotation
	waiting []*rotation
	workers int

	failing incident
}

type rotation struct {
	t        *tier
	id       string
	busy     bool // it is under way, or waits for a worker
	failures int
	retry    time.Duration // monotonic: not before
}

// begin returns a rotation for the caller to do or to enqueue, nil if there is nothing to do now.
func (rs *rotations) begin(t *tier, id string, now time.Duration) *rotation {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.byID[id]
	switch {
	case r == nil && !rs.room(now):
		return nil
	case r == nil:
		r = &rotation{t: t, id: id}
		if rs.byID == nil {
			rs.byID = map[string]*rotation{}
		}
		rs.byID[id] = r
	case r.busy || now < r.retry:
		return nil
	}
	r.busy = true
	return r
}

// room says whether there is room for one more. Ids that nobody has used since they were due are forgotten for it.
func (rs *rotations) room(now time.Duration) bool {
	if len(rs.byID) < maxRotations {
		return true
	}
	for id, r := range rs.byID {
		if !r.busy && r.retry <= now {
			delete(rs.byID, id)
		}
	}
	return len(rs.byID) < maxRotations
}

// enqueue has a rotation done in the background.
func (rs *rotations) enqueue(f *Factory, r *rotation) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.waiting = append(rs.waiting, r)
	if rs.workers < maxRotators {
		rs.workers++
		go f.rotateWaiting()
	}
}

// next returns the next rotation to do. Without one, the worker that asks ends.
func (rs *rotations) next() *rotation {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if len(rs.waiting) == 0 {
		rs.workers--
		return nil
	}
	r := rs.waiting[0]
	rs.waiting = rs.waiting[1:]
	return r
}

// end notes how a rotation went, and returns when it may be tried again.
func (rs *rotations) end(r *rotation, now time.Duration, err error) time.Duration {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if err == nil {
		delete(rs.byID, r.id)
		return 0
	}
	wait := min(firstRetry<<min(r.failures, 16), lastRetry)
	r.busy = false
	r.failures++
	r.retry = now + wait
	return wait
}

// replace has the successor of an expired key made that goes on encrypting: in the background, or by this call, which
// then gets it, in use by stripe. nil and no error: the key is used.
func (f *Factory) replace(ctx context.Context, t *tier, id string, stripe seccache.Stripe, v *view) (*key, error) {
	if f.syncRefresh && v.onlyCached {
		return nil, nil
	}
	r := f.rotations.begin(t, id, v.now.mono)
	if r == nil {
		return nil, nil
	}
	t.tellKey(RotationQueued, KeyMeta{ID: id})
	if !f.syncRefresh {
		f.rotations.enqueue(f, r)
		return nil, nil
	}
	k, err := f.rotate(ctx, r, stripe)
	if isUndecided(err) {
		return nil, err
	}
	return k, nil
}

// rotateWaiting does rotations until none waits. When the last session is closed, those that wait are dropped: another
// process, or this one's next factory, finds the keys expired as well.
func (f *Factory) rotateWaiting() {
	for r := f.rotations.next(); r != nil; r = f.rotations.next() {
		if f.enterBehind() {
			f.rotateBehind(r)
		} else {
			f.rotations.end(r, 0, nil)
		}
	}
}

func (f *Factory) rotateBehind(r *rotation) {
	defer f.leaveBehind()
	// A panic would end the process. The factory is poisoned by then.
	defer func() { _ = recover() }()
	ctx, cancel := f.backgroundContext()
	defer cancel()
	if k, err := f.rotate(ctx, r, 0); err == nil {
		k.cipher.Release(0)
	}
}

// rotate makes a key's successor, unless another process has, and returns it in use by stripe. Other calls do not wait
// for it: it is no flight.
func (f *Factory) rotate(ctx context.Context, r *rotation, stripe seccache.Stripe) (*key, error) {
	now := f.now()
	err := error(Errorf(Internal, nil, "the rotation was aborted")) // if the metastore panics
	defer func() { f.rotated(r, now, err) }()
	k, failure := f.loadSuccessor(ctx, r, stripe, now)
	err = failure
	return k, err
}

func (f *Factory) loadSuccessor(ctx context.Context, r *rotation, stripe seccache.Stripe, now instant) (*key, error) {
	v, err := f.view(ctx, now)
	if err != nil {
		return nil, err
	}
	v.inline = true
	return r.t.loadLatest(ctx, r.id, stripe, v)
}

// rotated ends a rotation, and tells how it went.
func (f *Factory) rotated(r *rotation, now instant, err error) {
	if CodeOf(err) == Cancelled { // the caller's call was: another's will do it
		f.rotations.end(r, now.mono, nil)
		return
	}
	wait := f.rotations.end(r, now.mono, err)
	if err == nil {
		r.t.count(hooks.Rotated)
		r.t.tellKey(RotationDone, KeyMeta{ID: r.id})
		return
	}
	r.t.count(hooks.RotationFailed)
	r.t.tellKey(RotationFailed, KeyMeta{ID: r.id})
	if times, due := f.rotations.failing.occurred(now.mono); due {
		hooks.Log(hooks.Warn, "keys", "replacing the expired %s key %.120q failed (failures since the last such line: %d); "+
			"it goes on encrypting and is tried again in %v: %v",
			r.t.label, r.id, times, wait, chain(err))
	}
}
