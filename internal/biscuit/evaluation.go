package biscuit

import (
	"time"
)

// limits bound what an evaluation may cost. All but the clock are the same on every machine; the clock is there for
// one that is slower by far than any that the steps were measured on.
type limits struct {
	facts  int // that there may be after a round, less one
	rounds int // that may add facts
	steps  int // candidate facts tried and operations done
	time   time.Duration
}

var defaultLimits = limits{facts: 1000, rounds: 99, steps: 2_000_000, time: time.Second}

// What a step is where size matters: it makes 16 bytes, or passes over 256.
const (
	madeBytes = 16
	stepBytes = 256
)

// evaluation is the state of one authorization.
type evaluation struct {
	program *program
	limits  limits
	steps   int // left
	start   time.Time

	relations []relation // those of the program and then those that only the authorizer has
	added     map[relationName]int32
	count     int // facts
	round     int

	bound    []*Term // by variable
	trail    []int32 // variables in the order in which they were bound
	places   []place // by predicate of the body
	terms    []Term  // of what a rule concludes
	origin   origin  // likewise
	stack    []item
	patterns map[string]pattern
}

// place is how far the matching of a query has come in one predicate of its body.
type place struct {
	next int // fact
	mark int // length of the trail before the predicate was matched
}

func (p *program) evaluate(l limits) *evaluation {
	e := &evaluation{program: p, limits: l, steps: l.steps, start: time.Now(), count: p.count}
	e.relations = make([]relation, len(p.facts), len(p.facts)+8)
	copy(e.relations, p.facts)
	return e
}

// relation returns the number of a relation of the program or of the authorizer.
func (e *evaluation) relation(name relationName) int32 {
	if id, found := e.program.relations[name]; found {
		return id
	}
	id, found := e.added[name]
	if !found {
		if e.added == nil {
			e.added = make(map[relationName]int32)
		}
		id = int32(len(e.relations))
		e.added[name] = id
		e.relations = append(e.relations, relation{})
	}
	return id
}

// spend takes n steps from those that are left, and looks at the clock once in a while.
func (e *evaluation) spend(n int) error {
	const between = 1 << 13
	before := e.steps
	e.steps -= n
	if e.steps < 0 {
		return e.exceeded("steps")
	}
	if before/between != e.steps/between && time.Since(e.start) > e.limits.time {
		return e.exceeded("time")
	}
	return nil
}

func (e *evaluation) exceeded(what string) error {
	return errorf(Limit, "the token takes more %s to evaluate than a token may", what)
}

// derive applies the rules to what is known until nothing new comes of it.
func (e *evaluation) derive(rules []query) error {
	for e.round = 1; len(rules) > 0; e.round++ {
		before := e.count
		for i := range rules {
			if q := &rules[i]; e.stirred(q) {
				if err := e.match(q, func() (bool, error) { return true, e.conclude(q) }); err != nil {
					return err
				}
			}
		}
		if e.count == before {
			return nil
		}
		if e.round > e.limits.rounds {
			return e.exceeded("rounds")
		}
		for i := range rules {
			if r := &e.relations[rules[i].head]; r.visible < len(r.facts) {
				r.visible, r.round = len(r.facts), e.round
			}
		}
	}
	return nil
}

// conclude adds the head of a rule, as the variables are bound, if its expressions are true.
func (e *evaluation) conclude(q *query) error {
	holds, err := e.holds(q.rule)
	if err != nil || !holds {
		return err
	}
	f := fact{terms: e.terms[:0], origin: append(e.origin[:0], q.from...)}
	for i := range q.rule.Head.Terms {
		t := &q.rule.Head.Terms[i]
		if t.kind == KindVariable {
			t = e.bound[t.number]
		}
		f.terms = append(f.terms, *t)
	}
	for i := range q.body {
		f.origin.addAll(e.relations[q.body[i]].facts[e.places[i].next-1].origin)
	}
	e.terms, e.origin = f.terms, f.origin
	const term = 4 // steps that a term costs: it takes 56 bytes
	weight := 1 + term*len(f.terms)
	for i := range f.terms {
		weight += f.terms[i].weight()
	}
	r := &e.relations[q.head]
	if r.index == nil {
		for i := range r.facts { // which are compared one by one, or made an index of
			for j := range r.facts[i].terms {
				weight += r.facts[i].terms[j].weight()
			}
		}
	}
	if err := e.spend(weight); err != nil {
		return err
	}
	if r.insert(f, false) {
		if e.count++; e.count >= e.limits.facts {
			return e.exceeded("facts")
		}
	}
	return nil
}

// stirred reports whether a rule may find more than in the round before: facts of its body came in that.
func (e *evaluation) stirred(q *query) bool {
	if e.round == 1 {
		return true
	}
	for _, id := range q.body {
		if e.relations[id].round == e.round-1 {
			return true
		}
	}
	return false
}
