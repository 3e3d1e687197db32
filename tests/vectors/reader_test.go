package vectors

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"strings"
)

// This reader checks what we write against the rules of README.md. It has nothing of the project's in it: the standard
// library's JSON and AES, structures declared in the order of the canonical Go SDK's.

type keyMeta struct {
	KeyID   string `json:"KeyId"`
	Created int64
}

type keyRecord struct {
	Revoked       bool `json:",omitempty"`
	Created       int64
	Key           []byte
	ParentKeyMeta *keyMeta `json:",omitempty"`
}

type dataRowRecord struct {
	Key  *keyRecord
	Data []byte
}

// reader knows what a record must be: the ids of the place, and the clock that it was written by.
type reader struct {
	place
	master  []byte
	rows    []row
	now     int64 // Unix seconds
	precise int64 // the precision of system and intermediate keys, seconds
}

// canonical decodes text and checks that it is, byte for byte, what the canonical SDK writes for the same values: order
// of the members, no blanks, escapes, padded base64, Revoked only when true.
func canonical(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) {
		return fmt.Errorf("%s is not in canonical form, which is %s", text, again)
	}
	return nil
}

func open(key, sealed []byte) ([]byte, error) {
	const nonceSize, tagSize = 12, 16
	if len(sealed) < nonceSize+tagSize {
		return nil, fmt.Errorf("a sealed value of %d bytes", len(sealed))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	end := len(sealed) - nonceSize
	return gcm.Open(nil, sealed[end:], sealed[:end], nil)
}

// openKey opens a sealed key of 32 bytes.
func openKey(key, sealed []byte) ([]byte, error) {
	if len(sealed) != 60 {
		return nil, fmt.Errorf("a sealed key of %d bytes", len(sealed))
	}
	return open(key, sealed)
}

func (r *reader) id(parts ...string) string {
	if r.suffix != "" {
		parts = append(parts, r.suffix)
	}
	return strings.Join(parts, "_")
}

// row finds the key that a record refers to, by id and time as canonical SDKs do, and reads its record.
func (r *reader) row(meta *keyMeta, want string) (*keyRecord, error) {
	if meta == nil || meta.KeyID != want {
		return nil, fmt.Errorf("the parent is %+v; want %s", meta, want)
	}
	if meta.Created%r.precise != 0 || meta.Created > r.now {
		return nil, fmt.Errorf("%s was made at %d: no multiple of %d, or after %d", want, meta.Created, r.precise, r.now)
	}
	for _, row := range r.rows {
		if row.ID != want || row.Created != meta.Created {
			continue
		}
		record := &keyRecord{}
		if err := canonical([]byte(row.KeyRecord), record); err != nil {
			return nil, err
		}
		if record.Created != row.Created || record.Revoked {
			return nil, fmt.Errorf("the record of %s at %d is %s", row.ID, row.Created, row.KeyRecord)
		}
		return record, nil
	}
	return nil, fmt.Errorf("%s at %d is not in the metastore", want, meta.Created)
}

// read opens a record written at r.now for a partition.
func (r *reader) read(partition string, text []byte) ([]byte, error) {
	record := &dataRowRecord{}
	if err := canonical(text, record); err != nil {
		return nil, err
	}
	if record.Key.Created != r.now || record.Key.Revoked {
		return nil, fmt.Errorf("the data row key was made at %d and is revoked: %v; want %d", record.Key.Created,
			record.Key.Revoked, r.now)
	}
	intermediate, err := r.row(record.Key.ParentKeyMeta, r.id("_IK", partition, r.service, r.product))
	if err != nil {
		return nil, err
	}
	system, err := r.row(intermediate.ParentKeyMeta, r.id("_SK", r.service, r.product))
	if err != nil {
		return nil, err
	}
	if system.ParentKeyMeta != nil {
		return nil, fmt.Errorf("the system key has a parent: %+v", system.ParentKeyMeta)
	}
	key := r.master
	for _, sealed := range [][]byte{system.Key, intermediate.Key, record.Key.Key} {
		if key, err = openKey(key, sealed); err != nil {
			return nil, err
		}
	}
	return open(key, record.Data)
}
