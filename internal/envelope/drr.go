package envelope

import (
	"bytes"
	"encoding/json/jsontext"
	"strconv"

	"github.com/libasherah/libasherah/internal/seccache"
)

// A data row record is
//
//	{"Key":{"Created":<seconds>,"Key":"<base64>","ParentKeyMeta":{"KeyId":"<id>","Created":<seconds>}},"Data":"<base64>"}
//
// Key.Key is the data row key sealed by the intermediate key that ParentKeyMeta names, Data the plaintext sealed by the
// data row key. Key.Created is informational. Records are written exactly so; they are read in any order of members.
const (
	drrHead    = `{"Key":{"Created":`
	drrKey     = `,"Key":"`
	drrParent  = `","ParentKeyMeta":{"KeyId":`
	drrCreated = `,"Created":`
	drrData    = `}},"Data":"`
	drrTail    = `"}`
)

const (
	sealedKeySize = seccache.KeySize + seccache.Overhead // 60
	sealedKeyText = sealedKeySize / 3 * 4                // 80 characters, without padding
	maxDigits     = 20                                   // of an int64
)

// recordHead returns what stands between the data row key and the data in records sealed by an intermediate key.
func recordHead(idJSON string, created int64) string {
	return drrParent + idJSON + drrCreated + strconv.FormatInt(created, 10) + drrData
}

// recordSize returns an upper bound for the size of a record with this key id and n bytes of plaintext.
func recordSize(idJSON string, n int) int {
	return len(drrHead) + maxDigits + len(drrKey) + sealedKeyText + len(drrParent) + len(idJSON) + len(drrCreated) +
		maxDigits + len(drrData) + base64Len(n+seccache.Overhead) + len(drrTail)
}

// recordSizeWith returns the exact size of a record with this head, made at created.
func recordSizeWith(head string, created int64, n int) int {
	var number [maxDigits]byte
	return len(drrHead) + len(strconv.AppendInt(number[:0], created, 10)) + len(drrKey) + sealedKeyText + len(head) +
		base64Len(n+seccache.Overhead) + len(drrTail)
}

// dataRowRecord is a record taken apart. The slices are parts of its text, unless that has escapes.
type dataRowRecord struct {
	key           []byte // base64
	data          []byte // base64
	parentID      []byte
	parentCreated int64
}

// scanRecordOf takes a record apart that is written exactly as above under the key with this head. It accepts nothing
// that scanRecord would not, once key and data have been found to be base64, and looks at less.
func scanRecordOf(text []byte, head string) (r dataRowRecord, ok bool) {
	i := len(drrHead)
	if len(text) < i+maxDigits || string(text[:i]) != drrHead {
		return r, false
	}
	first := i
	for i < first+18 && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	if i == first || i > first+1 && text[first] == '0' {
		return r, false
	}
	key := i + len(drrKey)
	parent := key + sealedKeyText
	data := parent + len(head)
	end := len(text) - len(drrTail)
	if end < data || string(text[i:key]) != drrKey || string(text[parent:data]) != head || string(text[end:]) != drrTail {
		return r, false
	}
	r.key, r.data = text[key:parent], text[data:end]
	return r, true
}

// scanRecord takes a record apart that is written exactly as above, with a key id of printable ASCII. It accepts
// nothing that parseRecord would not, once key and data have been found to be base64.
func scanRecord(text []byte) (r dataRowRecord, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(drrHead))
	if !ok {
		return r, false
	}
	if _, rest, ok = scanSeconds(rest); !ok {
		return r, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(drrKey)); !ok {
		return r, false
	}
	if r.key, rest, ok = bytes.Cut(rest, []byte{'"'}); !ok {
		return r, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(drrParent[1:]+`"`)); !ok {
		return r, false
	}
	if r.parentID, rest, ok = bytes.Cut(rest, []byte{'"'}); !ok || len(r.parentID) == 0 || !isPlain(r.parentID) {
		return r, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(drrCreated)); !ok {
		return r, false
	}
	if r.parentCreated, rest, ok = scanSeconds(rest); !ok || r.parentCreated == 0 {
		return r, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(drrData)); !ok {
		return r, false
	}
	r.data, ok = bytes.CutSuffix(rest, []byte(drrTail))
	return r, ok
}

// scanSeconds reads a number without sign, leading zeros or more than 18 digits.
func scanSeconds(text []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		n = n*10 + int64(text[i]-'0')
		i++
	}
	if i == 0 || i > 18 || i > 1 && text[0] == '0' {
		return 0, text, false
	}
	return n, text[i:], true
}

// parseRecord takes any well-formed record apart: one JSON object with Key.Created, Key.Key, Key.ParentKeyMeta and
// Data. Unknown members are passed over; null is absent. Duplicate members, other types, trailing text and a byte order
// mark are refused.
func parseRecord(text []byte) (r dataRowRecord, err error) {
	const what = "data row record"
	var created, key, data bool
	var parent *KeyMeta
	err = readObject(text, what, func(name string, d *jsontext.Decoder) (err error) {
		switch name {
		case "Data":
			r.data, data, err = readText(d, "Data")
		case "Key":
			if d.PeekKind() != '{' {
				if v, err := d.ReadValue(); err != nil || v.Kind() == 'n' {
					return err
				}
				return mistyped("Key", "an object")
			}
			err = readMembers(d, func(name string, d *jsontext.Decoder) (err error) {
				switch name {
				case "Created":
					_, created, err = readInteger(d, "Key.Created")
				case "Key":
					r.key, key, err = readText(d, "Key.Key")
				case "Revoked":
					_, _, err = readBool(d, "Key.Revoked")
				case "ParentKeyMeta":
					parent, err = readKeyMeta(d)
				default:
					err = d.SkipValue()
				}
				return err
			})
		default:
			err = d.SkipValue()
		}
		return err
	})
	switch {
	case err != nil:
		return r, err
	case !data:
		return r, missing(what, "Data")
	case !key:
		return r, missing(what, "Key.Key")
	case !created:
		return r, missing(what, "Key.Created")
	case parent == nil:
		return r, Errorf(MetadataMissing, nil, "Could not find ParentKeyMeta in the data row record")
	}
	r.parentID, r.parentCreated = []byte(parent.ID), parent.Created
	return r, nil
}

// readRecord takes a record apart. Some writers escape the "/" of base64, or have a member after Data, which scanRecord
// takes for a part of it; that is for parseRecord.
func readRecord(text []byte) (dataRowRecord, error) {
	if r, ok := scanRecord(text); ok && bytes.IndexByte(r.key, '\\') < 0 && bytes.IndexByte(r.data, '\\') < 0 && bytes.IndexByte(r.data, '"') < 0 {
		return r, nil
	}
	return parseRecord(text)
}

// DecryptedSize returns the number of plaintext bytes in a record, looking at its text only, or -1 if it is none.
func DecryptedSize(record []byte) int {
	r, err := readRecord(record)
	if err != nil {
		return -1
	}
	return max(-1, decodedLen(r.data)-seccache.Overhead)
}
