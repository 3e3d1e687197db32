package biscuit_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// outcome evaluates an expression alone: "true", "false", or the class of its error.
func outcome(t testing.TB, b *blockBuilder, operations ...wire) string {
	t.Helper()
	block, err := biscuit.ReadBlock(b.check(expression(operations...)).data())
	if err != nil {
		return "unread: " + err.Error()
	}
	a, err := biscuit.NewAuthorizer(biscuit.Block{Checks: block.Checks},
		[]biscuit.PolicyRule{{Queries: []biscuit.Rule{{}}}})
	if err != nil {
		t.Fatal(err)
	}
	switch _, err := empty(t).Authorize(a); classOf(err) {
	case 0:
		return "true"
	case biscuit.Check:
		return "false"
	default:
		return classOf(err).String()
	}
}

var emptyToken *biscuit.Verified

// empty is a token that says nothing.
func empty(t testing.TB) *biscuit.Verified {
	if emptyToken == nil {
		emptyToken = single(t, newBlock(3))
	}
	return emptyToken
}

func TestOperators(t *testing.T) {
	b := newBlock(6)
	s := b.text
	one, two, yes, no := integer(1), integer(2), boolean(1), boolean(0)
	const (
		less, greater, lessOrEqual, greaterOrEqual, strictEqual, contains, startsWith, endsWith, matches = 0, 1, 2, 3, 4,
			5, 6, 7, 8
		add, subtract, multiply, divide, and, or, intersection, union = 9, 10, 11, 12,
			13, 14, 15, 16
		bitAnd, bitOr, bitXor, strictUnequal, equal, unequal, lazyAnd, lazyOr = 17, 18, 19, 20,
			21, 22, 23, 24
		all, any, get, tryOr = 25, 26, 27, 29
	)
	ops := func(operations ...wire) []wire { return operations }
	two2 := func(operator int, a, b wire) []wire { return ops(push(a), push(b), binaryOp(operator)) }
	is := func(value wire, operations ...wire) []wire {
		return append(operations, push(value), binaryOp(strictEqual))
	}
	fails := ops(push(one), push(integer(0)), binaryOp(divide), push(one), binaryOp(equal))
	lazily := func(operator int, left wire, body ...wire) []wire {
		return ops(push(left), closure(nil, body...), binaryOp(operator))
	}
	each := func(operator int, over wire, body ...wire) []wire {
		return ops(push(over), closure([]uint64{9}, body...), binaryOp(operator))
	}
	isOne := ops(push(variable(9)), push(one), binaryOp(equal))
	for _, c := range []struct {
		name string
		want string
		do   []wire
	}{
		{"1 < 2", "true", two2(less, one, two)},
		{"2 < 2", "false", two2(less, two, two)},
		{"-1 < 1", "true", two2(less, integer(-1), one)},
		{"dates are unsigned", "false", two2(less, date(math.MaxUint64), date(1))},
		{"2 > 1", "true", two2(greater, two, one)},
		{"2 <= 2", "true", two2(lessOrEqual, two, two)},
		{"1 >= 2", "false", two2(greaterOrEqual, one, two)},
		{"strings are not ordered", "expression", two2(less, s("a"), s("b"))},
		{"an integer and a date", "expression", two2(less, one, date(2))},
		{"strict equality of types", "expression", two2(strictEqual, one, s("a"))},
		{"strict inequality of types", "expression", two2(strictUnequal, one, s("a"))},
		{"strict inequality", "true", two2(strictUnequal, one, two)},
		{"lenient equality of types", "false", two2(equal, one, s("a"))},
		{"lenient inequality of types", "true", two2(unequal, one, s("a"))},
		{"a variable out of an array", "false", ops(push(list(variable(7))), push(integer(0)), binaryOp(get),
			push(list(variable(7))), push(integer(0)), binaryOp(get), binaryOp(equal))},
		{"null is null", "true", two2(strictEqual, null(), null())},
		{"null is not 0", "false", two2(equal, null(), integer(0))},
		{"bytes", "true", two2(strictEqual, rawBytes([]byte{1}), rawBytes([]byte{1}))},
		{"sets have no order", "true", two2(strictEqual, set(one, two), set(two, one, two))},
		{"arrays have", "false", two2(strictEqual, list(one, two), list(two, one))},
		{"maps have no order", "true", two2(strictEqual, mapOf(one, yes, two, no), mapOf(two, no, one, yes))},
		{"the later value of a key", "true", two2(strictEqual, mapOf(one, yes, one, no), mapOf(one, no))},
		{"element of a set", "true", two2(contains, set(one, two), two)},
		{"no element of a set", "false", two2(contains, set(one, two), integer(3))},
		{"another type in a set", "false", two2(contains, set(one, two), s("a"))},
		{"subset", "true", two2(contains, set(one, two), set(two))},
		{"no subset", "false", two2(contains, set(one, two), set(two, integer(3)))},
		{"the empty set is a subset", "true", two2(contains, set(), set())},
		{"substring", "true", two2(contains, s("abc"), s("b"))},
		{"no substring", "false", two2(contains, s("abc"), s("ac"))},
		{"element of an array", "true", two2(contains, list(one, s("a")), s("a"))},
		{"key of a map", "true", two2(contains, mapOf(s("k"), one), s("k"))},
		{"value of a map", "false", two2(contains, mapOf(s("k"), one), one)},
		{"prefix", "true", two2(startsWith, s("abc"), s("ab"))},
		{"prefix of an array", "true", two2(startsWith, list(one, two), list(one))},
		{"longer prefix of an array", "false", two2(startsWith, list(one), list(one, two))},
		{"suffix", "true", two2(endsWith, s("abc"), s("bc"))},
		{"suffix of an array", "true", two2(endsWith, list(one, two), list(two))},
		{"pattern anywhere", "true", two2(matches, s("abc"), s("b"))},
		{"pattern with anchors", "false", two2(matches, s("abc"), s("^b$"))},
		{"pattern that is none", "false", two2(matches, s("abc"), s("(b"))},
		{"pattern that is too long", "false", two2(matches, s("abc"), s("b"+strings.Repeat("x?", 2100)))},
		{"pattern that is too large", "false", two2(matches, s("abc"),
			s("(b|[c-z]x{500}){0,2}(a|[c-z]y{500}){0,2}"+strings.Repeat("(z{900})?", 12)))},
		{"1 + 2", "true", is(integer(3), two2(add, one, two)...)},
		{"concatenation", "true", is(s("ab"), two2(add, s("a"), s("b"))...)},
		{"1 - 2", "true", is(integer(-1), two2(subtract, one, two)...)},
		{"2 * 2", "true", is(integer(4), two2(multiply, two, two)...)},
		{"division goes towards zero", "true", is(integer(-3), two2(divide, integer(-7), two)...)},
		{"true and false", "false", two2(and, yes, no)},
		{"true or false", "true", two2(or, yes, no)},
		{"1 and true", "expression", two2(and, one, yes)},
		{"intersection", "true", is(set(two), two2(intersection, set(one, two), set(two, integer(3)))...)},
		{"union", "true", is(set(one, two), two2(union, set(one), set(two))...)},
		{"3 & 6", "true", is(two, two2(bitAnd, integer(3), integer(6))...)},
		{"3 | 6", "true", is(integer(7), two2(bitOr, integer(3), integer(6))...)},
		{"3 ^ 6", "true", is(integer(5), two2(bitXor, integer(3), integer(6))...)},
		{"not", "true", ops(push(no), unary(0))},
		{"not 1", "expression", ops(push(one), unary(0))},
		{"parentheses", "true", ops(push(yes), unary(1))},
		{"length in bytes", "true", is(two, push(s("é")), unary(2))},
		{"length of a map", "true", is(one, push(mapOf(one, two)), unary(2))},
		{"length of an integer", "expression", ops(push(one), unary(2))},
		{"type", "true", is(s("array"), push(list()), unary(3))},
		{"type of null", "true", is(s("null"), push(null()), unary(3))},
		{"lazy and, reached", "true", lazily(lazyAnd, yes, push(yes))},
		{"lazy and, not reached", "false", lazily(lazyAnd, no, fails...)},
		{"lazy or, not reached", "true", lazily(lazyOr, yes, fails...)},
		{"lazy or, reached", "expression", lazily(lazyOr, no, fails...)},
		{"lazy and of an integer", "expression", lazily(lazyAnd, one, push(yes))},
		{"lazy and without a closure", "expression", two2(lazyAnd, yes, yes)},
		{"closure first", "true", ops(closure(nil, push(yes)), push(yes), binaryOp(lazyAnd))},
		{"all", "false", each(all, set(one, two), isOne...)},
		{"any", "true", each(any, set(one, two), isOne...)},
		{"all of nothing", "true", each(all, list(), push(no))},
		{"any of nothing", "false", each(any, list(), push(yes))},
		{"any of a map has key and value", "true", each(any, mapOf(s("k"), one), push(variable(9)), push(list(s("k"),
			one)), binaryOp(equal))},
		{"all whose closure is no boolean", "expression", each(all, set(one), push(one))},
		{"any of an integer", "expression", each(any, one, push(yes))},
		{"any with two parameters", "expression", ops(push(set(one)), closure([]uint64{8, 9}, push(yes)), binaryOp(any))},
		{"a parameter twice", "expression", each(any, set(one), each(any, set(one), push(yes))...)},
		{"a parameter after its closure", "expression", append(each(any, set(one), push(yes)), push(variable(9)),
			binaryOp(equal))},
		{"get", "true", is(two, two2(get, list(one, two), one)...)},
		{"get out of range", "true", is(null(), two2(get, list(one, two), two)...)},
		{"get below 0", "true", is(null(), two2(get, list(one, two), integer(-1))...)},
		{"get by key", "true", is(one, two2(get, mapOf(s("k"), one), s("k"))...)},
		{"get by a key that is not there", "true", is(null(), two2(get, mapOf(s("k"), one), s("l"))...)},
		{"get by a boolean", "expression", two2(get, list(one), yes)},
		{"try", "true", ops(closure(nil, push(yes)), push(no), binaryOp(tryOr))},
		{"try what fails", "true", ops(closure(nil, fails...), push(yes), binaryOp(tryOr))},
		{"try what leaves two values", "true", ops(closure(nil, push(one), push(one)), push(yes), binaryOp(tryOr))},
		{"what is tried instead fails", "expression", append(append(ops(closure(nil, push(yes))), fails...),
			binaryOp(tryOr))},
		{"unknown variable", "expression", ops(push(variable(5)))},
		{"no value", "expression", nil},
		{"two values", "expression", ops(push(yes), push(yes))},
		{"an integer", "expression", ops(push(one))},
		{"a closure", "expression", ops(closure(nil, push(yes)))},
		{"operator without operands", "expression", ops(binaryOp(add))},
		{"operator with one operand", "expression", ops(push(one), binaryOp(add))},
		{"operator on two closures", "expression", ops(closure(nil, push(yes)), closure(nil, push(yes)), binaryOp(lazyOr))},
		{"closure that uses the stack around it", "expression", ops(push(yes), push(yes), closure(nil, binaryOp(and)),
			binaryOp(lazyAnd))},
	} {
		fresh := newBlock(6)
		fresh.symbols, fresh.names = b.symbols, b.names
		if got := outcome(t, fresh, c.do...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Integers are as numbers without bounds are, or an error where the result does not fit.
func TestIntegers(t *testing.T) {
	interesting := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{
		0, 1, -1, 2, -2, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, 1 << 32, -1 << 32, 3037000500,
	}))
	operators := map[int]func(z, a, b *big.Int) *big.Int{
		9: (*big.Int).Add, 10: (*big.Int).Sub, 11: (*big.Int).Mul, 12: (*big.Int).Quo,
		17: (*big.Int).And, 18: (*big.Int).Or, 19: (*big.Int).Xor,
	}
	rapid.Check(t, func(rt *rapid.T) {
		a, b := interesting.Draw(rt, "a"), interesting.Draw(rt, "b")
		for operator, exact := range operators {
			want := "expression"
			result := int64(0)
			if operator != 12 || b != 0 {
				if z := exact(new(big.Int), big.NewInt(a), big.NewInt(b)); z.IsInt64() {
					want, result = "true", z.Int64()
				}
			}
			got := outcome(t, newBlock(6), push(integer(a)), push(integer(b)), binaryOp(operator), push(integer(result)),
				binaryOp(4))
			if got != want {
				rt.Fatalf("operator %d of %d and %d: %s, want %s", operator, a, b, got, want)
			}
		}
	})
}
