package envelope

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/seccache"
)

// MetastoreClient uses a metastore without a factory, with the checks, log lines and classes of errors of one.
type MetastoreClient struct{ door store }

// NewMetastoreClient returns a client of m, which stays the caller's.
func NewMetastoreClient(m Metastore) *MetastoreClient {
	return &MetastoreClient{store{m, &events{}, newService("metastore", MetastoreFailed, sinceNow())}}
}

// Load returns the record with exactly this id and created, nil if there is none.
func (c *MetastoreClient) Load(ctx context.Context, id string, created int64) (*KeyRecord, error) {
	return c.door.load(ctx, KeyMeta{id, created})
}

// LoadLatest returns the record of this id with the largest created, nil if there is none.
func (c *MetastoreClient) LoadLatest(ctx context.Context, id string) (*KeyRecord, error) {
	return c.door.loadLatest(ctx, id)
}

// Store adds a record, and returns false if there is one with its id and created.
func (c *MetastoreClient) Store(ctx context.Context, r *KeyRecord) (bool, error) {
	return c.door.store(ctx, r)
}

// KeySuffix returns the region suffix of key ids, "" for none.
func (c *MetastoreClient) KeySuffix() string { return c.door.metastore.KeySuffix() }

// KMSClient uses a KMS without a factory, with the log lines and classes of errors of one.
type KMSClient struct{ door keyService }

// NewKMSClient returns a client of k, which stays the caller's.
func NewKMSClient(k KMS) *KMSClient {
	return &KMSClient{keyService{k, &events{}, newService("KMS", KMSFailed, sinceNow())}}
}

// EncryptKey wraps a system key, which stays the caller's.
func (c *KMSClient) EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error) {
	return c.door.encryptKey(ctx, key, created, revoked)
}

// DecryptKey unwraps a system key. The caller destroys the secret.
func (c *KMSClient) DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool,
) (*seccache.Secret, error) {
	return c.door.decryptKey(ctx, blob, created, revoked)
}

// sinceNow is a clock that begins now.
func sinceNow() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
