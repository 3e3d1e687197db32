package envelope_test

import (
	"encoding/json"
	"math/rand/v2"
)

// canonical returns the record that canonical Go would write: what encoding/json makes of its struct.
func canonical(parentID string, parentCreated int64, key, data []byte) string {
	type meta struct {
		KeyId   string //nolint:revive // the format's name
		Created int64
	}
	type keyRecord struct {
		Created       int64
		Key           []byte
		ParentKeyMeta *meta
	}
	text, err := json.Marshal(struct {
		Key  keyRecord
		Data []byte
	}{keyRecord{1700000000, key, &meta{parentID, parentCreated}}, data})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// randomBytes returns n bytes of a generator whose seed makes a failure repeatable.
func randomBytes(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}
