package envelope

import "time"

// Decisions is a policy of the host's. A member that is nil leaves the decision to the Policy; one that is set is asked
// at each decision, of cached keys too, on the goroutine of the call. It is safe for concurrent use. An error fails the
// call, and makes no key.
type Decisions struct {
	// KeyExpired says that a key made at created (Unix seconds) is too old to encrypt.
	KeyExpired func(created int64) (bool, error)
	// RevokeCheckInterval is how long a key is used after it was last seen in the metastore; 0 is not at all.
	RevokeCheckInterval func() (time.Duration, error)

	CacheSystemKeys              func() (bool, error)
	CacheIntermediateKeys        func() (bool, error)
	QueuedRotation               func() (bool, error)
	NotifyExpiredSystemKey       func() (bool, error)
	NotifyExpiredIntermediateKey func() (bool, error)

	// TruncateSystemKey and TruncateIntermediateKey round the time of creation of a new key down, Unix seconds.
	TruncateSystemKey       func(created int64) (int64, error)
	TruncateIntermediateKey func(created int64) (int64, error)
}
