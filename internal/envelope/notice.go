package envelope

import (
	"math"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// leastNotice is the least time between two lines about the same key, where the check interval is shorter.
const leastNotice = time.Minute

// noticeRead tells of a key that is used for decryption and would not encrypt any more, where that is wanted.
func (v *view) noticeRead(t *tier, k *key) error {
	wanted, err := v.notifies(t)
	if err != nil || !wanted {
		return err
	}
	expired, err := v.expired(k.name.Created)
	if err == nil && (expired || k.revoked.Load()) {
		v.f.tellRead(t, k, v.now, v.interval)
	}
	return err
}

// tellRead counts each use, and logs one in a check interval.
func (f *Factory) tellRead(t *tier, k *key, now instant, interval time.Duration) {
	t.count(hooks.ExpiredRead)
	t.tellKey(ExpiredKeyRead, k.name)
	if !hooks.Enabled(hooks.Info) {
		return
	}
	every := max(interval, leastNotice)
	if last := time.Duration(k.noticed.Load()); last != 0 && now.mono-last < every {
		return // told already, which a key that is cached knows by itself
	}
	k.noticed.Store(int64(now.mono))
	if f.reads.due(k.name, now.mono, every) {
		hooks.Log(hooks.Info, "keys",
			"expired %s key %.120q created %d is in use for decryption", t.label, k.name.ID, k.name.Created)
	}
}

// tellRevoked logs once that a key was seen to be revoked.
func (f *Factory) tellRevoked(name KeyMeta, now instant) {
	if f.revocations.due(name, now.mono, math.MaxInt64) {
		hooks.Log(hooks.Info, "keys",
			"key %.120q created %d is revoked: it is used for decryption only", name.ID, name.Created)
	}
}
