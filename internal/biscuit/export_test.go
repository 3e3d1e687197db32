package biscuit

import (
	"crypto/sha512"
	"time"

	"filippo.io/edwards25519"
)

// ReadBlock reads a block with its own strings and keys.
func ReadBlock(data []byte) (Block, error) {
	block, _, err := ReadBlockIn(data, maxDecoded, maxReadingSteps)
	return block, err
}

// ReadBlockIn reads a block in other room than a token has, and says how many steps that took.
func ReadBlockIn(data []byte, bytes, steps int) (b Block, took int, err error) {
	left := &room{bytes, steps}
	h, err := readHead(data, left)
	if err != nil {
		return b, 0, err
	}
	t := new(tables)
	if err := t.declare(0, &h); err != nil {
		return b, 0, err
	}
	if err := h.check(0, false); err != nil {
		return b, 0, err
	}
	r := blockReader{tables: t, version: h.version, room: left}
	b, err = r.body(data)
	return b, steps - left.steps, err
}

// MaxReadingSteps is how many steps a token may take to be read.
const MaxReadingSteps = maxReadingSteps

// ReadTerm reads a term that is already so deep in other messages.
func ReadTerm(data []byte, depth int) error {
	r := blockReader{tables: new(tables), version: version33, room: &room{1 << 40, 1 << 40}}
	_, err := r.term(message{data, depth})
	return err
}

// Unjudged is a token as if its signatures held.
func Unjudged(t *Token) *Verified { return &Verified{t} }

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
