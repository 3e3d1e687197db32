package envelope

import "context"

// OnlyCached is a context for Encrypt and Decrypt that makes them answer WouldBlock instead of asking the metastore or
// the KMS.
var OnlyCached context.Context = context.WithValue(context.Background(), onlyCachedKey{}, true)

// Nested is the context of a call that is made inside of a call of the metastore, the KMS or a policy: of a function
// of the host that calls back. It never waits for what another call does, which may be the one it is inside of, and
// loads for itself.
var Nested context.Context = context.WithValue(context.Background(), nestedKey{}, true)

// NestedOnlyCached is Nested and OnlyCached.
var NestedOnlyCached context.Context = context.WithValue(Nested, onlyCachedKey{}, true)

type (
	onlyCachedKey struct{}
	nestedKey     struct{}
)
