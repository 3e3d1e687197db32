package envelope

import "context"

// Metastore stores key records by key id and time of creation (Unix seconds, UTC). Implementations are safe for
// concurrent use, pass metastoretest, and may implement io.Closer.
//
// An absent record is a nil record and no error. Every failure to ask or to understand the answer is an error, never
// an absence: a store that is down must not look empty, since new keys would be made. Errors need not be of type
// *Error; those that are not become MetastoreFailed with the error as cause. A cancelled or expired context ends the
// call with the context's error.
type Metastore interface {
	// Load returns the record with exactly this id and created.
	Load(ctx context.Context, id string, created int64) (*KeyRecord, error)

	// LoadLatest returns the record of this id with the largest created.
	LoadLatest(ctx context.Context, id string) (*KeyRecord, error)

	// Store adds a record. It returns false and no error if one with the same id and created is there already, which it
	// leaves as it is. record must not be kept or changed.
	Store(ctx context.Context, id string, created int64, record *KeyRecord) (stored bool, err error)

	// KeySuffix returns the region suffix of key ids, "" for none. It never changes and does no I/O.
	KeySuffix() string
}

// KeyMeta names a key in the metastore.
type KeyMeta struct {
	ID      string
	Created int64 // Unix seconds
}

// KeyRecord is an envelope key record (EKR): a sealed key as the metastore keeps it. ID and Created are those of the
// row where it was found or goes, which is what other records refer to. A record that was handed out by a store is
// shared: nobody changes it.
type KeyRecord struct {
	ID      string
	Created int64  // Unix seconds
	Key     []byte // sealed: ciphertext || tag (16 bytes) || nonce (12 bytes), or what the KMS made of a system key
	Parent  *KeyMeta
	Revoked bool
}
