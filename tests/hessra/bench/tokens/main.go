// Command tokens makes the tokens that bench.c measures, with what OpenSSL needs to verify the same signatures. A line
// each, words separated by spaces:
//
//	token NAME KEY TOKEN NODES             KEY is PEM in base64, NODES the JSON of the service nodes or -
//	signature ALGORITHM KEY PAYLOAD VALUE  of the token before; algorithm 0 or 1, the rest in hex
//
// With an argument it is the second of the Unix clock at which the tokens expire.
package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// expiry is in the year 2096.
var expiry uint64 = 4_000_000_000

func main() {
	if len(os.Args) > 1 {
		expiry = must(strconv.ParseUint(os.Args[1], 10, 63))
	}
	print("plain Ed25519", newToken(0).block(authority(nil), 0))
	print("plain secp256r1", newToken(1).block(authority(nil), 0))
	nodes := []*signer{newSigner(0), newSigner(0), newSigner(0)}
	chain := newToken(0).block(authority(nodes), 0)
	for _, n := range nodes {
		chain.third(attestation(), n)
	}
	chain.nodes = nodes
	print("three-node chain", chain)
	long := newToken(0).block(authority(nil), 0)
	for range 9 {
		long.block(restriction(), 0)
	}
	print("ten blocks", long)
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tokens:", err)
		os.Exit(1)
	}
	return value
}

func print(name string, t *token) {
	nodes := "-"
	var list []string
	for i, n := range t.nodes {
		list = append(list, fmt.Sprintf(`{"component":"node%d","public_key":"ed25519/%x"}`, i, n.public))
	}
	if list != nil {
		nodes = "[" + strings.Join(list, ",") + "]"
	}
	fmt.Println("token", strings.ReplaceAll(name, " ", "_"), base64.StdEncoding.EncodeToString(t.root.pem()), t.text(),
		nodes)
	for _, s := range t.signatures {
		fmt.Println("signature", s.key.algorithm, hex.EncodeToString(s.key.point()), hex.EncodeToString(s.payload),
			hex.EncodeToString(s.value))
	}
}

// What blocks say. Strings that are known by default have their numbers: read 0, right 4, time 5, service 12,
// resource 2, operation 3, node 24, query 27.

type wire []byte

func (w wire) varint(number int, v uint64) wire {
	return binary.AppendUvarint(binary.AppendUvarint(w, uint64(number)<<3), v)
}

func (w wire) bytes(number int, b []byte) wire {
	return append(binary.AppendUvarint(binary.AppendUvarint(w, uint64(number)<<3|2), uint64(len(b))), b...)
}

func variable(n uint64) wire { return wire(nil).varint(1, n) }
func text(n uint64) wire     { return wire(nil).varint(3, n) }

func predicate(name uint64, terms ...wire) wire {
	w := wire(nil).varint(1, name)
	for _, t := range terms {
		w = w.bytes(2, t)
	}
	return w
}

func check(parts ...wire) wire {
	query := wire(nil).bytes(1, predicate(27))
	return wire(nil).bytes(1, append(query, bytes.Join(asBytes(parts), nil)...))
}

func asBytes(parts []wire) (all [][]byte) {
	for _, p := range parts {
		all = append(all, p)
	}
	return all
}

func body(p wire) wire { return wire(nil).bytes(2, p) }

// before is an expression: variable 0 is before the expiry.
func before() wire {
	push := func(term wire) wire { return wire(nil).bytes(1, wire(nil).bytes(1, term)) }
	operations := append(push(variable(0)), push(wire(nil).varint(2, expiry))...)
	return wire(nil).bytes(3, append(operations, wire(nil).bytes(1, wire(nil).bytes(3, wire(nil).varint(1, 0)))...))
}

// authority is a right of marta's to read orders, as Hessra's service mints it, and what each node of a chain
// concludes.
func authority(nodes []*signer) []byte {
	w := wire(nil).bytes(1, []byte("marta")).bytes(1, []byte("orders")).bytes(1, []byte("subject"))
	for i := range nodes {
		w = w.bytes(1, fmt.Appendf(nil, "node%d", i))
	}
	version := uint64(3)
	if nodes != nil {
		version = 4
	}
	w = w.varint(3, version).bytes(4, wire(nil).bytes(1, predicate(4, text(1024), text(1025), text(0))))
	for i := range nodes {
		rule := wire(nil).bytes(1, predicate(24, variable(0), text(uint64(1027+i))))
		rule = rule.bytes(2, predicate(12, variable(0)))
		w = w.bytes(5, rule.bytes(4, wire(nil).varint(2, uint64(i))))
	}
	w = w.bytes(6, check(body(predicate(1026, variable(0))), body(predicate(2, variable(1))), body(predicate(3,
		variable(2))),
		body(predicate(4, variable(0), variable(1), variable(2)))))
	w = w.bytes(6, check(body(predicate(5, variable(0))), before()))
	for _, n := range nodes {
		w = w.bytes(8, n.wire())
	}
	return w
}

