package tds

import (
	"encoding/binary"
	"errors"
)

// Versions as LOGIN7 and LOGINACK have them.
const (
	Version73A = 0x730a0003
	Version73B = 0x730b0003
	Version74  = 0x74000004
	Version80  = 0x08000000
)

// Features of LOGIN7's extension (MS-TDS 2.2.6.4).
const (
	FeatureUTF8 = 0x0a
	featureEnd  = 0xff
)

// Login is LOGIN7.
type Login struct {
	Version    uint32
	PacketSize int
	HostName   string
	User       string
	Password   string
	App        string
	Server     string
	Library    string
	Language   string
	Database   string
	Attach     string // database file
	ReadOnly   bool   // the intent
	Integrated bool   // with SSPI
	Features   map[byte][]byte
}

// Offsets of LOGIN7. Texts are named by offset and length in UTF-16 units.
const (
	loginVersion      = 4
	loginPacketSize   = 8
	loginOption2      = 25
	loginTypeFlags    = 26
	loginOption3      = 27
	loginTexts        = 36
	loginSize         = 94
	integratedLogin   = 0x80
	readOnlyIntent    = 0x20
	featuresExtension = 0x10
)

// ParseLogin reads LOGIN7.
func ParseLogin(body []byte) (*Login, error) {
	if len(body) < loginSize || int(binary.LittleEndian.Uint32(body)) > len(body) {
		return nil, errors.New("the login is too short")
	}
	l := &Login{
		Version:    binary.LittleEndian.Uint32(body[loginVersion:]),
		PacketSize: int(binary.LittleEndian.Uint32(body[loginPacketSize:]) & 0xffffff),
		ReadOnly:   body[loginTypeFlags]&readOnlyIntent != 0,
		Integrated: body[loginOption2]&integratedLogin != 0,
	}
	texts := []struct {
		at int
		to *string
	}{
		{0, &l.HostName}, {4, &l.User}, {12, &l.App}, {16, &l.Server}, {24, &l.Library}, {28, &l.Language}, {
			32,
			&l.Database,
		}, {46, &l.Attach},
	}
	for _, t := range texts {
		b, err := loginBytes(body, loginTexts+t.at, 2)
		if err != nil {
			return nil, err
		}
		*t.to = (&reader{rest: b}).text(len(b) / 2)
	}
	password, err := loginBytes(body, loginTexts+8, 2)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(password))
	for i, b := range password { // nibbles swapped, and bits flipped
		b ^= 0xa5
		plain[i] = b<<4 | b>>4
	}
	l.Password = (&reader{rest: plain}).text(len(plain) / 2)
	if body[loginOption3]&featuresExtension != 0 {
		if l.Features, err = loginFeatures(body); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func loginBytes(body []byte, at, unit int) ([]byte, error) {
	offset, size := int(binary.LittleEndian.Uint16(body[at:])), int(binary.LittleEndian.Uint16(body[at+2:]))*unit
	if size == 0 {
		return nil, nil
	}
	if offset+size > len(body) {
		return nil, errors.New("a part of the login lies outside of it")
	}
	return body[offset : offset+size], nil
}

// loginFeatures reads number, length and data of each feature, to the number 255.
func loginFeatures(body []byte) (map[byte][]byte, error) {
	pointer, err := loginBytes(body, loginTexts+20, 1)
	if err != nil || len(pointer) < 4 {
		return nil, errors.New("the login has no list of features where it says so")
	}
	offset := binary.LittleEndian.Uint32(pointer)
	if offset > uint32(len(body)) {
		return nil, errors.New("the list of features lies outside of the login")
	}
	r := &reader{rest: body[offset:]}
	features := map[byte][]byte{}
	for {
		number := r.u8()
		if r.err != nil || number == featureEnd {
			return features, r.err
		}
		size := r.u32()
		if size > uint32(len(r.rest)) {
			return nil, errShort
		}
		features[number] = r.bytes(int(size))
	}
}
