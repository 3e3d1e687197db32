package biscuit

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
)

const compressedSize = 33

// decompress reads a compressed point of 33 bytes.
func decompress(raw []byte) (*ecdsa.PublicKey, error) {
	if len(raw) != compressedSize {
		return nil, errorf(Key, "a secp256r1 key is a compressed point of %d bytes, not %d", compressedSize, len(raw))
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), raw)
	if x == nil {
		return nil, errorf(Key, "a secp256r1 key is no compressed point of its curve")
	}
	point := make([]byte, 65)
	point[0] = 4
	x.FillBytes(point[1:33])
	y.FillBytes(point[33:])
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, errorf(Key, "a secp256r1 key is no compressed point of its curve")
	}
	return key, nil
}

// compress returns the compressed form of an uncompressed point of 65 bytes.
func compress(point []byte) []byte {
	raw := make([]byte, compressedSize)
	raw[0] = 2 | point[64]&1
	copy(raw[1:], point[1:33])
	return raw
}

// verifySecp256r1 verifies a DER signature over SHA-256. A high s is as good as a low one: signers do not normalise.
func verifySecp256r1(key *ecdsa.PublicKey, payload, signature []byte) bool {
	digest := sha256.Sum256(payload)
	return ecdsa.VerifyASN1(key, digest[:], signature)
}

// secp256r1Public returns the compressed public key of a scalar of 32 bytes, big-endian, from 1 to the order less 1.
func secp256r1Public(secret []byte) ([]byte, error) {
	private, err := ecdh.P256().NewPrivateKey(secret)
	if err != nil {
		return nil, errorf(Key, "the token's secp256r1 secret is not a scalar of 32 bytes")
	}
	return compress(private.PublicKey().Bytes()), nil
}
