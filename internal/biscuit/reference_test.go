package biscuit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// A second evaluator, as plain as the rules of origins and scopes can be written down: it tries every combination of
// facts in every round. Programs have three relations over small integers, three blocks of which the second is a third
// party's, and an authorizer.

type plainFact struct {
	name   string
	value  int64
	origin int // a bit per block; bit 3 is the authorizer
}

type plainQuery struct {
	body   []plainAtom
	scopes string // of the letters a, p and k
}

// plainAtom is name(variable), or name(value) where variable is negative.
type plainAtom struct {
	name     string
	variable int
	value    int64
}

type plainRule struct {
	head  plainAtom
	query plainQuery
}

type plainBlock struct {
	facts  []plainFact
	rules  []plainRule
	checks []plainQuery
	scopes string
}

const authorizerBlock = 3

func trusts(block int, scopes, blockScopes string) int {
	if scopes == "" {
		scopes = blockScopes
	}
	trusted := 1<<block | 1<<authorizerBlock
	if scopes == "" {
		trusted |= 1
	}
	for _, s := range scopes {
		switch {
		case s == 'a':
			trusted |= 1
		case s == 'p' && block != authorizerBlock:
			trusted |= 1<<(block+1) - 1
		case s == 'k':
			trusted |= 1 << 1
		}
	}
	return trusted
}

// solutions calls each with the values of the variables and the origin of every match.
func solutions(facts []plainFact, q plainQuery, trusted int, each func(values [3]int64, origin int)) {
	var descend func(at int, values [3]int64, bound, origin int)
	descend = func(at int, values [3]int64, bound, origin int) {
		if at == len(q.body) {
			each(values, origin)
			return
		}
		atom := q.body[at]
		for _, f := range facts {
			if f.name != atom.name || f.origin&^trusted != 0 {
				continue
			}
			next, nowBound := values, bound
			if v := atom.variable; v < 0 {
				if atom.value != f.value {
					continue
				}
			} else if bound&(1<<v) != 0 {
				if values[v] != f.value {
					continue
				}
			} else {
				next[v] = f.value
				nowBound |= 1 << v
			}
			descend(at+1, next, nowBound, origin|f.origin)
		}
	}
	descend(0, [3]int64{}, 0, 0)
}

// failing returns the checks that fail, as "block/index".
func failing(blocks [4]plainBlock) (failed []string) {
	var facts []plainFact
	for i := range blocks {
		for _, f := range blocks[i].facts {
			f.origin = 1 << i
			if !slices.Contains(facts, f) {
				facts = append(facts, f)
			}
		}
	}
	for before := -1; before != len(facts); {
		before = len(facts)
		var derived []plainFact
		for i := range blocks {
			for _, r := range blocks[i].rules {
				solutions(facts, r.query, trusts(i, r.query.scopes, blocks[i].scopes), func(values [3]int64, origin int) {
					f := plainFact{r.head.name, r.head.value, origin | 1<<i}
					if r.head.variable >= 0 {
						f.value = values[r.head.variable]
					}
					derived = append(derived, f)
				})
			}
		}
		for _, f := range derived {
			if !slices.Contains(facts, f) {
				facts = append(facts, f)
			}
		}
	}
	for i := range blocks {
		for j, c := range blocks[i].checks {
			found := false
			solutions(facts, c, trusts(i, c.scopes, blocks[i].scopes), func([3]int64, int) { found = true })
			if !found {
				failed = append(failed, fmt.Sprintf("%d/%d", i, j))
			}
		}
	}
	return failed
}

