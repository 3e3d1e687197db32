package biscuit

import (
	"testing"
	"time"
)

func expression(operations ...Operation) Operations { return operations }

func apply2(operator uint8) Operation { return Operation{kind: applyBinary, operator: operator} }

func apply1(operator uint8) Operation { return Operation{kind: applyUnary, operator: operator} }

func TestSource(t *testing.T) {
	const text = "ed25519/cef816a808d0f4ab5559e3e8a48dcbb9e0c33d83f5e39f5b0cdc63658c1fb2f9"
	key, err := ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	b := Block{
		Scopes: []Scope{Authority(), Previous(), SignedBy(key)},
		Facts: []Predicate{
			{Name: "right", Terms: []Term{String("a\"b\n\u202e"), Integer(-3), Bool(true), Date(0), Date(1 << 62), Bytes([]byte{1, 255})}},
			{Name: "Odd name", Terms: []Term{{kind: KindNull}}},
			{Name: "nested", Terms: []Term{
				{kind: KindSet, parts: []Term{Integer(1), Integer(2)}},
				{kind: KindArray, parts: []Term{Integer(1)}},
				{kind: KindMap, parts: []Term{String("k"), Integer(1), Integer(2), Integer(3)}},
			}},
		},
		Rules: []Rule{{
			Head: Predicate{Name: "p", Terms: []Term{Variable(0)}}, Body: []Predicate{{Name: "q", Terms: []Term{Variable(0)}}},
			Scopes: []Scope{Previous()},
		}},
		Checks: []CheckRule{
			{Kind: CheckAll, Queries: []Rule{
				{Expressions: []Operations{expression(Push(Integer(1)), Push(Integer(2)), apply2(opAdd), apply1(opParens), Push(Integer(3)), apply2(opLess))}},
				{},
			}},
			{Kind: RejectIf, Queries: []Rule{{
				Body: []Predicate{{Name: "q", Terms: []Term{Variable(0)}}},
				Expressions: []Operations{
					expression(Push(Variable(0)), Operation{kind: pushClosure, closure: &closure{
						params: []uint32{1}, body: expression(Push(Variable(1)), apply1(opLength), Push(Integer(0)), apply2(opEqual), apply1(opNot)),
					}}, apply2(opAny)),
					expression(Push(Bool(true)), Operation{kind: pushClosure, closure: &closure{body: expression(Push(Bool(false)))}}, apply2(opLazyOr)),
					expression(Push(Integer(1)), Operation{kind: applyUnary, operator: opUnaryCall, function: "f"}),
					expression(Push(Integer(1)), Push(Integer(2))),
					expression(apply2(opAdd)),
				},
			}}},
		},
	}
	const want = `trusting authority, previous, ed25519/cef816a808d0f4ab5559e3e8a48dcbb9e0c33d83f5e39f5b0cdc63658c1fb2f9;
right("a\"b\n\u202e", -3, true, 1970-01-01T00:00:00Z, date(4611686018427387904), hex:01ff);
"Odd name"(null);
nested({1, 2}, [1], {"k": 1, 2: 3});
p($0) <- q($0) trusting previous;
check all (1 + 2) < 3 or true;
reject if q($0), $0.any($1 -> !$1.length() == 0), true || false, 1.extern::f(), <2 values: 1; 2>, <nothing> + <nothing>;
`
	if got := b.Source(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExpiry(t *testing.T) {
	check := func(name string, operator uint8, limit Term) CheckRule {
		return CheckRule{Queries: []Rule{{
			Body:        []Predicate{{Name: name, Terms: []Term{Variable(0)}}},
			Expressions: []Operations{expression(Push(Variable(0)), Push(limit), apply2(operator))},
		}}}
	}
	b := Block{Checks: []CheckRule{
		check("time", opGreater, Integer(5)), check("clock", opLess, Integer(6)), check("time", opLess, Integer(100)),
		check("time", opLessOrEqual, Date(98)), check("time", opLess, String("x")),
	}}
	if at, found := b.Expiry(); !found || !at.Equal(time.Unix(99, 0)) {
		t.Errorf("%v, %v", at, found)
	}
	b.Checks = b.Checks[:2]
	if at, found := b.Expiry(); found {
		t.Errorf("an expiry where there is none: %v", at)
	}
}
