package biscuit

import (
	"crypto/ed25519"

	"filippo.io/edwards25519"
)

const ed25519KeySize = ed25519.PublicKeySize

// smallOrder has the y coordinates, sign bit cleared, that encode points of order 1, 2, 4 and 8. The last two are no
// canonical encodings, but read as points all the same.
var smallOrder = [...][32]byte{
	{},
	{1},
	{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
	belowTwo255(0xec), // -1
	belowTwo255(0xed), // the field's prime, 0 again
	belowTwo255(0xee), // 1 again
}

// belowTwo255 returns the little-endian number whose lowest byte is first and whose other 247 bits are set.
func belowTwo255(first byte) (y [32]byte) {
	for i := range y {
		y[i] = 0xff
	}
	y[0], y[31] = first, 0x7f
	return y
}

// isSmallOrder reports whether 32 bytes encode a point of small order. Under such a key, or with such a commitment in
// the signature, one signature fits many messages.
func isSmallOrder(point []byte) bool {
	y := [32]byte(point)
	y[31] &= 0x7f
	for i := range smallOrder {
		if y == smallOrder[i] {
			return true
		}
	}
	return false
}

func checkEd25519Key(raw []byte) error {
	if len(raw) != ed25519.PublicKeySize {
		return errorf(Key, "an Ed25519 key has %d bytes, not %d", ed25519.PublicKeySize, len(raw))
	}
	if _, err := new(edwards25519.Point).SetBytes(raw); err != nil {
		return errorf(Key, "an Ed25519 key is no point of its curve")
	}
	return nil
}

// verifyEd25519 verifies strictly: beyond what RFC 8032 demands, neither the key nor the commitment may be of small
// order.
func verifyEd25519(key string, payload, signature []byte) bool {
	raw := []byte(key)
	if len(signature) != ed25519.SignatureSize || isSmallOrder(raw) || isSmallOrder(signature[:32]) {
		return false
	}
	return ed25519.Verify(raw, payload, signature)
}

func ed25519Public(secret []byte) ([]byte, error) {
	if len(secret) != ed25519.SeedSize {
		return nil, errorf(Key, "the token's Ed25519 secret has %d bytes, not %d", len(secret), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(secret).Public().(ed25519.PublicKey), nil
}
