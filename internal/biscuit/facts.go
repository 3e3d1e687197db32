package biscuit

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// fact is a predicate's terms and where they come from. The same terms from two origins are two facts.
type fact struct {
	terms  []Term
	origin origin
}

// relation holds the facts of one name and number of terms.
type relation struct {
	facts   []fact
	visible int                // the first so many; the others come in at the end of the round
	round   int                // that brought the last of them in
	index   map[uint64][]int32 // by hash, of all facts; nil while they are few, or none was derived
}

// seed keeps a token from being made of facts whose hashes collide.
var seed = maphash.MakeSeed()

func hash(terms []Term, from origin) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, word := range from {
		hashNumber(&h, word)
	}
	for i := range terms {
		hashTerm(&h, &terms[i])
	}
	return h.Sum64()
}

func hashNumber(h *maphash.Hash, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	h.Write(b[:])
}

func hashTerm(h *maphash.Hash, t *Term) {
	h.WriteByte(byte(t.kind))
	hashNumber(h, t.number)
	hashNumber(h, uint64(len(t.text)))
	h.WriteString(t.text)
	hashNumber(h, uint64(len(t.parts)))
	for i := range t.parts {
		hashTerm(h, &t.parts[i])
	}
}

// indexed makes the index of facts that were added without it.
func (r *relation) indexed() {
	if r.index != nil {
		return
	}
	r.index = make(map[uint64][]int32, len(r.facts))
	for i := range r.facts {
		h := hash(r.facts[i].terms, r.facts[i].origin)
		r.index[h] = append(r.index[h], int32(i))
	}
}

// fewFacts are compared one by one, without an index.
const fewFacts = 8

// insert adds a fact unless it is there, and reports whether it did. It keeps the slices of the fact only if so told;
// else copies.
func (r *relation) insert(f fact, keep bool) bool {
	var h uint64
	if r.index == nil && len(r.facts) < fewFacts {
		for i := range r.facts {
			if r.facts[i].equal(&f) {
				return false
			}
		}
	} else {
		r.indexed()
		h = hash(f.terms, f.origin)
		for _, i := range r.index[h] {
			if r.facts[i].equal(&f) {
				return false
			}
		}
		r.index[h] = append(r.index[h], int32(len(r.facts)))
	}
	if !keep {
		f = fact{slices.Clone(f.terms), slices.Clone(f.origin)}
	}
	r.facts = append(r.facts, f)
	return true
}

func (f *fact) equal(other *fact) bool {
	return f.origin.equal(other.origin) && sameTerms(f.terms, other.terms)
}

func sameTerms(a, b []Term) bool {
	for i := range a {
		if !equal(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// hasVariable reports whether a term is a variable. Such a fact matches nothing.
func hasVariable(terms []Term) bool {
	for i := range terms {
		if terms[i].kind == KindVariable {
			return true
		}
	}
	return false
}
