package biscuit

import (
	"encoding/pem"
	"strings"
)

const (
	pemType = "PUBLIC KEY"
	maxPEM  = 4096 // characters; a key takes under 200
)

// What stands before the key in a SubjectPublicKeyInfo: its DER is the same for all keys of an algorithm.
const (
	spkiEd25519   = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
	spkiSecp256r1 = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01" +
		"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
)

// ParsePEM reads one PEM block "PUBLIC KEY" that holds an Ed25519 or secp256r1 key, the point of the latter
// uncompressed. Nothing but white space may stand around it. Errors are of class Key.
func ParsePEM(text string) (*PublicKey, error) {
	text = strings.Trim(text, " \t\r\n")
	const begin = "-----BEGIN " + pemType + "-----"
	if len(text) > maxPEM || !strings.HasPrefix(text, begin) {
		return nil, errorf(Key, "the key is no PEM text that starts with %s", begin)
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != pemType || len(block.Headers) > 0 || len(rest) > 0 {
		return nil, errorf(Key, "the key is not one well-formed PEM block %q", pemType)
	}
	der := string(block.Bytes)
	if raw, found := strings.CutPrefix(der, spkiEd25519); found {
		return newEd25519Key([]byte(raw))
	}
	if point, found := strings.CutPrefix(der, spkiSecp256r1); found && len(point) == 65 && point[0] == 4 {
		key, err := newSecp256r1Key(compress([]byte(point)))
		if err != nil {
			return nil, err
		}
		if whole, err := key.point.Bytes(); err != nil || string(whole) != point {
			return nil, errorf(Key, "a secp256r1 key is no point of its curve")
		}
		return key, nil
	}
	return nil, errorf(Key, "the PEM block holds neither an Ed25519 nor a secp256r1 public key")
}
