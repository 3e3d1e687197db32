package biscuit_test

import (
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
	_, err := single(t, join(60, 6)).WithLimits(nobody(t), 0, 0, 0, time.Hour) // a race detector is slow
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
