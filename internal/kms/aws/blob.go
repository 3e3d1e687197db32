package awskms

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"errors"
	"io"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Bounds of what is read.
const (
	maxBlob = 1 << 20 // of the JSON text
	maxKeks = 64
	maxKek  = 6144 // KMS takes no more
)

// sealedSize is the size of a sealed system key: ciphertext || tag || nonce.
const sealedSize = seccache.KeySize + seccache.Overhead

// kek is the data key as one region has wrapped it. arn names the key that has, and is not looked at.
type kek struct {
	region, arn string
	wrapped     []byte
}

// blob is what is stored of a system key.
type blob struct {
	sealed []byte
	keks   []kek
}

// encode writes what canonical Go writes.
func (b *blob) encode() []byte {
	text := []byte(`{"encryptedKey":"`)
	text = base64.StdEncoding.AppendEncode(text, b.sealed)
	text = append(text, `","kmsKeks":[`...)
	for i, k := range b.keks {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, `{"region":`...)
		text, _ = jsontext.AppendQuote(text, k.region)
		text = append(text, `,"arn":`...)
		text, _ = jsontext.AppendQuote(text, k.arn)
		text = append(text, `,"encryptedKek":"`...)
		text = base64.StdEncoding.AppendEncode(text, k.wrapped)
		text = append(text, `"}`...)
	}
	return append(text, `]}`...)
}

var errBlob = errors.New("not of the form of AWS KMS")

// decode reads a blob. Members that it does not know, and keys of regions that are spoilt, are left out.
func decode(text []byte) (*blob, error) {
	if len(text) > maxBlob {
		return nil, malformed(errBlob)
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	b := &blob{}
	err := object(d, func(name string) error {
		switch name {
		case "encryptedKey":
			return bytesOf(d, &b.sealed)
		case "kmsKeks":
			return b.decodeKeks(d)
		}
		return d.SkipValue()
	})
	if err == nil {
		if _, after := d.ReadToken(); !errors.Is(after, io.EOF) {
			err = errBlob
		}
	}
	if err != nil {
		return nil, malformed(err)
	}
	if len(b.sealed) != sealedSize {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil, "the system key wrapped by AWS KMS has %d bytes; it must "+
			"have %d", len(b.sealed), sealedSize)
	}
	if len(b.keks) == 0 {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil, "no region of AWS KMS has wrapped the system key, or its "+
			"record is damaged")
	}
	return b, nil
}

func malformed(err error) error {
	return envelope.Errorf(envelope.MalformedRecord, err, "the record of the system key is not one that AWS KMS has "+
		"wrapped: was it made with another KMS?")
}

func (b *blob) decodeKeks(d *jsontext.Decoder) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if open, err := d.ReadToken(); err != nil || open.Kind() != '[' {
		return errBlob
	}
	for d.PeekKind() == '{' {
		var k kek
		err := object(d, func(name string) error {
			switch name {
			case "region":
				return stringOf(d, &k.region)
			case "arn":
				return stringOf(d, &k.arn)
			case "encryptedKek":
				return bytesOf(d, &k.wrapped)
			}
			return d.SkipValue()
		})
		if err != nil {
			return err
		}
		if n := len(k.wrapped); k.region != "" && n > 0 && n <= maxKek {
			b.keks = append(b.keks, k)
		}
		if len(b.keks) > maxKeks {
			return errBlob
		}
	}
	if end, err := d.ReadToken(); err != nil || end.Kind() != ']' {
		return errBlob
	}
	return nil
}

// object reads an object; each reads the value of the member that it is given the name of.
func object(d *jsontext.Decoder, each func(name string) error) error {
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return errBlob
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return errBlob
		}
		if err := each(name.String()); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return errBlob
	}
	return nil
}

func stringOf(d *jsontext.Decoder, into *string) error {
	value, err := d.ReadToken()
	if err != nil || value.Kind() != '"' && value.Kind() != 'n' {
		return errBlob
	}
	if value.Kind() == '"' {
		*into = value.String()
	}
	return nil
}

// bytesOf reads base64. What is none leaves nothing.
func bytesOf(d *jsontext.Decoder, into *[]byte) error {
	var text string
	if err := stringOf(d, &text); err != nil {
		return err
	}
	value, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && !strings.ContainsAny(text, "\r\n") { // which the decoder skips
		*into = value
	}
	return nil
}
