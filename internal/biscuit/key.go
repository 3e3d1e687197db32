package biscuit

import (
	"crypto/ecdsa"
	"encoding/hex"
	"strings"
)

// Algorithm is a signature algorithm. The numbers are those of the format.
type Algorithm uint32

// The algorithms of the format.
const (
	Ed25519   Algorithm = 0
	Secp256r1 Algorithm = 1
)

// String returns the algorithm's name in key texts.
func (a Algorithm) String() string {
	if a == Secp256r1 {
		return "secp256r1"
	}
	return "ed25519"
}

// PublicKey is a key that signatures are judged by. It is immutable.
type PublicKey struct {
	algorithm Algorithm
	raw       string           // 32 bytes, or a compressed point of 33
	point     *ecdsa.PublicKey // of Secp256r1
}

// Algorithm returns the algorithm that the key is for.
func (k *PublicKey) Algorithm() Algorithm { return k.algorithm }

// Equal reports whether both are the same key.
func (k *PublicKey) Equal(other *PublicKey) bool {
	return k.algorithm == other.algorithm && k.raw == other.raw
}

// String returns the key as ParseKey reads it: "ed25519/" or "secp256r1/" and its bytes in hex.
func (k *PublicKey) String() string {
	return k.algorithm.String() + "/" + hex.EncodeToString([]byte(k.raw))
}

// ParseKey reads a key written as "ed25519/" and 64 hex digits or "secp256r1/" and the 66 of a compressed point. Its
// errors are of class Key.
func ParseKey(text string) (*PublicKey, error) {
	name, digits, found := strings.Cut(text, "/")
	if !found {
		return nil, errorf(Key, "the key does not start with ed25519/ or secp256r1/")
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil, errorf(Key, "what follows the algorithm of the key is not hex digits")
	}
	switch name {
	case "ed25519":
		return newEd25519Key(raw)
	case "secp256r1":
		return newSecp256r1Key(raw)
	}
	return nil, errorf(Key, "the key is of an algorithm other than ed25519 and secp256r1")
}

func newEd25519Key(raw []byte) (*PublicKey, error) {
	if err := checkEd25519Key(raw); err != nil {
		return nil, err
	}
	return &PublicKey{algorithm: Ed25519, raw: string(raw)}, nil
}

func newSecp256r1Key(raw []byte) (*PublicKey, error) {
	point, err := decompress(raw)
	if err != nil {
		return nil, err
	}
	return &PublicKey{algorithm: Secp256r1, raw: string(raw), point: point}, nil
}

// readKey reads a key of a token. An Ed25519 key that judges signatures need not be tried as a point, which costs a
// good part of a verification: one that is none verifies nothing.
func readKey(m message, judges bool) (*PublicKey, error) {
	var algorithm uint32
	var raw []byte
	for m.more() {
		f, err := m.next()
		if err != nil {
			return nil, err
		}
		switch f.number {
		case 1:
			algorithm, err = f.number32()
		case 2:
			raw, err = f.bytes()
		}
		if err != nil {
			return nil, err
		}
	}
	switch Algorithm(algorithm) {
	case Ed25519:
		if judges && len(raw) == ed25519KeySize {
			return &PublicKey{algorithm: Ed25519, raw: string(raw)}, nil
		}
		return newEd25519Key(raw)
	case Secp256r1:
		return newSecp256r1Key(raw)
	}
	return nil, errorf(Key, "the token has a key of an unknown algorithm")
}

// verify reports whether signature is one of payload under the key.
func (k *PublicKey) verify(payload, signature []byte) bool {
	if k.algorithm == Secp256r1 {
		return verifySecp256r1(k.point, payload, signature)
	}
	return verifyEd25519(k.raw, payload, signature)
}

// holds reports whether secret is the private half of the key. An error says that it cannot be a secret at all.
func (k *PublicKey) holds(secret []byte) (bool, error) {
	var public []byte
	var err error
	if k.algorithm == Secp256r1 {
		public, err = secp256r1Public(secret)
	} else {
		public, err = ed25519Public(secret)
	}
	return err == nil && string(public) == k.raw, err
}
