package biscuit_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// nobody is an authorizer that allows whatever the token's own checks do.
func nobody(t testing.TB) *biscuit.Authorizer {
	t.Helper()
	a, err := biscuit.NewAuthorizer(biscuit.Block{}, []biscuit.PolicyRule{{Queries: []biscuit.Rule{{}}}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// single makes a token of one block.
func single(t testing.TB, b *blockBuilder) *biscuit.Verified {
	t.Helper()
	f := forge(t, 0).add(b.data(), 0, 0, nil)
	return verified(t, f.open(), f.root)
}

// counting makes a block whose rule derives the numbers from 1 to n, one in each round.
func counting(n int) *blockBuilder {
	b := newBlock(3).fact("n", integer(0))
	return b.rule(b.predicate("n", variable(1)), body(b.predicate("n", variable(0))), body(b.predicate("after",
		variable(0),
		variable(1)))).successors(n)
}

func (b *blockBuilder) successors(n int) *blockBuilder {
	for i := range n {
		b.fact("after", integer(int64(i)), integer(int64(i+1)))
	}
	return b
}

func TestRounds(t *testing.T) {
	if _, err := single(t, counting(99)).Authorize(nobody(t)); err != nil {
		t.Errorf("99 rounds: %v", err)
	}
	if _, err := single(t, counting(100)).Authorize(nobody(t)); classOf(err) != biscuit.Limit {
		t.Errorf("100 rounds: %v", err)
	}
}

// pairs makes a block with n facts, of which a rule derives n more.
func pairs(n int) *blockBuilder {
	b := newBlock(3)
	for i := range n {
		b.fact("a", integer(int64(i)))
	}
	return b.rule(b.predicate("b", variable(0)), body(b.predicate("a", variable(0))))
}

func TestFacts(t *testing.T) {
	if _, err := single(t, pairs(499)).Authorize(nobody(t)); err != nil {
		t.Errorf("998 facts: %v", err)
	}
	if _, err := single(t, pairs(499).fact("c", integer(1))).Authorize(nobody(t)); err != nil {
		t.Errorf("999 facts: %v", err)
	}
	if _, err := single(t, pairs(500)).Authorize(nobody(t)); classOf(err) != biscuit.Limit {
		t.Errorf("1000 facts: %v", err)
	}
	// Stated facts alone are not limited: no round adds one. A fact that is stated twice is one.
	many := newBlock(3)
	for i := range 5000 {
		many.fact("a", integer(int64(i)))
	}
	if _, err := single(t, many).Authorize(nobody(t)); err != nil {
		t.Errorf("5000 stated facts: %v", err)
	}
	again := pairs(499)
	for range 100 {
		again.fact("a", integer(0))
	}
	if _, err := single(t, again).Authorize(nobody(t)); err != nil {
		t.Errorf("a fact that is stated often: %v", err)
	}
}

// join makes a check that joins so many times over n facts and never holds.
func join(n, times int) *blockBuilder {
	b := newBlock(3)
	for i := range n {
		b.fact("a", integer(int64(i)))
	}
	var parts []wire
	for i := range times {
		parts = append(parts, body(b.predicate("a", variable(uint64(i)))))
	}
	return b.check(append(parts, expression(push(variable(0)), push(integer(-1)), binaryOp(0)))...)
}

func TestSteps(t *testing.T) {
	if _, err := single(t, join(40, 3)).Authorize(nobody(t)); classOf(err) != biscuit.Check {
		t.Errorf("64000 combinations: %v", err)
	}
	_, err := single(t, join(60, 6)).Authorize(nobody(t))
	if classOf(err) != biscuit.Limit || !strings.Contains(err.Error(), "steps") {
		t.Errorf("60^6 combinations: %v", err)
	}
	// The number of steps is the same every time.
	v := single(t, join(10, 3))
	least := 0
	for steps := 1; least == 0; steps += 50 {
		if _, err := v.WithLimits(nobody(t), 0, 0, steps, 0); classOf(err) != biscuit.Limit {
			least = steps
		}
	}
	for range 20 {
		if _, err := v.WithLimits(nobody(t), 0, 0, least, 0); classOf(err) != biscuit.Check {
			t.Fatalf("%d steps were enough before: %v", least, err)
		}
		if _, err := v.WithLimits(nobody(t), 0, 0, least-50, 0); classOf(err) != biscuit.Limit {
			t.Fatalf("%d steps were not enough before: %v", least-50, err)
		}
	}
	if least < 4000 || least > 8000 { // 1110 candidates, and 3 operations for each of 1000
		t.Errorf("1000 combinations take %d steps", least)
	}
}

// An operator that takes another value where its closure fails does not take it where the steps are used up.
func TestLimitIsNoFailedExpression(t *testing.T) {
	inner := []wire{push(boolean(0))}
	for i := range 12 {
		inner = []wire{push(variable(0)), closure([]uint64{uint64(i + 1)}, inner...), binaryOp(26)}
	}
	b := newBlock(6)
	b.fact("s", list(integer(1), integer(2), integer(3), integer(4), integer(5), integer(6), integer(7), integer(8)))
	b.check(body(b.predicate("s", variable(0))), expression(closure(nil, inner...), push(boolean(1)), binaryOp(29)))
	if _, err := single(t, b).WithLimits(nobody(t), 0, 0, 10_000, 0); classOf(err) != biscuit.Limit {
		t.Errorf("%v", err)
	}
}

// The clock ends what the steps do not.
func TestClock(t *testing.T) {
	start := time.Now()
	_, err := single(t, join(60, 6)).WithLimits(nobody(t), 0, 0, 1<<60, 10*time.Millisecond)
	if classOf(err) != biscuit.Limit || !strings.Contains(err.Error(), "time") {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// hostile has blocks that are made to cost as much as they can, of about size bytes.
func hostile(size int) map[string]*blockBuilder {
	all := make(map[string]*blockBuilder)
	add := func(name string, make func(b *blockBuilder)) {
		b := newBlock(6)
		make(b)
		all[name] = b
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
	return all
}

// A token may hold anything and takes at most 64 MiB and a second; the second is what a machine in no hurry takes here,
// so the test allows ten.
func TestHostileTokens(t *testing.T) {
	for name, b := range hostile(700_000) {
		t.Run(name, func(t *testing.T) {
			f := forge(t, 0).add(b.data(), 0, 0, nil)
			text, key := f.open(), f.root.key(t)
			if len(text) > biscuit.MaxText {
				t.Fatalf("the token has %d characters: too long to show anything", len(text))
			}
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
				_, err = v.Authorize(nobody(t))
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			held := (after.HeapAlloc - before.HeapAlloc) >> 20
			t.Logf(name+": %s: %v; %v, %d MiB allocated, %d MiB held", step, err, took, allocated, held)
			if allocated > 64 {
				t.Errorf("%d MiB were allocated", allocated)
			}
			if took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// Nothing of what a token says is evaluated before its signatures hold: there is nothing to evaluate with.
func TestHostileTokenWithBadSignature(t *testing.T) {
	f := forge(t, 0).add(join(60, 6).data(), 0, 0, nil)
	data, err := base64.URLEncoding.DecodeString(f.open())
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, f.signature)
	data[at] ^= 1
	token, err := biscuit.Parse(base64.URLEncoding.EncodeToString(data))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := token.Verify(f.root.key(t)); v != nil || classOf(err) != biscuit.Signature {
		t.Errorf("%v, %v", v, err)
	}
}
