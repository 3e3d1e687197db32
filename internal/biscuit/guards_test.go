package biscuit_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// Each bound with its guard, and the harm without it.

// unbounded is more than any token needs.
const unbounded = 1 << 40

func TestStepsGuard(t *testing.T) {
	v := single(t, join(60, 6))
	if _, err := v.Authorize(nobody(t)); classOf(err) != biscuit.Limit {
		t.Errorf("with the budget: %v", err)
	}
	const more = 10_000_000
	if _, err := v.WithLimits(nobody(t), 0, 0, more, time.Hour); classOf(err) != biscuit.Limit {
		t.Errorf("%d steps are enough: the token does no harm", more)
	}
}

func TestRoundsGuard(t *testing.T) {
	v := single(t, counting(110))
	if _, err := v.Authorize(nobody(t)); classOf(err) != biscuit.Limit {
		t.Errorf("with the bound: %v", err)
	}
	if _, err := v.WithLimits(nobody(t), 0, unbounded, 0, 0); err != nil {
		t.Errorf("without the bound: %v", err)
	}
}

func TestFactsGuard(t *testing.T) {
	v := single(t, pairs(900))
	if _, err := v.Authorize(nobody(t)); classOf(err) != biscuit.Limit {
		t.Errorf("with the bound: %v", err)
	}
	if _, err := v.WithLimits(nobody(t), unbounded, 0, 0, 0); err != nil {
		t.Errorf("without the bound: %v", err)
	}
}

func TestRoomGuard(t *testing.T) {
	data := hostile(700_000)["rules without content"]()
	if _, err := biscuit.ReadBlock(data); classOf(err) != biscuit.Format {
		t.Errorf("with the bound: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := biscuit.ReadBlockIn(data, unbounded, unbounded)
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; err != nil || took <= 40 {
		t.Errorf("without the bound: %v, %d MiB", err, took)
	}
}

// Texts that many terms share are passed over each time.
func TestReadingStepsGuard(t *testing.T) {
	for _, name := range []string{
		"facts of long texts", "predicates of a long name", "a set of long texts", "a map of long keys",
	} {
		data := hostile(320_000)[name]()
		if _, err := biscuit.ReadBlock(data); classOf(err) != biscuit.Format {
			t.Errorf("%s with the bound: %v", name, err)
		}
		if _, took, err := biscuit.ReadBlockIn(data, unbounded, unbounded); err != nil || took <= biscuit.MaxReadingSteps {
			t.Errorf("%s without the bound: %v, %d steps", name, err, took)
		}
	}
}

// nestedLists is an array in an array and so on, written from its end.
func nestedLists(depth int) []byte {
	reversed := []byte{1, 2 << 3}
	prefix := func(number int) {
		head := binary.AppendUvarint([]byte{byte(number<<3 | 2)}, uint64(len(reversed)))
		slices.Reverse(head)
		reversed = append(reversed, head...)
	}
	for range depth {
		prefix(1)
		prefix(9)
	}
	slices.Reverse(reversed)
	return reversed
}

func TestDepthGuard(t *testing.T) {
	data := nestedLists(90_000)
	if len(data) > biscuit.MaxText*3/4 {
		t.Fatalf("%d bytes fit no token", len(data))
	}
	if err := biscuit.ReadTerm(data, 0); classOf(err) != biscuit.Format {
		t.Errorf("with the bound: %v", err)
	}
	done := make(chan uint64)
	go func() { // whose stack it is
		if err := biscuit.ReadTerm(data, -unbounded); err != nil {
			t.Errorf("without the bound: %v", err)
		}
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		done <- stats.StackInuse >> 20
	}()
	if took := <-done; took < 48 {
		t.Errorf("without the bound the stack takes %d MiB: no harm", took)
	}
}

// Nothing of what a token says is evaluated before its signatures hold: there is nothing to evaluate with.
func TestSignatureGuard(t *testing.T) {
	f := forge(t, 0).add(join(60, 6).data(), 0, 0, nil)
	data, err := base64.URLEncoding.DecodeString(f.open())
	if err != nil {
		t.Fatal(err)
	}
	data[bytes.Index(data, f.signature)] ^= 1
	token, err := biscuit.Parse(base64.URLEncoding.EncodeToString(data))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := token.Verify(f.root.key(t)); v != nil || classOf(err) != biscuit.Signature {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := biscuit.Unjudged(token).Authorize(nobody(t)); classOf(err) != biscuit.Limit {
		t.Errorf("without the signatures judged: %v", err)
	}
}

// Blocks and keys cost signatures and points of curves.
func TestCounts(t *testing.T) {
	chain := func(blocks int) string {
		f := forge(t, 0)
		for range blocks {
			f.add(newBlock(3).data(), 0, 0, nil)
		}
		return f.open()
	}
	keys := func(n int) []byte {
		b := newBlock(3)
		for range n {
			b.extra = b.extra.bytes(8, newSigner(t, 0).wire())
		}
		return b.data()
	}
	half := forge(t, 0).add(keys(1000), 0, 0, nil)
	for _, c := range []struct {
		name string
		text string
		ok   bool
	}{
		{"1000 blocks", chain(1000), true},
		{"1001 blocks", chain(1001), false},
		{"2000 keys", forge(t, 0).add(keys(2000), 0, 0, nil).open(), true},
		{"2001 keys", forge(t, 0).add(keys(2001), 0, 0, nil).open(), false},
		{"2000 keys in two blocks", half.add(keys(1000), 0, 0, nil).open(), true},
		{"2001 keys in three blocks", half.add(keys(1), 0, 0, nil).open(), false},
	} {
		if _, err := biscuit.Parse(c.text); (err == nil) != c.ok || !c.ok && classOf(err) != biscuit.Format {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A pattern that is too long, or too large when it is compiled, is not found.
func TestPatternBounds(t *testing.T) {
	for _, c := range []struct{ text, pattern, want string }{
		{"a", "a|" + strings.Repeat("x", 4094), "true"},
		{"a", "a|" + strings.Repeat("x", 4095), "false"},
		{"a", "(a?){900}", "true"},
		{"a", "((a?){100}b?){40}", "false"},
	} {
		b := newBlock(6)
		if got := outcome(t, b, push(b.text(c.text)), push(b.text(c.pattern)), binaryOp(8)); got != c.want {
			t.Errorf("%.20s… of %d bytes: %s", c.pattern, len(c.pattern), got)
		}
	}
}

// Of many failed checks the first hundred are told.
func TestFailedChecks(t *testing.T) {
	b := newBlock(3)
	for range 150 {
		b.check(body(b.predicate("never")))
	}
	_, err := single(t, b).Authorize(nobody(t))
	e, ok := err.(*biscuit.Error)
	if !ok || len(e.Failed) != 100 || !strings.Contains(e.Message, "149 more") {
		t.Errorf("%v", fmt.Sprint(err))
	}
}
