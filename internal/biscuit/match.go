package biscuit

// match finds every combination of visible and trusted facts that the body of a query matches, binds its variables and
// calls found, which says whether to go on. The order is that of the facts.
func (e *evaluation) match(q *query, found func() (bool, error)) error {
	e.clear(len(q.rule.variables), len(q.body))
	if len(q.body) == 0 {
		if err := e.spend(1); err != nil {
			return err
		}
		_, err := found()
		return err
	}
	for at := 0; at >= 0; {
		more, err := e.advance(q, at)
		if err != nil {
			return err
		}
		switch {
		case !more:
			at--
		case at+1 < len(q.body):
			at++
			e.places[at] = place{mark: len(e.trail)}
		default:
			if more, err := found(); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// clear unbinds everything and makes room for so many variables and predicates.
func (e *evaluation) clear(variables, predicates int) {
	if cap(e.bound) < variables {
		e.bound = make([]*Term, variables)
	}
	e.bound = e.bound[:variables]
	clear(e.bound)
	e.trail = e.trail[:0]
	if cap(e.places) < predicates {
		e.places = make([]place, predicates)
	}
	e.places = e.places[:predicates]
	if predicates > 0 {
		e.places[0] = place{}
	}
}

// advance goes on to the next fact that a predicate of the body matches, and reports whether there is one.
func (e *evaluation) advance(q *query, at int) (bool, error) {
	p := &e.places[at]
	e.unbind(p.mark)
	id := q.body[at]
	r := &e.relations[id]
	pattern := q.rule.Body[at].Terms
	for p.next < r.visible {
		f := &r.facts[p.next]
		p.next++
		if err := e.spend(1 + len(pattern)/8); err != nil {
			return false, err
		}
		if !f.origin.within(q.trusted) {
			continue
		}
		matched, err := e.unify(pattern, f.terms)
		if matched || err != nil {
			return matched, err
		}
		e.unbind(p.mark)
	}
	return false, e.spend(1)
}

func (e *evaluation) unbind(mark int) {
	for _, v := range e.trail[mark:] {
		e.bound[v] = nil
	}
	e.trail = e.trail[:mark]
}

// unify matches terms of a rule with those of a fact and binds variables. Where it fails it leaves some bound.
func (e *evaluation) unify(pattern, terms []Term) (bool, error) {
	for i := range pattern {
		want := &pattern[i]
		if want.kind == KindVariable {
			known := e.bound[want.number]
			if known == nil {
				e.bound[want.number] = &terms[i]
				e.trail = append(e.trail, int32(want.number))
				continue
			}
			want = known
		}
		same, err := e.equal(want, &terms[i])
		if !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// equal reports whether two terms are equal, for as many steps as they are long.
func (e *evaluation) equal(a, b *Term) (bool, error) {
	if a.kind != b.kind || a.number != b.number || len(a.text) != len(b.text) || len(a.parts) != len(b.parts) {
		return false, nil
	}
	if len(a.text) >= stepBytes || len(a.parts) > 0 {
		if err := e.spend(a.weight()); err != nil {
			return false, err
		}
	}
	return equal(a, b), nil
}

// holds reports whether all expressions of a rule are true as its variables are bound. Those after the first that is
// not are not evaluated.
func (e *evaluation) holds(rule *Rule) (bool, error) {
	for _, operations := range rule.Expressions {
		t, err := e.value(operations)
		if err != nil {
			return false, err
		}
		if t.kind != KindBool {
			return false, errorf(Expression, "an expression of the token is not true or false but of type %s", t.kind)
		}
		if !t.isTrue() {
			return false, nil
		}
	}
	return true, nil
}

// try reports whether a check holds: one of its queries does as its kind demands.
func (e *evaluation) try(c *check) (bool, error) {
	for i := range c.queries {
		q := &c.queries[i]
		matched, satisfied, failed := false, false, false
		err := e.match(q, func() (bool, error) {
			matched = true
			holds, err := e.holds(q.rule)
			satisfied, failed = satisfied || holds, failed || !holds
			if c.rule.Kind == CheckAll {
				return holds, err
			}
			return !holds, err
		})
		if err != nil {
			return false, err
		}
		switch c.rule.Kind {
		case CheckOne:
			matched = satisfied
		case CheckAll:
			matched = matched && !failed
		case RejectIf:
			matched = !satisfied
		}
		if matched {
			return true, nil
		}
	}
	return false, nil
}
