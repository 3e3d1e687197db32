package envelope

import (
	"context"

	"github.com/libasherah/libasherah/internal/seccache"
)

// KMS wraps and unwraps system keys. Implementations are safe for concurrent use, pass kmstest, and may implement
// io.Closer. Errors need not be of type *Error; those that are not become KMSFailed with the error as cause.
type KMS interface {
	// EncryptKey wraps a 32-byte key. key stays the caller's and is valid during the call only.
	EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error)

	// DecryptKey unwraps what EncryptKey returned, for the key with this time of creation (Unix seconds) and revocation
	// mark. The caller destroys the secret. A key that is not 32 bytes long is an error.
	DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool) (*seccache.Secret, error)
}
