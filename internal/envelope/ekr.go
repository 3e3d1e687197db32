package envelope

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/json/jsontext"
	"io"
	"strconv"
)

// The JSON form of an EKR, as canonical Go writes it: no blanks, Revoked first and only when true, ParentKeyMeta only
// in intermediate keys.
type keyRecordJSON struct {
	Revoked       bool         `json:"Revoked,omitempty"`
	Created       int64        `json:"Created"`
	Key           []byte       `json:"Key"`
	ParentKeyMeta *keyMetaJSON `json:"ParentKeyMeta,omitempty"`
}

type keyMetaJSON struct {
	KeyID   string `json:"KeyId"`
	Created int64  `json:"Created"`
}

// AppendJSON appends the record as stored in a metastore's key_record, without ID.
func (r *KeyRecord) AppendJSON(dst []byte) []byte {
	form := keyRecordJSON{Revoked: r.Revoked, Created: r.Created, Key: r.Key}
	if r.Parent != nil {
		form.ParentKeyMeta = &keyMetaJSON{KeyID: r.Parent.ID, Created: r.Parent.Created}
	}
	text, _ := json.Marshal(form) // cannot fail: it has no type that can
	return append(dst, text...)
}

// ParseKeyRecord reads a key_record: one JSON object with Created (whole seconds) and Key (standard base64), and
// perhaps ParentKeyMeta and Revoked, in any order. Unknown members are passed over; null is absent. Duplicate members,
// other types, trailing text and a byte order mark are refused. ID is left empty; stores overwrite Created with that
// of their row.
func ParseKeyRecord(text []byte) (*KeyRecord, error) {
	r := &KeyRecord{}
	var created, key bool
	err := readObject(text, "key record", func(name string, d *jsontext.Decoder) error {
		var err error
		switch name {
		case "Created":
			r.Created, created, err = readInteger(d, "Created")
		case "Key":
			r.Key, key, err = readBase64(d, "Key")
		case "Revoked":
			r.Revoked, _, err = readBool(d, "Revoked")
		case "ParentKeyMeta":
			r.Parent, err = readKeyMeta(d)
		default:
			err = d.SkipValue()
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !created:
		return nil, missing("key record", "Created")
	case !key:
		return nil, missing("key record", "Key")
	}
	return r, nil
}

func missing(what, member string) error {
	return Errorf(MalformedRecord, nil, "the %s has no member %s", what, member)
}

func mistyped(member, want string) error {
	return Errorf(MalformedRecord, nil, "the record's member %s is not %s", member, want)
}

// readObject calls member for each member of the JSON object that text is; member consumes the value.
func readObject(text []byte, what string, member func(name string, d *jsontext.Decoder) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	if d.PeekKind() != '{' {
		return Errorf(MalformedRecord, nil, "the %s is not a JSON object", what)
	}
	if err := readMembers(d, member); err != nil {
		return malformed(what, err)
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return Errorf(MalformedRecord, nil, "the %s is followed by other text", what)
	}
	return nil
}

func readMembers(d *jsontext.Decoder, member func(name string, d *jsontext.Decoder) error) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String(), d); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// malformed keeps our own errors and hides the reader's, which quote the input.
func malformed(what string, err error) error {
	if CodeOf(err) == Internal {
		return Errorf(MalformedRecord, err, "the %s is not well-formed JSON, has a member twice, or is not UTF-8", what)
	}
	return err
}

// The readers below answer false for null, which is the same as no such member.

func readInteger(d *jsontext.Decoder, name string) (int64, bool, error) {
	v, err := d.ReadValue()
	if err != nil || v.Kind() == 'n' {
		return 0, false, err
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if v.Kind() != '0' || err != nil {
		return 0, false, mistyped(name, "a whole number of seconds")
	}
	return n, true, nil
}

func readBool(d *jsontext.Decoder, name string) (bool, bool, error) {
	v, err := d.ReadValue()
	if err != nil || v.Kind() == 'n' {
		return false, false, err
	}
	if v.Kind() != 't' && v.Kind() != 'f' {
		return false, false, mistyped(name, "true or false")
	}
	return v.Kind() == 't', true, nil
}

// readText returns a string's content, a part of the input unless it has escapes.
func readText(d *jsontext.Decoder, name string) ([]byte, bool, error) {
	v, err := d.ReadValue()
	if err != nil || v.Kind() == 'n' {
		return nil, false, err
	}
	if v.Kind() != '"' {
		return nil, false, mistyped(name, "a string")
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1], true, nil
	}
	text, err := jsontext.AppendUnquote(nil, v)
	return text, true, err
}

func readBase64(d *jsontext.Decoder, name string) ([]byte, bool, error) {
	text, ok, err := readText(d, name)
	if err != nil || !ok {
		return nil, ok, err
	}
	raw := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, ok := decodeBase64(raw, text)
	if !ok {
		return nil, false, mistyped(name, "base64")
	}
	return raw[:n], true, nil
}

// maxKeyID bounds a key id, in bytes: partition, service and product of maxID each, a region and what joins them.
const maxKeyID = 3*maxID + 1024

func readKeyMeta(d *jsontext.Decoder) (*KeyMeta, error) {
	switch d.PeekKind() {
	case 'n':
		return nil, d.SkipValue()
	case '{':
	default:
		if _, err := d.ReadValue(); err != nil {
			return nil, err
		}
		return nil, mistyped("ParentKeyMeta", "an object")
	}
	m := &KeyMeta{}
	var id, created bool
	err := readMembers(d, func(name string, d *jsontext.Decoder) (err error) {
		switch name {
		case "KeyId":
			var text []byte
			if text, id, err = readText(d, "KeyId"); len(text) > maxKeyID {
				return mistyped("KeyId", "a key id: it is too long")
			}
			m.ID = string(text)
		case "Created":
			m.Created, created, err = readInteger(d, "ParentKeyMeta.Created")
		default:
			err = d.SkipValue()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !id || m.ID == "" || !created || m.Created == 0 {
		return nil, Errorf(MetadataMissing, nil, "Could not find a complete ParentKeyMeta: KeyId and Created are required")
	}
	return m, nil
}
