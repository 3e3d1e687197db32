package biscuit_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// What follows makes tokens, written from the specification and apart from what reads them.

// wire builds a message of protocol buffers.
type wire []byte

func (w wire) varint(number int, v uint64) wire {
	return binary.AppendUvarint(binary.AppendUvarint(w, uint64(number)<<3), v)
}

func (w wire) bytes(number int, b []byte) wire {
	return append(binary.AppendUvarint(binary.AppendUvarint(w, uint64(number)<<3|2), uint64(len(b))), b...)
}

// signer is a private key.
type signer struct {
	algorithm uint64
	public    []byte
	secret    []byte
}

func newSigner(t testing.TB, algorithm uint64) *signer {
	if algorithm == 0 {
		seed := make([]byte, 32)
		rand.Read(seed)
		return &signer{0, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), seed}
	}
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point := key.PublicKey().Bytes()
	return &signer{1, append([]byte{2 | point[64]&1}, point[1:33]...), key.Bytes()}
}

func (s *signer) sign(t testing.TB, payload []byte) []byte {
	t.Helper()
	if s.algorithm == 0 {
		return ed25519.Sign(ed25519.NewKeyFromSeed(s.secret), payload)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), s.secret)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(payload)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func (s *signer) wire() wire { return wire(nil).varint(1, s.algorithm).bytes(2, s.public) }

func (s *signer) key(t testing.TB) *biscuit.PublicKey {
	t.Helper()
	key, err := biscuit.ParseKey([]string{"ed25519/", "secp256r1/"}[s.algorithm] + hex.EncodeToString(s.public))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// forger makes a token block by block.
type forger struct {
	t         testing.TB
	root      *signer
	holder    *signer // of the private half of the last next key
	authority wire
	blocks    []wire
	last      []byte // block
	signature []byte // of the last block
}

func forge(t testing.TB, algorithm uint64) *forger {
	root := newSigner(t, algorithm)
	return &forger{t: t, root: root, holder: root}
}

// add adds a block, by a third party if that is not nil.
func (f *forger) add(data []byte, version, nextAlgorithm uint64, third *signer) *forger {
	f.t.Helper()
	next := newSigner(f.t, nextAlgorithm)
	number := func(n uint64) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
	cat := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	tag := func(name string) []byte { return []byte("\x00" + name + "\x00") }
	signed := wire(nil).bytes(1, data).bytes(2, next.wire())
	var external []byte
	if third != nil {
		external = third.sign(f.t, cat(tag("EXTERNAL"), tag("VERSION"), number(1), tag("PAYLOAD"), data,
			tag("PREVSIG"), f.signature))
	}
	payload := cat(data, external, number(nextAlgorithm), next.public)
	if version > 0 {
		payload = cat(tag("BLOCK"), tag("VERSION"), number(version), tag("PAYLOAD"), data,
			tag("ALGORITHM"), number(nextAlgorithm), tag("NEXTKEY"), next.public)
		if f.signature != nil {
			payload = cat(payload, tag("PREVSIG"), f.signature)
		}
		if third != nil {
			payload = cat(payload, tag("EXTERNALSIG"), external)
		}
	}
	f.signature = f.holder.sign(f.t, payload)
	signed = signed.bytes(3, f.signature)
	if third != nil {
		signed = signed.bytes(4, wire(nil).bytes(1, external).bytes(2, third.wire()))
	}
	if version > 0 {
		signed = signed.varint(5, version)
	}
	if f.authority == nil {
		f.authority = signed
	} else {
		f.blocks = append(f.blocks, signed)
	}
	f.holder, f.last = next, data
	return f
}

func (f *forger) text(proof wire) string {
	token := wire(nil).bytes(2, f.authority)
	for _, b := range f.blocks {
		token = token.bytes(3, b)
	}
	return base64.URLEncoding.EncodeToString(token.bytes(4, proof))
}

// open ends the token with the private key that adds blocks.
func (f *forger) open() string { return f.text(wire(nil).bytes(1, f.holder.secret)) }

// seal ends the token so that nobody can add a block.
func (f *forger) seal() string {
	payload := append([]byte(nil), f.last...)
	payload = binary.LittleEndian.AppendUint32(payload, uint32(f.holder.algorithm))
	payload = append(append(payload, f.holder.public...), f.signature...)
	return f.text(wire(nil).bytes(2, f.holder.sign(f.t, payload)))
}

// verified reads a token and judges its signatures.
func verified(t testing.TB, text string, root *signer) *biscuit.Verified {
	t.Helper()
	token, err := biscuit.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := token.Verify(root.key(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// highS returns the other signature that holds where this secp256r1 signature does.
func highS(t testing.TB, signature []byte) []byte {
	t.Helper()
	// SEQUENCE { INTEGER r, INTEGER s }, all lengths of one byte.
	r := signature[4 : 4+signature[3]]
	s := new(big.Int).SetBytes(signature[4+len(r)+2:])
	s.Sub(elliptic.P256().Params().N, s)
	bytes := s.Bytes()
	if bytes[0] >= 0x80 {
		bytes = append([]byte{0}, bytes...)
	}
	body := append(append([]byte{2, byte(len(r))}, r...), append([]byte{2, byte(len(bytes))}, bytes...)...)
	return append([]byte{0x30, byte(len(body))}, body...)
}
