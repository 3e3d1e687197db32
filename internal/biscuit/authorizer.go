package biscuit

import (
	"fmt"
	"slices"
)

// Authorizer asks a token for authorization: its checks must hold as those of the token must, and one of its policies
// must allow. It is immutable.
type Authorizer struct {
	block    Block
	policies []PolicyRule
}

// NewAuthorizer makes an authorizer of facts, rules, checks and scopes, and of policies, the first of which to match
// decides. It copies what it is given. The error, of class Expression, says that a rule has a head with a variable that
// its body does not bind.
func NewAuthorizer(block Block, policies []PolicyRule) (*Authorizer, error) {
	a := &Authorizer{
		block: Block{
			Facts: slices.Clone(block.Facts), Rules: cloneRules(block.Rules),
			Checks: slices.Clone(block.Checks), Scopes: slices.Clone(block.Scopes),
		},
		policies: slices.Clone(policies),
	}
	for i := range a.block.Rules {
		if a.block.Rules[i].stray {
			return nil, unboundHead("a rule of the authorizer")
		}
	}
	for i := range a.block.Checks {
		a.block.Checks[i].Queries = cloneRules(a.block.Checks[i].Queries)
	}
	for i := range a.policies {
		a.policies[i].Queries = cloneRules(a.policies[i].Queries)
	}
	return a, nil
}

func unboundHead(what string) error {
	return errorf(Expression, "%s has a variable in its head that its body does not bind", what)
}

// cloneRules copies rules and numbers the variables of the copies.
func cloneRules(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		r := &rules[i]
		r.Head.Terms = slices.Clone(r.Head.Terms)
		r.Body = slices.Clone(r.Body)
		for j := range r.Body {
			r.Body[j].Terms = slices.Clone(r.Body[j].Terms)
		}
		r.Expressions = slices.Clone(r.Expressions)
		for j := range r.Expressions {
			r.Expressions[j] = r.Expressions[j].clone()
		}
		r.Scopes = slices.Clone(r.Scopes)
		r.number()
	}
	return rules
}

func (o Operations) clone() Operations {
	o = slices.Clone(o)
	for i := range o {
		if c := o[i].closure; c != nil {
			o[i].closure = &closure{slices.Clone(c.params), c.body.clone()}
		}
	}
	return o
}

// Authorize evaluates the token under an authorizer with more facts of this one request, which it does not change. It
// returns the index of the policy that allows. Errors are of class Check, Policy, Expression or Limit.
func (v *Verified) Authorize(a *Authorizer, facts ...Predicate) (policy int, err error) {
	return v.token.program.authorize(a, facts, defaultLimits)
}

func (p *program) authorize(a *Authorizer, facts []Predicate, l limits) (policy int, err error) {
	if p.stray >= 0 {
		return 0, unboundHead(fmt.Sprintf("a rule in block %d of the token", p.stray))
	}
	e := p.evaluate(l)
	self := len(p.blocks)
	own := newOrigin(self)
	own.add(self)
	for _, facts := range [2][]Predicate{a.block.Facts, facts} {
		for i := range facts {
			e.state(&facts[i], own)
		}
	}
	trusted := p.trust.of(self, a.block.Scopes, nil)
	rules := p.rules
	if n := len(a.block.Rules); n > 0 {
		rules = make([]query, 0, n+len(p.rules))
		for i := range a.block.Rules {
			q := p.query(&a.block.Rules[i], self, trusted, e.relation)
			q.head, q.from = e.relation(nameOf(&a.block.Rules[i].Head)), own
			rules = append(rules, q)
		}
		rules = append(rules, p.rules...)
	}
	if err := e.derive(rules); err != nil {
		return 0, err
	}
	var failed failures
	for i := range a.block.Checks {
		c := check{&a.block.Checks[i], p.queries(a.block.Checks[i].Queries, self, trusted, e.relation)}
		if err = e.collect(&failed, &c, -1, i); err != nil {
			return 0, err
		}
	}
	if err = e.collectAll(&failed, 0); err != nil {
		return 0, err
	}
	policy, err = e.decide(a, trusted)
	if err != nil {
		return 0, err
	}
	for block := 1; block < len(p.blocks); block++ {
		if err = e.collectAll(&failed, block); err != nil {
			return 0, err
		}
	}
	switch {
	case failed.count > 0:
		return 0, &Error{Class: Check, Message: failed.String(), Failed: failed.first}
	case policy < 0:
		return 0, errorf(Policy, "no policy allows the request: the token does not say that it may")
	case a.policies[policy].Deny:
		return 0, errorf(Policy, "policy %d denies the request", policy)
	}
	return policy, nil
}

// state adds a fact of the authorizer.
func (e *evaluation) state(p *Predicate, own origin) {
	e.count++
	if hasVariable(p.Terms) {
		return
	}
	r := &e.relations[e.relation(nameOf(p))]
	r.facts = append(r.facts, fact{p.Terms, own})
	r.visible = len(r.facts)
}

func (e *evaluation) collectAll(failed *failures, block int) error {
	for i := range e.program.checks[block] {
		if err := e.collect(failed, &e.program.checks[block][i], block, i); err != nil {
			return err
		}
	}
	return nil
}

// collect adds a check to those that failed, if it does.
func (e *evaluation) collect(failed *failures, c *check, block, index int) error {
	if err := e.spend(1); err != nil {
		return err
	}
	holds, err := e.try(c)
	if err == nil && !holds {
		failed.add(FailedCheck{Block: block, Index: index, Check: c.rule})
	}
	return err
}

// decide returns the first policy that matches, -1 if none does.
func (e *evaluation) decide(a *Authorizer, trusted origin) (int, error) {
	for i := range a.policies {
		queries := e.program.queries(a.policies[i].Queries, len(e.program.blocks), trusted, e.relation)
		c := check{&CheckRule{Kind: CheckOne}, queries}
		holds, err := e.try(&c)
		if err != nil {
			return 0, err
		}
		if holds {
			return i, nil
		}
	}
	return -1, nil
}
