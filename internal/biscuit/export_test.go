package biscuit

import (
	"crypto/sha512"
	"time"

	"filippo.io/edwards25519"
)

// ReadBlock reads a block with its own strings and keys.
func ReadBlock(data []byte) (Block, error) {
	left := newRoom()
	h, err := readHead(data, left)
	if err != nil {
		return Block{}, err
	}
	t := new(tables)
	if err := t.declare(0, &h); err != nil {
		return Block{}, err
	}
	if err := h.check(0, false); err != nil {
		return Block{}, err
	}
	r := blockReader{tables: t, version: h.version, room: left}
	return r.body(data)
}

// WithLimits evaluates within other limits than the default ones; 0 stands for those.
func (v *Verified) WithLimits(a *Authorizer, facts, rounds, steps int, limit time.Duration) (int, error) {
	l := defaultLimits
	if facts > 0 {
		l.facts = facts
	}
	if rounds > 0 {
		l.rounds = rounds
	}
	if steps > 0 {
		l.steps = steps
	}
	if limit > 0 {
		l.time = limit
	}
	return v.token.program.authorize(a, nil, l)
}

// SmallOrder, IsSmallOrder and VerifyEd25519 are the strict rules.
var (
	SmallOrder    = smallOrder
	IsSmallOrder  = isSmallOrder
	VerifyEd25519 = verifyEd25519
)

// Challenge returns the second half of a signature whose commitment is the identity.
func Challenge(commitment, key, message []byte, secret *edwards25519.Scalar) []byte {
	h := sha512.New()
	h.Write(commitment)
	h.Write(key)
	h.Write(message)
	k, err := edwards25519.NewScalar().SetUniformBytes(h.Sum(nil))
	if err != nil {
		panic(err)
	}
	return k.Multiply(k, secret).Bytes()
}

// DecodeText reads the text form.
var DecodeText = decodeText

// ReadContainer reads the outer message and says how many blocks it has.
func ReadContainer(data []byte) (int, error) {
	blocks, _, err := readContainer(data, newRoom())
	return len(blocks), err
}
