package biscuit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// hostile has blocks that are made to cost as much as they can, of about size bytes.
func hostile(size int) map[string]func() []byte {
	all := make(map[string]func() []byte)
	add := func(name string, make func(b *blockBuilder)) {
		all[name] = func() []byte {
			b := newBlock(6)
			make(b)
			return b.data()
		}
	}
	fill := func(b *blockBuilder, number int, what wire) {
		part := wire(nil).bytes(number, what)
		b.body = append(b.body, bytes.Repeat(part, size/len(part))...)
	}
	add("facts without content", func(b *blockBuilder) { fill(b, 4, nil) })
	add("rules without content", func(b *blockBuilder) { fill(b, 5, nil) })
	add("checks without content", func(b *blockBuilder) { fill(b, 6, nil) })
	add("checks of empty queries", func(b *blockBuilder) { fill(b, 6, wire(nil).bytes(1, nil)) })
	add("scopes", func(b *blockBuilder) { fill(b, 7, wire(nil).varint(1, 1)) })
	add("symbols", func(b *blockBuilder) { fill(b, 1, nil) })
	add("different symbols", func(b *blockBuilder) {
		for i := range size / 8 {
			b.symbol(fmt.Sprintf("%06d", i))
		}
	})
	add("keys", func(b *blockBuilder) {
		for range 2000 {
			b.extra = b.extra.bytes(8, newSigner(nil, 0).wire())
		}
	})
	add("terms", func(b *blockBuilder) {
		b.body = b.body.bytes(4, wire(nil).bytes(1, bytes.Repeat(wire(nil).bytes(2, integer(1)), size/4)))
	})
	add("a set", func(b *blockBuilder) {
		var elements wire
		for i := range size / 6 {
			elements = elements.bytes(1, integer(int64(i)))
		}
		b.body = b.body.bytes(4, wire(nil).bytes(1, wire(nil).bytes(2, wire(nil).bytes(7, elements))))
	})
	add("a map", func(b *blockBuilder) {
		var parts []wire
		for i := range size / 14 {
			parts = append(parts, integer(int64(i)), integer(1))
		}
		b.fact("m", mapOf(parts...))
	})
	add("operations", func(b *blockBuilder) {
		b.check(wire(nil).bytes(3, bytes.Repeat(wire(nil).bytes(1, push(integer(1))), size/8)))
	})
	add("predicates of a body", func(b *blockBuilder) {
		b.fact("q")
		b.check(bytes.Repeat(body(b.predicate("q")), size/8))
	})
	add("variables", func(b *blockBuilder) {
		var terms []wire
		for i := range size / 18 {
			terms = append(terms, variable(uint64(i)))
		}
		b.fact("v", terms...).check(body(b.predicate("v", terms...)))
	})
	long := strings.Repeat("long text ", size/20)
	add("concatenation", func(b *blockBuilder) {
		b.fact("t", b.text(long))
		operations := []wire{push(variable(0))}
		for range size / 40 {
			operations = append(operations, push(variable(0)), binaryOp(9))
		}
		b.check(body(b.predicate("t", variable(0))), expression(operations...))
	})
	add("values kept on the stack", func(b *blockBuilder) {
		var elements []wire
		for i := range size / 20 {
			elements = append(elements, integer(int64(i)))
		}
		b.fact("s", set(elements...))
		var operations []wire
		for range size / 60 {
			operations = append(operations, push(variable(0)), push(variable(0)), binaryOp(16))
		}
		b.check(body(b.predicate("s", variable(0))), expression(operations...))
	})
	add("closures in closures", func(b *blockBuilder) {
		var elements []wire
		for i := range 120 {
			elements = append(elements, integer(int64(i)))
		}
		b.fact("s", list(elements...))
		inner := []wire{push(boolean(0))}
		for i := range 12 {
			inner = []wire{push(variable(0)), closure([]uint64{uint64(i + 1)}, inner...), binaryOp(26)}
		}
		b.check(body(b.predicate("s", variable(0))), expression(inner...))
	})
	add("patterns", func(b *blockBuilder) {
		text := strings.Repeat("a", size/4)
		for i := range 20 {
			pattern := strings.Repeat("(a|b|ab)*", 50+i) + "c"
			b.check(expression(push(b.text(text)), push(b.text(pattern)), binaryOp(8)))
		}
	})
	add("patterns of classes", func(b *blockBuilder) {
		for i := range 100 {
			pattern := strings.Repeat(`\pL`, 1300) + fmt.Sprint(i)
			b.check(expression(push(b.text("x")), push(b.text(pattern)), binaryOp(8)))
		}
	})
	add("patterns that repeat", func(b *blockBuilder) {
		for i := range 400 {
			pattern := fmt.Sprintf("(([a-%c]{%d}b?){5}c?){2}", 'b'+i%20, 50+i%40)
			b.check(expression(push(b.text("x")), push(b.text(pattern)), binaryOp(8)))
		}
	})
	add("patterns of classes that ignore case", func(b *blockBuilder) {
		for i := range 100 {
			pattern := strings.Repeat(`(?i)[a-\x{10000}]`, 240) + fmt.Sprint(i)
			b.check(expression(push(b.text("x")), push(b.text(pattern)), binaryOp(8)))
		}
	})
	add("derived facts with long terms", func(b *blockBuilder) {
		for i := range 30 {
			b.fact("t", integer(int64(i)), b.text(long))
		}
		b.rule(b.predicate("u", variable(0), variable(1), variable(2)), body(b.predicate("t", variable(0), variable(3))),
			body(b.predicate("t", variable(1), variable(3))), body(b.predicate("t", variable(2), variable(3))))
	})
	add("the same fact derived again and again", func(b *blockBuilder) {
		for i := range 200 {
			b.fact("t", integer(int64(i)))
		}
		b.rule(b.predicate("u", b.text(long)), body(b.predicate("t", variable(0))), body(b.predicate("t", variable(1))),
			body(b.predicate("t", variable(2))))
	})
	add("derived facts with many terms", func(b *blockBuilder) {
		head := b.predicate("u", variable(0))
		head = append(head, bytes.Repeat(wire(nil).bytes(2, integer(1)), size/35)...)
		for i := range 900 {
			b.fact("t", integer(int64(i)))
		}
		b.rule(head, body(b.predicate("t", variable(0))))
	})
	add("predicates of a long name", func(b *blockBuilder) {
		p := b.predicate(strings.Repeat("a", size/2))
		for range size / 20 {
			b.body = b.body.bytes(4, wire(nil).bytes(1, p))
		}
	})
	add("a set of long texts", func(b *blockBuilder) {
		long := strings.Repeat("a", size/3)
		texts := []wire{b.text(long + "a"), b.text(long + "b")}
		var elements []wire
		for i := range size / 16 {
			elements = append(elements, texts[i*7%11%2])
		}
		b.fact("s", set(elements...))
	})
	add("a map of long keys", func(b *blockBuilder) {
		long := strings.Repeat("a", size/3)
		texts := []wire{b.text(long + "a"), b.text(long + "b")}
		var parts []wire
		for i := range size / 36 {
			parts = append(parts, texts[i*7%11%2], integer(1))
		}
		b.fact("m", mapOf(parts...))
	})
	add("facts of long texts", func(b *blockBuilder) {
		text := b.text(strings.Repeat("a", size/2))
		for i := range 10 {
			b.fact("f", append([]wire{integer(int64(i))}, slices.Repeat([]wire{text}, size/120)...)...)
		}
	})
	add("different facts", func(b *blockBuilder) {
		for i := range size / 14 {
			b.fact("f", integer(int64(i)))
		}
	})
	add("facts of different names", func(b *blockBuilder) {
		for i := range size / 18 {
			b.fact(fmt.Sprintf("%x", i))
		}
	})
	add("messages in two parts", func(b *blockBuilder) {
		term := wire(nil).bytes(9, bytes.Repeat(wire(nil).bytes(1, integer(1)), size/5))
		for range 46 {
			term = append(wire(nil).bytes(9, wire(nil).varint(9, 1)), wire(nil).bytes(9, wire(nil).bytes(1, term))...)
		}
		b.fact("f", term)
	})
	add("parameters of a closure", func(b *blockBuilder) {
		var packed []byte
		for i := range size / 8 {
			packed = binary.AppendUvarint(packed, uint64(i+1))
		}
		many := wire(nil).bytes(4, append(wire(nil).bytes(1, packed), wire(nil).bytes(2, push(boolean(1)))...))
		inner := []wire{closure(nil, push(list()), many, binaryOp(26)), push(boolean(0)), binaryOp(29)}
		for i := range 4 {
			inner = []wire{push(variable(0)), closure([]uint64{1<<31 + uint64(i)}, inner...), binaryOp(26)}
		}
		b.fact("s", list(slices.Repeat([]wire{integer(1)}, 100)...)).check(body(b.predicate("s", variable(0))),
			expression(inner...))
	})
	add("failures that are caught", func(b *blockBuilder) {
		inner := []wire{closure(nil, unary(0)), push(boolean(0)), binaryOp(29)}
		for i := range 4 {
			inner = []wire{push(variable(0)), closure([]uint64{1<<31 + uint64(i)}, inner...), binaryOp(26)}
		}
		b.fact("s", list(slices.Repeat([]wire{integer(1)}, 100)...)).check(body(b.predicate("s", variable(0))),
			expression(inner...))
	})
	add("entries of a map, one by one", func(b *blockBuilder) {
		var parts []wire
		for i := range size / 18 {
			parts = append(parts, integer(int64(i)), integer(1))
		}
		b.fact("m", mapOf(parts...))
		for range 50 {
			b.check(body(b.predicate("m", variable(0))), expression(push(variable(0)), closure([]uint64{1},
				push(boolean(0))), binaryOp(26)))
		}
	})
	add("rules tried in vain in every round", func(b *blockBuilder) {
		*b = *counting(99)
		b.version = 6
		n := body(b.predicate("n", variable(0)))
		for range size / 60 {
			b.rule(b.predicate("never"), body(b.predicate("nothing")), n, n, n, n, n)
		}
	})
	add("a pattern looked up again and again", func(b *blockBuilder) {
		pattern := b.text(strings.Repeat("a", 4096))
		inner := []wire{push(b.text("x")), push(pattern), binaryOp(8)}
		for i := range 4 {
			inner = []wire{push(variable(0)), closure([]uint64{1<<31 + uint64(i)}, inner...), binaryOp(26)}
		}
		b.fact("s", list(slices.Repeat([]wire{integer(1)}, 100)...)).check(body(b.predicate("s", variable(0))),
			expression(inner...))
	})
	add("patterns that are anchored", func(b *blockBuilder) {
		for i := range size / 12_000 {
			pattern := fmt.Sprintf("^(?:%d", i)
			for j := range 300 {
				pattern += fmt.Sprintf("|%c[b-y]", 0x4e00+2*j)
			}
			b.check(expression(push(b.text("x")), push(b.text(pattern+")$")), binaryOp(8)))
		}
	})
	return all
}

