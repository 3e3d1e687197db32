package biscuit_test

import (
	"testing"

	"filippo.io/edwards25519"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// Every feature is read from its version on, and refused before. What later versions brought without a gate is read in
// all.
func TestVersionGates(t *testing.T) {
	key := newSigner(t, 0).wire()
	checkKind := func(kind uint64) func(*blockBuilder) {
		return func(b *blockBuilder) {
			query := wire(nil).bytes(1, wire(nil).varint(1, 27))
			b.body = b.body.bytes(6, wire(nil).bytes(1, query).varint(2, kind))
		}
	}
	expressed := func(operations ...wire) func(*blockBuilder) {
		return func(b *blockBuilder) { b.check(expression(operations...)) }
	}
	one, yes := integer(1), boolean(1)
	for name, c := range map[string]struct {
		since uint64
		use   func(b *blockBuilder)
	}{
		"nothing":             {3, func(*blockBuilder) {}},
		"scope of the block":  {4, func(b *blockBuilder) { b.extra = scopeWires(7, "a") }},
		"scope of a rule":     {4, func(b *blockBuilder) { b.rule(b.predicate("a"), scopeWires(4, "p")) }},
		"scope of a check":    {4, func(b *blockBuilder) { b.check(scopeWires(4, "k")); b.extra = b.extra.bytes(8, key) }},
		"check kind one":      {4, checkKind(0)},
		"check all":           {4, checkKind(1)},
		"reject if":           {6, checkKind(2)},
		"bit operator":        {4, expressed(push(one), push(one), binaryOp(17), push(one), binaryOp(4))},
		"strict inequality":   {4, expressed(push(one), push(one), binaryOp(20))},
		"strict equality":     {3, expressed(push(one), push(one), binaryOp(4))},
		"lenient equality":    {6, expressed(push(one), push(one), binaryOp(21))},
		"lenient inequality":  {6, expressed(push(one), push(one), binaryOp(22))},
		"closure":             {6, expressed(closure(nil, push(yes)))},
		"lazy operator":       {6, expressed(push(yes), push(yes), binaryOp(23))},
		"any":                 {6, expressed(push(yes), push(yes), binaryOp(26))},
		"type":                {6, expressed(push(yes), unary(3))},
		"get":                 {3, expressed(push(list(yes)), push(integer(0)), binaryOp(27))},
		"array":               {3, func(b *blockBuilder) { b.fact("a", list(one)) }},
		"map":                 {3, func(b *blockBuilder) { b.fact("a", mapOf(one, one)) }},
		"null":                {6, func(b *blockBuilder) { b.fact("a", null()) }},
		"null in a set":       {6, func(b *blockBuilder) { b.fact("a", set(null())) }},
		"null in a rule":      {6, func(b *blockBuilder) { b.rule(b.predicate("a"), body(b.predicate("b", null()))) }},
		"null in expressions": {6, expressed(push(null()))},
	} {
		for version := uint64(3); version <= 6; version++ {
			b := newBlock(version)
			c.use(b)
			_, err := biscuit.ReadBlock(b.data())
			if version < c.since && classOf(err) != biscuit.Version || version >= c.since && err != nil {
				t.Errorf("%s in version %d: %v", name, version, err)
			}
		}
	}
}

// ed25519Base is the generator as a key.
var ed25519Base = wire(nil).varint(1, 0).bytes(2, edwards25519.NewGeneratorPoint().Bytes())

// What no version knows is refused as malformed.
func TestMalformedBlocks(t *testing.T) {
	b := newBlock(6)
	known := b.symbol("known")
	fact := func(term wire) []byte {
		b := newBlock(6)
		return b.fact("f", term).data()
	}
	query := func(rest wire) []byte {
		b := newBlock(6)
		return b.check(rest).data()
	}
	for name, data := range map[string][]byte{
		"term without content":    fact(nil),
		"term of an unknown kind": fact(wire(nil).varint(11, 1)),
		"set with a variable":     fact(set(variable(1))),
		"set in a set":            fact(set(set(integer(1)))),
		"set of two types":        fact(set(integer(1), boolean(1))),
		"map without a key":       fact(wire(nil).bytes(10, wire(nil).bytes(1, wire(nil).bytes(2, integer(1))))),
		"map with an empty value": fact(wire(nil).bytes(10, wire(nil).bytes(1, wire(nil).bytes(1, wire(nil).varint(1,
			1))))),
		"unknown symbol":            fact(wire(nil).varint(3, known+5)),
		"reserved symbol":           fact(wire(nil).varint(3, 28)),
		"symbol beyond all":         fact(wire(nil).varint(3, 1<<63)),
		"integer as bytes":          fact(wire(nil).bytes(2, []byte{1})),
		"unknown unary operator":    query(expression(wire(nil).bytes(2, wire(nil).varint(1, 5)))),
		"unknown binary operator":   query(expression(wire(nil).bytes(3, wire(nil).varint(1, 30)))),
		"operator with a name":      query(expression(wire(nil).bytes(2, wire(nil).varint(1, 0).varint(2, 0)))),
		"call without a name":       query(expression(wire(nil).bytes(3, wire(nil).varint(1, 28)))),
		"call of an unknown symbol": query(expression(wire(nil).bytes(3, wire(nil).varint(1, 28).varint(2, 999)))),
		"operation without content": query(expression(nil)),
		"scope without content":     query(wire(nil).bytes(4, nil)),
		"scope of an unknown type":  query(wire(nil).bytes(4, wire(nil).varint(1, 2))),
		"scope with an unknown key": query(wire(nil).bytes(4, wire(nil).varint(2, 0))),
		"scope with a negative key": query(wire(nil).bytes(4, wire(nil).varint(2, 1<<64-1))),
		"check of an unknown kind":  append(newBlock(6).data(), wire(nil).bytes(6, wire(nil).varint(2, 3))...),
		"nothing":                   {},
		"string that is not UTF-8":  append(newBlock(6).data(), wire(nil).bytes(1, []byte{0xff})...),
		"context that is not UTF-8": append(newBlock(6).data(), wire(nil).bytes(2, []byte{0xff})...),
		"field number 0":            append(newBlock(6).data(), 0, 0),
		"field cut short":           append(newBlock(6).data(), 4<<3|2, 9, 1),
		"varint of eleven bytes": append(newBlock(6).data(), 9<<3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 1),
		"varint beyond 64 bits": append(newBlock(6).data(), 9<<3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 2),
		"length beyond all": append(newBlock(6).data(), 4<<3|2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 1),
		"group without an end":       append(newBlock(6).data(), 9<<3|3),
		"group that ends as another": append(newBlock(6).data(), 9<<3|3, 10<<3|4),
		"end without a group":        append(newBlock(6).data(), 9<<3|4),
		"wire type 7":                append(newBlock(6).data(), 9<<3|7),
		"key twice":                  append(newBlock(6).data(), wire(nil).bytes(8, ed25519Base).bytes(8, ed25519Base)...),
		"key that is no point": append(newBlock(6).data(), wire(nil).bytes(8, wire(nil).bytes(2, append([]byte{2},
			make([]byte, 31)...)))...),
		"symbol known by default": append(newBlock(6).data(), wire(nil).bytes(1, []byte("read"))...),
	} {
		if _, err := biscuit.ReadBlock(data); classOf(err) != biscuit.Format && classOf(err) != biscuit.Version &&
			classOf(err) != biscuit.Key {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, extra := range map[string][]byte{
		"an unknown number":      wire(nil).varint(99, 1),
		"an unknown message":     wire(nil).bytes(99, []byte{0xff, 0xff}),
		"an unknown group":       {9<<3 | 3, 1 << 3, 5, 9<<3 | 4},
		"unknown fixed numbers":  {9<<3 | 1, 1, 2, 3, 4, 5, 6, 7, 8, 9<<3 | 5, 1, 2, 3, 4},
		"a longer form of one":   {9 << 3, 0x81, 0x80, 0x00},
		"a symbol twice in here": wire(nil).bytes(1, []byte("a")).bytes(1, []byte("a")),
	} {
		if _, err := biscuit.ReadBlock(append(newBlock(6).data(), extra...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Arrays nest as deep as messages may, and no deeper.
func TestDepth(t *testing.T) {
	nested := func(depth int) []byte {
		term := integer(1)
		for range depth {
			term = list(term)
		}
		return newBlock(3).fact("a", term).data()
	}
	if _, err := biscuit.ReadBlock(nested(48)); err != nil {
		t.Error(err)
	}
	for _, depth := range []int{49, 60, 5_000} {
		if _, err := biscuit.ReadBlock(nested(depth)); classOf(err) != biscuit.Format {
			t.Errorf("%d arrays in each other: %v", depth, err)
		}
	}
	groups := append(newBlock(3).data(), make([]byte, 500_000)...)
	for i := range 500_000 {
		groups[len(groups)-1-i] = 9<<3 | 3
	}
	if _, err := biscuit.ReadBlock(groups); classOf(err) != biscuit.Format {
		t.Errorf("groups in each other: %v", err)
	}
}
