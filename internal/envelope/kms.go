package envelope

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/seccache"
)

// KMS wraps and unwraps system keys. Implementations are safe for concurrent use, pass kmstest, and may implement
// io.Closer. Errors need not be of type *Error; those that are not become KMSFailed with the error as cause. One that
// keeps its keys in several regions tells of its requests with TellRequest.
type KMS interface {
	// EncryptKey wraps a 32-byte key. key stays the caller's and is valid during the call only.
	EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error)

	// DecryptKey unwraps what EncryptKey returned, for the key with this time of creation (Unix seconds) and revocation
	// mark. The caller destroys the secret. A key that is not 32 bytes long is an error.
	DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool) (*seccache.Secret, error)
}

// keyService is the one door to a factory's KMS: it watches the time and classifies failures.
type keyService struct {
	kms    KMS
	events *events
	*service
}

func (s keyService) encryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error) {
	watched, requests := s.events.watchRequests(ctx, created)
	start := time.Now()
	blob, err := s.kms.EncryptKey(watched, key, created, revoked)
	s.events.tellAnswer(Event{Type: KeyEncrypted, System: true, Created: created}, start, false, err)
	requests.end()
	if err := s.asked(ctx, start, "encrypt a system key", err); err != nil {
		return nil, err
	}
	return blob, nil
}

func (s keyService) decryptKey(ctx context.Context, blob []byte, created int64, revoked bool) (*seccache.Secret, error) {
	watched, requests := s.events.watchRequests(ctx, created)
	start := time.Now()
	key, err := s.kms.DecryptKey(watched, blob, created, revoked)
	s.events.tellAnswer(Event{Type: KeyDecrypted, System: true, Created: created}, start, false, err)
	requests.end()
	if err := s.asked(ctx, start, "decrypt a system key", err); err != nil {
		return nil, err
	}
	return key, nil
}