// A token may hold anything and takes at most 64 MiB and a second; the second is what a machine in no hurry takes here,
// so the test allows thirty, and has the evaluation's clock out of the way: steps must end them all. With
// HESSRA_HOSTILE, a folder, it leaves the tokens and their keys there for tests/hessra/bounds.c.
func TestHostileTokens(t *testing.T) {
	t.Run("signatures", func(t *testing.T) {
		f, third := forge(t, 0), newSigner(t, 1)
		f.add(newBlock(3).data(), 1, 1, nil)
		for range 999 {
			f.add(newBlock(5).data(), 1, 1, third)
		}
		keep(t, "signatures", f.open(), f.root)
		if _, err := verified(t, f.open(), f.root).Authorize(nobody(t)); err != nil {
			t.Error(err)
		}
	})
	for name, data := range hostile(700_000) {
		t.Run(name, func(t *testing.T) {
			f := forge(t, 0).add(data(), 0, 0, nil)
			text, key := f.open(), f.root.key(t)
			if len(text) > biscuit.MaxText {
				t.Fatalf("the token has %d characters: too long to show anything", len(text))
			}
			keep(t, name, text, f.root)
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			token, err := biscuit.Parse(text)
			step := "parse"
			if err == nil {
				step = "authorize"
				var v *biscuit.Verified
				if v, err = token.Verify(key); err != nil {
					t.Fatal(err)
				}
				_, err = v.WithLimits(nobody(t), 0, 0, 0, time.Hour)
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf(name+": %s: %v; %v, %d MiB allocated", step, err, took, allocated)
			if allocated > 64 {
				t.Errorf("%d MiB were allocated", allocated)
			}
			if took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// keep writes a token and its key to where HESSRA_HOSTILE says.
func keep(t *testing.T, name, text string, root *signer) {
	t.Helper()
	folder := os.Getenv("HESSRA_HOSTILE")
	if folder == "" {
		return
	}
	spki, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(root.public))
	if err != nil {
		t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})
	folder = filepath.Join(folder, strings.ReplaceAll(name, " ", "_"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"token": []byte(text), "key": key} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