// attestation is what a node adds, restriction what a holder does.
func attestation() []byte {
	return wire(nil).bytes(1, []byte("orders")).varint(3, 5).bytes(4, wire(nil).bytes(1, predicate(12, text(1024))))
}

func restriction() []byte {
	return wire(nil).varint(3, 3).bytes(6, check(body(predicate(5, variable(0))), before()))
}

// signer is a private key.
type signer struct {
	algorithm      uint32
	public, secret []byte
}

func newSigner(algorithm uint32) *signer {
	if algorithm == 0 {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		must(0, err)
		return &signer{0, public, private.Seed()}
	}
	key := must(ecdh.P256().GenerateKey(rand.Reader))
	point := key.PublicKey().Bytes()
	return &signer{1, append([]byte{2 | point[64]&1}, point[1:33]...), key.Bytes()}
}

func (s *signer) wire() wire { return wire(nil).varint(1, uint64(s.algorithm)).bytes(2, s.public) }

func (s *signer) ecdsa() *ecdsa.PrivateKey {
	return must(ecdsa.ParseRawPrivateKey(elliptic.P256(), s.secret))
}

// point is the key as OpenSSL reads it.
func (s *signer) point() []byte {
	if s.algorithm == 0 {
		return s.public
	}
	return must(s.ecdsa().PublicKey.Bytes())
}

func (s *signer) pem() []byte {
	var key any = ed25519.PublicKey(s.public)
	if s.algorithm == 1 {
		key = &s.ecdsa().PublicKey
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(key))})
}

type signature struct {
	key            *signer
	payload, value []byte
}

// token is one in the making.
type token struct {
	root, holder *signer
	nodes        []*signer
	blocks       []wire
	signatures   []signature
	last         []byte // signature
}

func newToken(algorithm uint32) *token {
	root := newSigner(algorithm)
	return &token{root: root, holder: root}
}

func (t *token) sign(key *signer, payload []byte) []byte {
	var value []byte
	if key.algorithm == 0 {
		value = ed25519.Sign(ed25519.NewKeyFromSeed(key.secret), payload)
	} else {
		digest := sha256.Sum256(payload)
		value = must(ecdsa.SignASN1(rand.Reader, key.ecdsa(), digest[:]))
	}
	t.signatures = append(t.signatures, signature{key, payload, value})
	return value
}

func number(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }

// block adds a block of the holder's.
func (t *token) block(data []byte, algorithm uint32) *token {
	return t.add(data, newSigner(algorithm), nil)
}

// third adds a block of a third party's.
func (t *token) third(data []byte, party *signer) { t.add(data, newSigner(0), party) }

func (t *token) add(data []byte, next, party *signer) *token {
	var external []byte
	if party != nil {
		external = t.sign(party, []byte("\x00EXTERNAL\x00\x00VERSION\x00"+number(1)+"\x00PAYLOAD\x00"+string(data)+
			"\x00PREVSIG\x00"+string(t.last)))
	}
	payload := "\x00BLOCK\x00\x00VERSION\x00" + number(1) + "\x00PAYLOAD\x00" + string(data) +
		"\x00ALGORITHM\x00" + number(next.algorithm) + "\x00NEXTKEY\x00" + string(next.public)
	if t.last != nil {
		payload += "\x00PREVSIG\x00" + string(t.last)
	}
	if party != nil {
		payload += "\x00EXTERNALSIG\x00" + string(external)
	}
	t.last = t.sign(t.holder, []byte(payload))
	b := wire(nil).bytes(1, data).bytes(2, next.wire()).bytes(3, t.last)
	if party != nil {
		b = b.bytes(4, wire(nil).bytes(1, external).bytes(2, party.wire()))
	}
	t.blocks = append(t.blocks, b.varint(5, 1))
	t.holder = next
	return t
}

func (t *token) text() string {
	w := wire(nil).bytes(2, t.blocks[0])
	for _, b := range t.blocks[1:] {
		w = w.bytes(3, b)
	}
	return base64.URLEncoding.EncodeToString(w.bytes(4, wire(nil).bytes(1, t.holder.secret)))
}
