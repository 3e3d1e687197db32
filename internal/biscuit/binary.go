package biscuit

import "strings"

// binary evaluates an operator on two terms.
func (e *evaluation) binary(o *Operation, a, b *Term) (Term, error) {
	switch o.operator {
	case opEqual, opUnequal:
		same, err := e.equal(a, b)
		same = same && a.kind != KindVariable // taken out of an array; equal to nothing, itself included
		return Bool(same == (o.operator == opEqual)), err
	case opStrictEqual, opStrictUnequal:
		if a.kind != b.kind || a.kind == KindVariable {
			return Term{}, wrongType(a.kind, b.kind)
		}
		same, err := e.equal(a, b)
		return Bool(same == (o.operator == opStrictEqual)), err
	case opBinaryCall:
		return Term{}, noFunction()
	case opGet:
		return e.get(a, b)
	case opContains:
		return e.contains(a, b)
	}
	switch {
	case a.kind == KindArray && b.kind == KindArray:
		return e.arrays(o.operator, a, b)
	case a.kind != b.kind:
	case a.kind == KindInteger:
		return integers(o.operator, int64(a.number), int64(b.number))
	case a.kind == KindDate:
		if result, ok := ordered(o.operator, a.number, b.number); ok {
			return result, nil
		}
	case a.kind == KindString:
		return e.strings(o.operator, a.text, b.text)
	case a.kind == KindBool && o.operator == opAnd:
		return Bool(a.isTrue() && b.isTrue()), nil
	case a.kind == KindBool && o.operator == opOr:
		return Bool(a.isTrue() || b.isTrue()), nil
	case a.kind == KindSet && (o.operator == opIntersection || o.operator == opUnion):
		return e.combine(o.operator == opUnion, a, b)
	}
	return Term{}, wrongType(a.kind, b.kind)
}

// ordered evaluates the operators that compare.
func ordered[T int64 | uint64](operator uint8, a, b T) (Term, bool) {
	switch operator {
	case opLess:
		return Bool(a < b), true
	case opGreater:
		return Bool(a > b), true
	case opLessOrEqual:
		return Bool(a <= b), true
	case opGreaterOrEqual:
		return Bool(a >= b), true
	}
	return Term{}, false
}

func (e *evaluation) strings(operator uint8, a, b string) (Term, error) {
	switch operator {
	case opStartsWith:
		return Bool(strings.HasPrefix(a, b)), e.spend(len(b) / stepBytes)
	case opEndsWith:
		return Bool(strings.HasSuffix(a, b)), e.spend(len(b) / stepBytes)
	case opMatches:
		matches, err := e.matches(a, b)
		return Bool(matches), err
	case opAdd:
		if err := e.spend((len(a) + len(b)) / madeBytes); err != nil {
			return Term{}, err
		}
		return String(a + b), nil
	}
	return Term{}, wrongType(KindString, KindString)
}

// contains looks for a string in a string, for an element or a subset in a set, for an element in an array, and for a
// key in a map.
func (e *evaluation) contains(a, b *Term) (Term, error) {
	switch {
	case a.kind == KindString && b.kind == KindString:
		if err := e.spend((len(a.text) + len(b.text)) / 32); err != nil {
			return Term{}, err
		}
		return Bool(strings.Contains(a.text, b.text)), nil
	case a.kind == KindSet && b.kind == KindSet:
		if err := e.spend(a.weight() + b.weight()); err != nil {
			return Term{}, err
		}
		common := 0
		merge(a.parts, b.parts, func(_ *Term, both bool) {
			if both {
				common++
			}
		})
		return Bool(common == len(b.parts)), nil
	case a.kind == KindSet && b.kind >= KindInteger && b.kind <= KindBool:
		return e.among(a.parts, b, 1)
	case a.kind == KindArray:
		return e.among(a.parts, b, 1)
	case a.kind == KindMap:
		return e.among(a.parts, b, 2)
	}
	return Term{}, wrongType(a.kind, b.kind)
}

// among reports whether a term is one of those at every so many places.
func (e *evaluation) among(terms []Term, t *Term, step int) (Term, error) {
	for i := 0; i < len(terms); i += step {
		if i%8 == 0 {
			if err := e.spend(1); err != nil {
				return Term{}, err
			}
		}
		if same, err := e.equal(&terms[i], t); same || err != nil {
			return Bool(true), err
		}
	}
	return Bool(false), nil
}

// get returns an element of an array by its index or a value of a map by its key, null where there is none.
func (e *evaluation) get(a, b *Term) (Term, error) {
	switch {
	case a.kind == KindArray && b.kind == KindInteger:
		if i := int64(b.number); i >= 0 && i < int64(len(a.parts)) {
			return a.parts[i], nil
		}
		return Term{kind: KindNull}, nil
	case a.kind == KindMap && (b.kind == KindInteger || b.kind == KindString):
		if err := e.spend(len(a.parts) / 16); err != nil {
			return Term{}, err
		}
		for i := 0; i < len(a.parts); i += 2 {
			if same, err := e.equal(&a.parts[i], b); err != nil {
				return Term{}, err
			} else if same {
				return a.parts[i+1], nil
			}
		}
		return Term{kind: KindNull}, nil
	}
	return Term{}, wrongType(a.kind, b.kind)
}

func (e *evaluation) arrays(operator uint8, a, b *Term) (Term, error) {
	if operator != opStartsWith && operator != opEndsWith {
		return Term{}, wrongType(a.kind, b.kind)
	}
	surplus := len(a.parts) - len(b.parts)
	if surplus < 0 {
		return Bool(false), nil
	}
	part := Term{kind: KindArray, parts: a.parts[:len(b.parts)]}
	if operator == opEndsWith {
		part.parts = a.parts[surplus:]
	}
	same, err := e.equal(&part, b)
	return Bool(same), err
}

// combine returns the union or the intersection of two sets.
func (e *evaluation) combine(union bool, a, b *Term) (Term, error) {
	const element = 4 // steps that an element costs: it takes 64 bytes
	if err := e.spend(a.weight() + b.weight() + element*(len(a.parts)+len(b.parts))); err != nil {
		return Term{}, err
	}
	size := min(len(a.parts), len(b.parts))
	if union {
		size = len(a.parts) + len(b.parts)
	}
	parts := make([]Term, 0, size)
	merge(a.parts, b.parts, func(t *Term, both bool) {
		if union || both {
			parts = append(parts, *t)
		}
	})
	return Term{kind: KindSet, parts: parts}, nil
}

// merge calls each, in order, with the elements of two sets; both says that an element is in either.
func merge(a, b []Term, each func(t *Term, both bool)) {
	for len(a) > 0 && len(b) > 0 {
		switch c := compare(&a[0], &b[0]); {
		case c < 0:
			each(&a[0], false)
			a = a[1:]
		case c > 0:
			each(&b[0], false)
			b = b[1:]
		default:
			each(&a[0], true)
			a, b = a[1:], b[1:]
		}
	}
	for i := range a {
		each(&a[i], false)
	}
	for i := range b {
		each(&b[i], false)
	}
}
