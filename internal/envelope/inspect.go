package envelope

import (
	"context"

	"github.com/libasherah/libasherah/internal/seccache"
)

// Looking at records and keys without opening them, for tools.

// RecordInfo is what a data row record says of itself in the clear.
type RecordInfo struct {
	Parent    KeyMeta // the intermediate key that seals its data row key
	Plaintext int     // bytes
}

// ReadRecordInfo reads a data row record by the rules of decryption.
func ReadRecordInfo(record []byte) (*RecordInfo, error) {
	r, err := readRecord(record)
	if err != nil {
		return nil, err
	}
	return &RecordInfo{
		Parent:    KeyMeta{ID: string(r.parentID), Created: r.parentCreated},
		Plaintext: max(0, decodedLen(r.data)-seccache.Overhead),
	}, nil
}

// SystemKeyID returns the id of a service's system keys. suffix is the region suffix, "" for none.
func SystemKeyID(service, product, suffix string) string {
	return newPartition("", service, product, suffix).systemKeyID
}

// IntermediateKeyID returns the id of a partition's intermediate keys.
func IntermediateKeyID(partition, service, product, suffix string) string {
	return newPartition(partition, service, product, suffix).intermediateKeyID
}

// Revoker is a Metastore that can set the revocation mark of a record.
type Revoker interface {
	// Revoke sets the mark of the record with exactly this id and created, and leaves the rest of it as it is. It returns
	// false and no error if there is no such record.
	Revoke(ctx context.Context, id string, created int64) (found bool, err error)
}
