package envelope

import (
	"errors"
	"time"
)

// Decisions is a policy of the host's. A member that is nil leaves the decision to the Policy; one that is set is asked
// in every call that has to decide, of cached keys too, on the goroutine of the call: keys are looked at again and
// replaced there, as with Options.SyncRefresh. It is safe for concurrent use. An error fails the call, and makes no key.
type Decisions struct {
	// KeyExpired says that a key made at created (Unix seconds) is too old to encrypt. Of a key from the future it is
	// not asked, so that a policy by which every key is expired has one made a second at most.
	KeyExpired func(created int64) (bool, error)
	// RevokeCheckInterval is how long a key is used after it was last seen in the metastore; 0 is to look each time.
	RevokeCheckInterval func() (time.Duration, error)

	// While keys may not be cached, those in the cache are dropped. Caches of size 0 are not asked for.
	CacheSystemKeys              func() (bool, error)
	CacheIntermediateKeys        func() (bool, error)
	QueuedRotation               func() (bool, error)
	NotifyExpiredSystemKey       func() (bool, error)
	NotifyExpiredIntermediateKey func() (bool, error)

	// TruncateSystemKey and TruncateIntermediateKey round the time of creation of a new key down, Unix seconds. The
	// answer is positive and not after created. Where there is a key as new as that, or the new one would be expired,
	// the time is not rounded.
	TruncateSystemKey       func(created int64) (int64, error)
	TruncateIntermediateKey func(created int64) (int64, error)
}

// any says that the host decides something.
func (d *Decisions) any() bool {
	return d != nil && (d.KeyExpired != nil || d.RevokeCheckInterval != nil || d.CacheSystemKeys != nil ||
		d.CacheIntermediateKeys != nil || d.QueuedRotation != nil || d.NotifyExpiredSystemKey != nil ||
		d.NotifyExpiredIntermediateKey != nil || d.TruncateSystemKey != nil || d.TruncateIntermediateKey != nil)
}

// levelDecisions are those of Decisions that are made for each level of the hierarchy.
type levelDecisions struct {
	cache    func() (bool, error)
	notify   func() (bool, error)
	truncate func(created int64) (int64, error)
}

func (d *Decisions) systems() levelDecisions {
	return levelDecisions{d.CacheSystemKeys, d.NotifyExpiredSystemKey, d.TruncateSystemKey}
}

func (d *Decisions) intermediates() levelDecisions {
	return levelDecisions{d.CacheIntermediateKeys, d.NotifyExpiredIntermediateKey, d.TruncateIntermediateKey}
}

// undecided marks the failure of a decision: unlike that of a metastore or a KMS, it is no reason to use a key longer.
func undecided(err error, what string) error {
	if err == nil {
		return nil
	}
	failure := Error{Code: HostCallback, Message: "the host's policy failed to say " + what, Cause: err}
	var e *Error
	if errors.As(err, &e) {
		failure = *e
	}
	failure.undecided = true
	return &failure
}

// isUndecided says that a decision failed.
func isUndecided(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.undecided
}
