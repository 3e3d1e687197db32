package envelope

import (
	"math"
	"time"
)

// Policy says how long keys live, how often they are looked at, and what is cached.
type Policy struct {
	// ExpireAfter is the age at which a key is no longer used to encrypt. Expired keys go on decrypting.
	ExpireAfter time.Duration
	// RevokeCheckInterval is how long a key is used after it was last seen in the metastore.
	RevokeCheckInterval time.Duration
	// RevokeCheckGrace is how much longer a key is used while the metastore or the KMS fails.
	RevokeCheckGrace time.Duration
	// CreatePrecision is what the creation time of a new key is truncated to, so that processes that create one at the
	// same time agree on it. At most ExpireAfter is used, and at least a second.
	CreatePrecision time.Duration

	CacheSystemKeys          bool
	CacheIntermediateKeys    bool
	SystemKeyCacheSize       int // keys; 0 is no cache
	IntermediateKeyCacheSize int // keys; 0 is no cache

	CacheSessions        bool
	SessionCacheSize     int // sessions; 0 is no cache
	SessionCacheDuration time.Duration

	// QueuedRotation has an expired key go on encrypting while its successor is made in the background. Otherwise the
	// call that finds it expired makes the successor.
	QueuedRotation bool
	// NotifyExpiredSystemKey and NotifyExpiredIntermediateKey have the use of an expired key for decryption logged and
	// counted.
	NotifyExpiredSystemKey       bool
	NotifyExpiredIntermediateKey bool
}

// DefaultPolicy returns the defaults of the canonical SDKs.
func DefaultPolicy() Policy {
	return Policy{
		ExpireAfter:              90 * 24 * time.Hour,
		RevokeCheckInterval:      time.Hour,
		CreatePrecision:          time.Minute,
		CacheSystemKeys:          true,
		CacheIntermediateKeys:    true,
		SystemKeyCacheSize:       1000,
		IntermediateKeyCacheSize: 1000,
		SessionCacheSize:         1000,
		SessionCacheDuration:     2 * time.Hour,
	}
}

// precision returns the effective CreatePrecision in seconds. A key whose time of creation was truncated by more than
// its life would be born expired.
func (p *Policy) precision() int64 {
	return max(1, int64(min(p.CreatePrecision, p.ExpireAfter)/time.Second))
}

// idle returns how long a key stays cached after its last use. It is more than the time for which it may be used unseen,
// so that a key that is used once in a while is looked at again, in the metastore only, and not opened again.
func (p *Policy) idle() time.Duration {
	twice := addDurations(p.RevokeCheckInterval, p.RevokeCheckInterval)
	return addDurations(addDurations(twice, twice), p.RevokeCheckGrace)
}

// addDurations adds what is not negative, up to the longest duration there is.
func addDurations(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func (p *Policy) check() error {
	switch {
	case p.ExpireAfter <= 0:
		return Errorf(Configuration, nil, "the key expiry must be positive")
	case p.RevokeCheckInterval <= 0:
		return Errorf(Configuration, nil, "the revoke check interval must be positive")
	case p.RevokeCheckGrace < 0 || p.CreatePrecision < 0 || p.SessionCacheDuration < 0:
		return Errorf(Configuration, nil, "a duration of the policy is negative")
	case p.SystemKeyCacheSize < 0 || p.IntermediateKeyCacheSize < 0 || p.SessionCacheSize < 0:
		return Errorf(Configuration, nil, "a cache size of the policy is negative")
	}
	return nil
}
