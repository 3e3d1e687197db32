package biscuit_test

import (
	"crypto/ed25519"
	"testing"

	"filippo.io/edwards25519"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// Each encoding in the list is of small order, with either sign; and there is no other: a point of small order has an
// order of 1, 2, 4 or 8, and the eight such points have five y coordinates, two of which fit 255 bits twice.
func TestSmallOrder(t *testing.T) {
	points := make(map[string]bool)
	for _, y := range biscuit.SmallOrder {
		for _, sign := range []byte{0, 0x80} {
			y := y
			y[31] |= sign
			p, err := new(edwards25519.Point).SetBytes(y[:])
			if err != nil {
				t.Fatalf("%x is no point", y)
			}
			if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) != 1 {
				t.Errorf("%x is not of small order", y)
			}
			points[string(p.Bytes())] = true
			if !biscuit.IsSmallOrder(y[:]) {
				t.Errorf("%x is not found", y)
			}
		}
	}
	if len(points) != 8 {
		t.Errorf("the list has %d points of small order, not 8", len(points))
	}
	if biscuit.IsSmallOrder(edwards25519.NewGeneratorPoint().Bytes()) {
		t.Error("the generator is found")
	}
}

// The standard library takes one signature for every message under a key of small order.
func TestSmallOrderKeyVerifiesNothing(t *testing.T) {
	identity := edwards25519.NewIdentityPoint().Bytes()
	signature := append(identity[:32:32], make([]byte, 32)...)
	if !ed25519.Verify(identity, []byte("any message"), signature) {
		t.Fatal("the standard library refuses the signature: this test shows nothing")
	}
	if biscuit.VerifyEd25519(string(identity), []byte("any message"), signature) {
		t.Error("a signature under a key of small order holds")
	}
	// The same with a commitment that is not: the generator, whose logarithm is 1.
	signature = append(edwards25519.NewGeneratorPoint().Bytes(), append([]byte{1}, make([]byte, 31)...)...)
	if !ed25519.Verify(identity, []byte("any message"), signature) {
		t.Fatal("the standard library refuses the signature: this test shows nothing")
	}
	if biscuit.VerifyEd25519(string(identity), []byte("any message"), signature) {
		t.Error("another signature under a key of small order holds")
	}
	// A commitment of small order, made by who knows the key's scalar.
	scalar, err := edwards25519.NewScalar().SetBytesWithClamping(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	key := new(edwards25519.Point).ScalarBaseMult(scalar).Bytes()
	signature = append(identity[:32:32], biscuit.Challenge(identity, key, []byte("message"), scalar)...)
	if !ed25519.Verify(key, []byte("message"), signature) {
		t.Fatal("the standard library refuses the signature: this test shows nothing")
	}
	if biscuit.VerifyEd25519(string(key), []byte("message"), signature) {
		t.Error("a signature with a commitment of small order holds")
	}
}
