package biscuit

import "math/bits"

// gatedTerm reads a term of a predicate or an expression: null, also as the element of a set, came with version 3.3.
func (r *blockReader) gatedTerm(m message) (Term, error) {
	t, err := r.term(m)
	if err == nil && r.version < version33 &&
		(t.kind == KindNull || t.kind == KindSet && len(t.parts) > 0 && t.parts[0].kind == KindNull) {
		err = needs(r.block, "has a null, which", version33)
	}
	return t, err
}

// term reads a term. Of several members the last counts, as readers of protocol buffers have it; parts of one member
// that follow each other are parts of one message.
func (r *blockReader) term(m message) (t Term, err error) {
	var inner merged
	member := uint32(0)
	for m.more() {
		f, err := m.next()
		if err != nil {
			return t, err
		}
		if f.number < uint32(KindVariable) || f.number > uint32(KindMap) {
			continue
		}
		if member != f.number {
			inner = merged{}
		}
		member, t = f.number, Term{kind: Kind(f.number)}
		switch t.kind {
		case KindVariable:
			var n uint32
			n, err = f.number32()
			t.number = uint64(n)
		case KindInteger, KindDate:
			t.number, err = f.number64()
		case KindString:
			if t.number, err = f.number64(); err == nil {
				t.text, err = r.tables.symbol(t.number)
				t.number = 0
			}
		case KindBytes:
			var b []byte
			b, err = f.bytes()
			t.text = string(b)
		case KindBool:
			if t.number, err = f.number64(); t.number > 1 {
				t.number = 1
			}
		default:
			err = inner.add(&f, r.room)
		}
		if err != nil {
			return t, err
		}
	}
	switch t.kind {
	case 0:
		return t, errorf(Format, "block %d of the token has an empty term", r.block)
	case KindNull:
		return t, skip(inner.message)
	case KindSet:
		return r.set(inner.message)
	case KindArray:
		t.parts, err = r.elements(inner.message)
	case KindMap:
		return r.entries(inner.message)
	}
	return t, err
}

// skip reads a message whose fields are all unknown.
func skip(m message) error {
	for m.more() {
		if _, err := m.next(); err != nil {
			return err
		}
	}
	return nil
}

// elements reads the terms of a set or an array.
func (r *blockReader) elements(m message) (elements []Term, err error) {
	if elements, err = list[Term](r, m.counts()[1]); err != nil {
		return nil, err
	}
	for m.more() {
		f, err := m.next()
		if err == nil && f.number == 1 {
			elements, err = appendRead(elements, &f, r.term)
		}
		if err != nil {
			return nil, err
		}
	}
	return elements, nil
}

func (r *blockReader) set(m message) (Term, error) {
	elements, err := r.elements(m)
	if err != nil {
		return Term{}, err
	}
	for i := range elements {
		switch {
		case elements[i].kind == KindVariable, elements[i].kind == KindSet:
			return Term{}, errorf(Format, "block %d of the token has a set with a variable or a set in it", r.block)
		case elements[i].kind != elements[0].kind:
			return Term{}, errorf(Format, "block %d of the token has a set with elements of several types", r.block)
		}
	}
	if err := r.sorted(elements, len(elements)); err != nil {
		return Term{}, err
	}
	return newSet(elements), nil
}

func (r *blockReader) entries(m message) (Term, error) {
	pairs, err := list[[4]Term](r, m.counts()[1]) // keys and values, and room to sort them
	if err != nil {
		return Term{}, err
	}
	parts := make([]Term, 0, 2*cap(pairs))
	for m.more() {
		f, err := m.next()
		if err == nil && f.number == 1 {
			var entry message
			if entry, err = f.message(); err == nil {
				parts, err = r.entry(parts, entry)
			}
		}
		if err != nil {
			return Term{}, err
		}
	}
	if err := r.sorted(parts, len(parts)/2); err != nil {
		return Term{}, err
	}
	return newMap(parts), nil
}

// sorted takes the steps of sorting so many of these terms.
func (r *blockReader) sorted(terms []Term, n int) error { return r.room.pass(terms, bits.Len(uint(n))) }

func (r *blockReader) entry(to []Term, m message) ([]Term, error) {
	var key, value merged
	for m.more() {
		f, err := m.next()
		if err != nil {
			return to, err
		}
		switch f.number {
		case 1:
			err = key.add(&f, r.room)
		case 2:
			err = value.add(&f, r.room)
		}
		if err != nil {
			return to, err
		}
	}
	k, err := r.mapKey(key.message)
	if err != nil {
		return to, err
	}
	v, err := r.term(value.message)
	return append(to, k, v), err
}

func (r *blockReader) mapKey(m message) (t Term, err error) {
	for m.more() {
		f, err := m.next()
		if err != nil {
			return t, err
		}
		switch f.number {
		case 1:
			t = Term{kind: KindInteger}
			t.number, err = f.number64()
		case 2:
			var index uint64
			t = Term{kind: KindString}
			if index, err = f.number64(); err == nil {
				t.text, err = r.tables.symbol(index)
			}
		}
		if err != nil {
			return t, err
		}
	}
	if t.kind == 0 {
		return t, errorf(Format, "block %d of the token has a map with an empty key", r.block)
	}
	return t, nil
}
