package tds

import (
	"encoding/binary"
	"errors"
)

// What client and server say about encryption before the login (MS-TDS 2.2.6.5).
const (
	EncryptOff    = 0 // of the login only
	EncryptOn     = 1
	EncryptNot    = 2
	EncryptNeeded = 3
	EncryptStrict = 4
)

const (
	preloginVersion    = 0
	preloginEncryption = 1
	preloginInstance   = 2
	preloginThread     = 3
	preloginMARS       = 4
	preloginFedAuth    = 6
	preloginEnd        = 0xff
)

// Prelogin is what a client says first.
type Prelogin struct {
	Encryption byte
	Instance   string
	MARS       bool
	FedAuth    bool // the client asks whether it is needed
}

// ParsePrelogin reads the options: a table of number, offset and length, then what they say.
func ParsePrelogin(body []byte) (*Prelogin, error) {
	p := &Prelogin{Encryption: EncryptNot}
	r := &reader{rest: body}
	for {
		option := r.u8()
		if r.err != nil {
			return nil, r.err
		}
		if option == preloginEnd {
			return p, nil
		}
		place := r.bytes(4)
		if r.err != nil {
			return nil, r.err
		}
		offset, size := int(binary.BigEndian.Uint16(place)), int(binary.BigEndian.Uint16(place[2:]))
		if offset+size > len(body) {
			return nil, errors.New("an option of the pre-login lies outside of it")
		}
		value := body[offset : offset+size]
		switch {
		case option == preloginEncryption && size > 0:
			p.Encryption = value[0]
		case option == preloginMARS && size > 0:
			p.MARS = value[0] == 1
		case option == preloginFedAuth && size > 0:
			p.FedAuth = true
		case option == preloginInstance:
			for i, c := range value {
				if c == 0 {
					value = value[:i]
					break
				}
			}
			p.Instance = string(value)
		}
	}
}

// Prelogin writes the server's answer: its version and encryption, the instance is right, no MARS.
func (w *Writer) Prelogin(encryption byte, fedAuth bool) error {
	type option struct {
		number byte
		value  []byte
	}
	options := []option{
		{preloginVersion, []byte{16, 0, 1000 >> 8, 1000 & 0xff, 0, 0}},
		{preloginEncryption, []byte{encryption}},
		{preloginInstance, []byte{0}},
		{preloginThread, nil},
		{preloginMARS, []byte{0}},
	}
	if fedAuth {
		options = append(options, option{preloginFedAuth, []byte{0}})
	}
	var table, values []byte
	offset := 5*len(options) + 1
	for _, o := range options {
		table = append(table, o.number)
		table = binary.BigEndian.AppendUint16(table, uint16(offset+len(values)))
		table = binary.BigEndian.AppendUint16(table, uint16(len(o.value)))
		values = append(values, o.value...)
	}
	w.write(append(table, preloginEnd))
	w.write(values)
	return w.Finish()
}
