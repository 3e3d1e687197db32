package biscuit

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the type of a term. The numbers are those of the format.
type Kind uint8

// The kinds of terms.
const (
	KindVariable Kind = iota + 1
	KindInteger
	KindString
	KindDate
	KindBytes
	KindBool
	KindSet
	KindNull
	KindArray
	KindMap
)

// String returns the name that the type operator gives the kind.
func (k Kind) String() string {
	return [...]string{"", "variable", "integer", "string", "date", "bytes", "bool", "set", "null", "array", "map"}[k]
}

// Term is a value or a variable. Terms are immutable; the zero Term is none.
type Term struct {
	kind   Kind
	number uint64 // an integer, a date, a truth value, or what names a variable
	text   string // a string, or bytes
	parts  []Term // of an array in order, of a set ascending without repetition, of a map key and value in turn, by key
}

// Variable returns a variable: the same number within a rule is the same variable.
func Variable(number uint32) Term { return Term{kind: KindVariable, number: uint64(number)} }

// Integer returns a 64-bit integer.
func Integer(n int64) Term { return Term{kind: KindInteger, number: uint64(n)} }

// String returns a string.
func String(s string) Term { return Term{kind: KindString, text: s} }

// Date returns a date, in seconds since 1970.
func Date(seconds uint64) Term { return Term{kind: KindDate, number: seconds} }

// Bytes returns a byte string.
func Bytes(b []byte) Term { return Term{kind: KindBytes, text: string(b)} }

// Bool returns a truth value.
func Bool(b bool) Term {
	t := Term{kind: KindBool}
	if b {
		t.number = 1
	}
	return t
}

// Kind returns the kind of the term.
func (t *Term) Kind() Kind { return t.kind }

func (t *Term) isTrue() bool { return t.kind == KindBool && t.number == 1 }

// newSet returns the set of these elements, which it sorts in place.
func newSet(elements []Term) Term {
	slices.SortFunc(elements, func(a, b Term) int { return compare(&a, &b) })
	return Term{kind: KindSet, parts: slices.CompactFunc(elements, func(a, b Term) bool { return compare(&a, &b) == 0 })}
}

// newMap returns the map of keys and values in turn; of a repeated key the later value counts.
func newMap(parts []Term) Term {
	entries := make([][2]Term, 0, len(parts)/2)
	for i := 0; i < len(parts); i += 2 {
		entries = append(entries, [2]Term{parts[i], parts[i+1]})
	}
	slices.SortStableFunc(entries, func(a, b [2]Term) int { return compare(&a[0], &b[0]) })
	parts = parts[:0]
	for i := range entries {
		if i+1 < len(entries) && compare(&entries[i][0], &entries[i+1][0]) == 0 {
			continue
		}
		parts = append(parts, entries[i][0], entries[i][1])
	}
	return Term{kind: KindMap, parts: parts}
}

// length returns the number of elements of a set or array, or of entries of a map.
func (t *Term) length() int {
	if t.kind == KindMap {
		return len(t.parts) / 2
	}
	return len(t.parts)
}

// compare orders terms: by kind, then by value. It is 0 for equal terms only.
func compare(a, b *Term) int {
	if a.kind != b.kind {
		return cmp.Compare(a.kind, b.kind)
	}
	switch a.kind {
	case KindString, KindBytes:
		return strings.Compare(a.text, b.text)
	case KindInteger:
		return cmp.Compare(int64(a.number), int64(b.number))
	case KindSet, KindArray, KindMap:
		for i := range min(len(a.parts), len(b.parts)) {
			if c := compare(&a.parts[i], &b.parts[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(len(a.parts), len(b.parts))
	}
	return cmp.Compare(a.number, b.number)
}

// equal is compare where only equality matters.
func equal(a, b *Term) bool {
	if a.kind != b.kind || a.number != b.number || a.text != b.text || len(a.parts) != len(b.parts) {
		return false
	}
	for i := range a.parts {
		if !equal(&a.parts[i], &b.parts[i]) {
			return false
		}
	}
	return true
}

// weight is the number of steps that touching all of a term costs. It looks no deeper than one level below the top
// unless there is more.
func (t *Term) weight() int {
	w := 1 + len(t.text)/stepBytes
	for i := range t.parts {
		w += t.parts[i].weight()
	}
	return w
}
