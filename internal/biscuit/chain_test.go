package biscuit_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// Every mix of algorithms and payload versions, with third-party blocks between, open and sealed.
func TestChains(t *testing.T) {
	block := func(name string) []byte { return newBlock(6).fact(name, integer(1)).data() }
	for choice := range 64 {
		bit := func(n int) uint64 { return uint64(choice >> n & 1) }
		f := forge(t, bit(0))
		f.add(block("a"), bit(1), bit(2), nil)
		f.add(block("b"), 1, bit(3), newSigner(t, bit(4)))
		f.add(block("c"), bit(5), bit(0), nil)
		f.add(block("d"), bit(2), bit(1), nil)
		for _, text := range []string{f.open(), f.seal()} {
			token := verified(t, text, f.root).Token()
			if token.Blocks() != 4 || len(token.RevocationIDs()) != 4 {
				t.Fatalf("%d blocks, %d revocation ids", token.Blocks(), len(token.RevocationIDs()))
			}
			if _, info := token.Block(1); info.ExternalKey == nil {
				t.Error("the third-party block has no external key")
			}
			if other := newSigner(t, bit(0)); classOf(second(token.Verify(other.key(t)))) != biscuit.Signature {
				t.Error("another root key verifies the token")
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// No bit of a token can be changed so that it says something else. What may change is the number of a field that holds
// what its absence says as well.
func TestEveryBitCounts(t *testing.T) {
	f := forge(t, 0).add(newBlock(3).fact("a", integer(1)).data(), 0, 1, nil)
	f.add(newBlock(5).fact("b", integer(2)).data(), 1, 0, newSigner(t, 0))
	data, err := base64.URLEncoding.DecodeString(f.open())
	if err != nil {
		t.Fatal(err)
	}
	said := says(verified(t, f.open(), f.root).Token())
	key := f.root.key(t)
	held := 0
	for i := range len(data) * 8 {
		data[i/8] ^= 1 << (i % 8)
		if token, err := biscuit.Parse(base64.URLEncoding.EncodeToString(data)); err == nil {
			if _, err := token.Verify(key); err == nil {
				held++
				if now := says(token); now != said {
					t.Errorf("bit %d of byte %d makes it say %s", i%8, i/8, now)
				}
			}
		}
		data[i/8] ^= 1 << (i % 8)
	}
	if held > 6 {
		t.Errorf("%d bits of %d bytes have no meaning", held, len(data))
	}
}

// says returns all that a token says.
func says(token *biscuit.Token) string {
	text := strings.Join(token.RevocationIDs(), " ")
	for i := range token.Blocks() {
		block, info := token.Block(i)
		text += fmt.Sprintln(block.Facts, block.Rules, block.Checks, block.Scopes, info.Version, info.ExternalKey,
			info.NextKey)
	}
	return text
}

func TestHighS(t *testing.T) {
	f := forge(t, 1).add(newBlock(3).data(), 1, 0, nil)
	raw := f.signature
	other := highS(t, raw)
	text := f.open()
	data, err := base64.URLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(other) == len(raw) {
		data = []byte(strings.Replace(string(data), string(raw), string(other), 1))
	} else {
		f.authority = []byte(strings.Replace(string(f.authority), string(wire(nil).bytes(3, raw)),
			string(wire(nil).bytes(3, other)), 1))
		data, _ = base64.URLEncoding.DecodeString(f.open())
	}
	ids := verified(t, base64.URLEncoding.EncodeToString(data), f.root).Token().RevocationIDs()
	if ids[0] == verified(t, text, f.root).Token().RevocationIDs()[0] {
		t.Error("the other signature has the same revocation id")
	}
	for name, bad := range map[string][]byte{
		"a byte after it": append(raw[:len(raw):len(raw)], 0), "a byte less": raw[:len(raw)-1], "nothing": {},
		"r and s in 64 bytes": append(raw[4:36:36], raw[len(raw)-32:]...),
	} {
		g := *f
		g.authority = []byte(strings.Replace(string(f.authority), string(wire(nil).bytes(3, raw)),
			string(wire(nil).bytes(3, bad)), 1))
		g.authority = []byte(strings.Replace(string(g.authority), string(wire(nil).bytes(3, other)),
			string(wire(nil).bytes(3, bad)), 1))
		token, err := biscuit.Parse(g.open())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := token.Verify(f.root.key(t)); classOf(err) != biscuit.Signature {
			t.Errorf("a signature with %s: %v", name, err)
		}
	}
}

func TestProofs(t *testing.T) {
	for _, algorithm := range []uint64{0, 1} {
		f := forge(t, 0).add(newBlock(3).data(), 0, algorithm, nil)
		order := []byte("\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff" +
			"\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51")
		for name, secret := range map[string][]byte{
			"short": f.holder.secret[:31], "long": append(f.holder.secret[:32:32], 0), "of another key": newSigner(t,
				algorithm).secret,
			"zero": make([]byte, 32), "the order": order, "empty": {},
		} {
			token, err := biscuit.Parse(f.text(wire(nil).bytes(1, secret)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := token.Verify(f.root.key(t)); classOf(err) != biscuit.Signature && classOf(err) != biscuit.Key {
				t.Errorf("algorithm %d: a secret that is %s: %v", algorithm, name, err)
			}
		}
	}
}