var (
	drawAtom = rapid.Custom(func(t *rapid.T) plainAtom {
		return plainAtom{
			name:     rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "name"),
			variable: rapid.IntRange(-1, 2).Draw(t, "variable"), value: rapid.Int64Range(0, 2).Draw(t, "value"),
		}
	})
	drawQuery = rapid.Custom(func(t *rapid.T) plainQuery {
		return plainQuery{
			body:   rapid.SliceOfN(drawAtom, 1, 3).Draw(t, "body"),
			scopes: rapid.SampledFrom([]string{"", "", "", "a", "p", "k", "ak", "pk"}).Draw(t, "scopes"),
		}
	})
	drawBlock = rapid.Custom(func(t *rapid.T) (b plainBlock) {
		for _, a := range rapid.SliceOfN(drawAtom, 0, 3).Draw(t, "facts") {
			b.facts = append(b.facts, plainFact{name: a.name, value: a.value})
		}
		for range rapid.IntRange(0, 2).Draw(t, "rules") {
			r := plainRule{drawAtom.Draw(t, "head"), drawQuery.Draw(t, "query")}
			bound := slices.ContainsFunc(r.query.body, func(a plainAtom) bool { return a.variable == r.head.variable })
			if r.head.variable >= 0 && !bound {
				r.head.variable = -1
			}
			b.rules = append(b.rules, r)
		}
		b.checks = rapid.SliceOfN(drawQuery, 0, 2).Draw(t, "checks")
		b.scopes = rapid.SampledFrom([]string{"", "", "a", "p", "k"}).Draw(t, "scopes")
		return b
	})
)

func (a plainAtom) wire(b *blockBuilder) wire {
	if a.variable < 0 {
		return b.predicate(a.name, integer(a.value))
	}
	return b.predicate(a.name, variable(uint64(a.variable)))
}

func scopeWires(number int, scopes string) (w wire) {
	for _, s := range scopes {
		switch s {
		case 'a':
			w = w.bytes(number, wire(nil).varint(1, 0))
		case 'p':
			w = w.bytes(number, wire(nil).varint(1, 1))
		case 'k':
			w = w.bytes(number, wire(nil).varint(2, 0))
		}
	}
	return w
}

func (q plainQuery) wires(b *blockBuilder) (parts []wire) {
	for _, a := range q.body {
		parts = append(parts, body(a.wire(b)))
	}
	return append(parts, scopeWires(4, q.scopes))
}

// encode writes a block. Strings and the third party's key are declared by it only if declares.
func (p plainBlock) encode(names []string, key wire, declares bool) []byte {
	b := newBlock(5)
	for _, name := range names {
		b.symbol(name)
	}
	for _, f := range p.facts {
		b.fact(f.name, integer(f.value))
	}
	for _, r := range p.rules {
		b.rule(r.head.wire(b), r.query.wires(b)...)
	}
	for _, c := range p.checks {
		b.check(c.wires(b)...)
	}
	b.extra = scopeWires(7, p.scopes)
	if declares {
		b.extra = b.extra.bytes(8, key)
	} else {
		b.names = nil
	}
	return b.data()
}

func TestAgainstPlainEvaluator(t *testing.T) {
	third := newSigner(t, 0)
	names := []string{"x", "y", "z"}
	denied, allowed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		var blocks [4]plainBlock
		for i := range blocks {
			blocks[i] = drawBlock.Draw(rt, fmt.Sprint("block ", i))
		}
		f := forge(t, 0)
		f.add(blocks[0].encode(names, third.wire(), true), 0, 0, nil)
		f.add(blocks[1].encode(names, third.wire(), true), 1, 0, third)
		f.add(blocks[2].encode(names, third.wire(), false), 1, 0, nil)
		v := verified(t, f.open(), f.root)
		own, err := biscuit.ReadBlock(blocks[3].encode(names, third.wire(), true))
		if err != nil {
			rt.Fatal(err)
		}
		a, err := biscuit.NewAuthorizer(own, []biscuit.PolicyRule{{Queries: []biscuit.Rule{{}}}})
		if err != nil {
			rt.Fatal(err)
		}
		_, err = v.Authorize(a)
		var got []string
		if e, ok := err.(*biscuit.Error); ok {
			for _, c := range e.Failed {
				if c.Block < 0 {
					c.Block = authorizerBlock
				}
				got = append(got, fmt.Sprintf("%d/%d", c.Block, c.Index))
			}
			if e.Class != biscuit.Check {
				rt.Fatal(err)
			}
		}
		slices.Sort(got)
		want := failing(blocks)
		if strings.Join(got, " ") != strings.Join(want, " ") {
			rt.Fatalf("failed %v, want %v", got, want)
		}
		if len(want) > 0 {
			denied++
		} else {
			allowed++
		}
	})
	if denied == 0 || allowed == 0 {
		t.Errorf("%d programs denied and %d allowed: too few to show anything", denied, allowed)
	}
}
