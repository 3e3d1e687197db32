package biscuit

import "unsafe"

// room is what a token may still cost to be read: bytes of memory, and steps for texts that are hashed or
// compared, which many terms may share. A token of 64 KiB cannot take so much as there is at first.
type room struct {
	bytes int
	steps int
}

const (
	maxDecoded      = 16 << 20
	maxReadingSteps = 8 << 20
)

func newRoom() *room { return &room{maxDecoded, maxReadingSteps} }

func (r *room) take(n int, size uintptr) error {
	r.bytes -= n * int(size)
	if r.bytes < 0 {
		return errorf(Format, "the token takes more than %d bytes when it is read", maxDecoded)
	}
	return nil
}

// pass takes the steps of passing over all of these terms so many times.
func (r *room) pass(terms []Term, times int) error {
	for i := range terms {
		r.steps -= times * terms[i].weight()
	}
	return r.left()
}

func (r *room) passText(text string) error {
	r.steps -= len(text) / stepBytes
	return r.left()
}

func (r *room) left() error {
	if r.steps < 0 {
		return errorf(Format, "the token takes more than %d steps to be read", maxReadingSteps)
	}
	return nil
}

// blockReader reads the bodies of blocks.
type blockReader struct {
	tables  *tables
	block   int
	version uint32
	room    *room
}

// list returns an empty list with capacity for n elements.
func list[T any](r *blockReader, n int) ([]T, error) {
	if n == 0 {
		return nil, nil
	}
	var element T
	size := unsafe.Sizeof(element)
	switch any(element).(type) { // what becomes of it takes room as well
	case Predicate:
		size += unsafe.Sizeof(fact{})
	case Rule:
		size += unsafe.Sizeof(query{})
	case CheckRule:
		size += unsafe.Sizeof(check{})
	}
	if err := r.room.take(n, size); err != nil {
		return nil, err
	}
	return make([]T, 0, n), nil
}

// appendRead appends what read makes of the message in f.
func appendRead[T any](to []T, f *field, read func(message) (T, error)) ([]T, error) {
	m, err := f.message()
	if err != nil {
		return to, err
	}
	v, err := read(m)
	return append(to, v), err
}

func (r *blockReader) body(data []byte) (b Block, err error) {
	m := message{data: data}
	n := m.counts()
	if b.Facts, err = list[Predicate](r, n[4]); err != nil {
		return b, err
	}
	if b.Rules, err = list[Rule](r, n[5]); err != nil {
		return b, err
	}
	if b.Checks, err = list[CheckRule](r, n[6]); err != nil {
		return b, err
	}
	if b.Scopes, err = list[Scope](r, n[7]); err != nil {
		return b, err
	}
	for m.more() {
		f, err := m.next()
		if err != nil {
			return b, err
		}
		switch f.number {
		case 4:
			b.Facts, err = appendRead(b.Facts, &f, r.fact)
		case 5:
			b.Rules, err = appendRead(b.Rules, &f, r.rule)
		case 6:
			b.Checks, err = appendRead(b.Checks, &f, r.check)
		case 7:
			b.Scopes, err = appendRead(b.Scopes, &f, r.scope)
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

func (r *blockReader) fact(m message) (Predicate, error) {
	var inner merged
	for m.more() {
		f, err := m.next()
		if err == nil && f.number == 1 {
			err = inner.add(&f, r.room)
		}
		if err != nil {
			return Predicate{}, err
		}
	}
	p, err := r.predicate(inner.message)
	if err == nil {
		err = r.room.pass(p.Terms, 1) // facts are told apart by hash
	}
	return p, err
}

func (r *blockReader) rule(m message) (rule Rule, err error) {
	var head merged
	n := m.counts()
	if rule.Body, err = list[Predicate](r, n[2]); err != nil {
		return rule, err
	}
	if rule.Expressions, err = list[Operations](r, n[3]); err != nil {
		return rule, err
	}
	if rule.Scopes, err = list[Scope](r, n[4]); err != nil {
		return rule, err
	}
	for m.more() {
		f, err := m.next()
		if err != nil {
			return rule, err
		}
		switch f.number {
		case 1:
			err = head.add(&f, r.room)
		case 2:
			rule.Body, err = appendRead(rule.Body, &f, r.predicate)
		case 3:
			rule.Expressions, err = appendRead(rule.Expressions, &f, func(m message) (Operations, error) {
				return r.operations(m, 1)
			})
		case 4:
			rule.Scopes, err = appendRead(rule.Scopes, &f, r.scope)
		}
		if err != nil {
			return rule, err
		}
	}
	if rule.Head, err = r.predicate(head.message); err == nil {
		rule.number()
	}
	return rule, err
}

func (r *blockReader) check(m message) (c CheckRule, err error) {
	if c.Queries, err = list[Rule](r, m.counts()[1]); err != nil {
		return c, err
	}
	for m.more() {
		f, err := m.next()
		if err != nil {
			return c, err
		}
		switch f.number {
		case 1:
			c.Queries, err = appendRead(c.Queries, &f, r.rule)
		case 2:
			c.Kind, err = r.checkKind(&f)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

func (r *blockReader) checkKind(f *field) (CheckKind, error) {
	n, err := f.number32()
	switch {
	case err != nil:
		return 0, err
	case n > uint32(RejectIf):
		return 0, errorf(Format, "block %d of the token has a check of an unknown kind", r.block)
	case r.version < version31:
		return 0, needs(r.block, "has a check with a kind, which", version31)
	case n == uint32(RejectIf) && r.version < version33:
		return 0, needs(r.block, "has a reject if, which", version33)
	}
	return CheckKind(n), nil
}

func (r *blockReader) scope(m message) (s Scope, err error) {
	if r.version < version31 {
		return s, needs(r.block, "has a scope, which", version31)
	}
	found := false
	for m.more() {
		f, err := m.next()
		if err != nil {
			return s, err
		}
		var n uint64
		switch f.number {
		case 1:
			found = true
			if n, err = f.number64(); err == nil && int32(n) != 0 && int32(n) != 1 {
				err = errorf(Format, "block %d of the token has a scope of an unknown type", r.block)
			}
			s = Scope{kind: scopeKind(n & 1)}
		case 2:
			found = true
			if n, err = f.number64(); err == nil {
				s.kind = scopeKey
				s.key, err = r.tables.key(int64(n))
			}
		}
		if err != nil {
			return s, err
		}
	}
	if !found {
		return s, errorf(Format, "block %d of the token has an empty scope", r.block)
	}
	return s, nil
}

func (r *blockReader) predicate(m message) (p Predicate, err error) {
	if p.Terms, err = list[Term](r, m.counts()[2]); err != nil {
		return p, err
	}
	var name uint64
	for m.more() {
		f, err := m.next()
		if err != nil {
			return p, err
		}
		switch f.number {
		case 1:
			name, err = f.number64()
		case 2:
			p.Terms, err = appendRead(p.Terms, &f, r.gatedTerm)
		}
		if err != nil {
			return p, err
		}
	}
	if p.Name, err = r.tables.symbol(name); err == nil {
		err = r.room.passText(p.Name)
	}
	return p, err
}
