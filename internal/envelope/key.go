package envelope

import (
	"bytes"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/seccache"
)

// instant is one reading of the clock. Both readings have to agree that a key is fresh: the wall clock may be set back,
// and the monotonic one stands still while the machine sleeps.
type instant struct {
	wall int64         // Unix nanoseconds
	mono time.Duration // since the factory was made
}

func (t instant) seconds() int64 { return floor(t.wall, int64(time.Second)) / int64(time.Second) }

// floor returns the multiple of step at or below n.
func floor(n, step int64) int64 { return n - ((n%step)+step)%step }

// key is a system or intermediate key that was seen in the metastore.
type key struct {
	name   KeyMeta
	sealed []byte // as in its record
	cipher *seccache.Key
	parent atomic.Pointer[key] // of an intermediate key: the system key it was opened or made with
	head   string              // of an intermediate key: see recordHead

	seen       atomic.Pointer[sighting]
	revoked    atomic.Bool
	warned     atomic.Bool
	superseded atomic.Bool // a newer key of the same id has been seen
	exhausted  atomic.Bool // it has sealed as often as one key should
	refreshing atomic.Bool
	noticed    atomic.Int64 // when its use for decryption was last told, monotonic
}

// sighting is when a key was last seen in the metastore, and when to look again early.
type sighting struct {
	at      instant
	refresh time.Duration // monotonic
}

// Refreshing early starts at a random point of this part of the revoke check interval, so that keys that were loaded
// together are not looked for together.
const earliestRefresh, latestRefresh = 0.75, 0.95

// see records that the key was seen in the metastore by a call that began at now. Of calls that overlap the later one
// counts, except that a revocation mark is believed whoever saw it. It is true if the mark is news.
func (k *key) see(now instant, revoked bool, interval time.Duration) (news bool) {
	last := k.seen.Load()
	outdated := last != nil && now.mono < last.at.mono
	early := time.Duration(float64(interval) * (earliestRefresh + (latestRefresh-earliestRefresh)*rand.Float64()))
	if revoked {
		news = !k.revoked.Swap(true)
	} else if !outdated {
		k.revoked.Store(false)
	}
	if !outdated {
		k.seen.Store(&sighting{at: now, refresh: now.mono + early})
	}
	return news
}

// refreshNotBefore puts off looking again early.
func (k *key) refreshNotBefore(mono time.Duration) {
	last := k.seen.Load()
	if last.refresh < mono {
		k.seen.CompareAndSwap(last, &sighting{at: last.at, refresh: mono})
	}
}

// sameAs says that a record is that of this key.
func (k *key) sameAs(r *KeyRecord) bool {
	return k.name.Created == r.Created && k.name.ID == r.ID && bytes.Equal(k.sealed, r.Key)
}

type freshness int

const (
	fresh freshness = iota
	early           // fresh, but time to look again
	stale
)

func (k *key) freshness(now instant, interval time.Duration) freshness {
	s := k.seen.Load()
	switch {
	case now.mono-s.at.mono >= interval || now.wall-s.at.wall >= int64(interval):
		return stale
	case now.mono >= s.refresh:
		return early
	}
	return fresh
}

// freshnessWithParent is that of the staler one of a key and its parent.
func (k *key) freshnessWithParent(now instant, interval time.Duration) freshness {
	f := k.freshness(now, interval)
	if p := k.parent.Load(); p != nil {
		f = max(f, p.freshness(now, interval))
	}
	return f
}

// expired says that a key made at created (Unix seconds) is too old to encrypt with.
func (p *Policy) expired(created int64, now instant) bool {
	const second = int64(time.Second)
	if created > math.MaxInt64/second {
		return false
	}
	born := max(created, math.MinInt64/second) * second
	return born < now.wall && uint64(now.wall)-uint64(born) > uint64(p.ExpireAfter)
}

// mayEncrypt is what view.judge says of a fit key where the host decides nothing, for the hot path.
func (p *Policy) mayEncrypt(k *key, now instant) bool {
	if k.superseded.Load() || k.exhausted.Load() {
		return false
	}
	for ; k != nil; k = k.parent.Load() {
		if k.revoked.Load() || p.expired(k.name.Created, now) {
			return false
		}
	}
	return true
}
