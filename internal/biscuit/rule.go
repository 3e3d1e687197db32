package biscuit

import "slices"

// Predicate is a name with terms. In a fact they are values, in a rule they may be variables.
type Predicate struct {
	Name  string
	Terms []Term
}

// Scope says whose facts a query trusts besides the authorizer's and those of its own block.
type Scope struct {
	kind scopeKind
	key  *PublicKey
}

type scopeKind uint8

const (
	scopeAuthority scopeKind = iota
	scopePrevious
	scopeKey
)

// Authority trusts the first block.
func Authority() Scope { return Scope{kind: scopeAuthority} }

// Previous trusts all blocks before the one that says so; none if an authorizer does.
func Previous() Scope { return Scope{kind: scopePrevious} }

// SignedBy trusts the third-party blocks that were signed by the key.
func SignedBy(key *PublicKey) Scope { return Scope{kind: scopeKey, key: key} }

// Rule derives a fact, its head, for each match of the body under which all expressions are true. Its scopes, if there
// are any, stand instead of those of its block. In a check or policy only the body, the expressions and the scopes
// count.
type Rule struct {
	Head        Predicate
	Body        []Predicate
	Expressions []Operations
	Scopes      []Scope

	variables []uint32 // what the token called each variable, once they are numbered from 0
	stray     bool     // the head has a variable that the body does not bind
}

// CheckKind says what of its queries a check demands.
type CheckKind uint8

// The kinds of checks.
const (
	CheckOne CheckKind = iota // some match satisfies the expressions
	CheckAll                  // there is a match, and every match satisfies them
	RejectIf                  // no match satisfies them
)

// CheckRule is a check: its queries are tried in order until one holds.
type CheckRule struct {
	Kind    CheckKind
	Queries []Rule
}

// PolicyRule is a policy of an authorizer: where one of its queries matches, it decides.
type PolicyRule struct {
	Deny    bool
	Queries []Rule
}

// Block is what a block of a token says, or an authorizer.
type Block struct {
	Facts  []Predicate
	Rules  []Rule
	Checks []CheckRule
	Scopes []Scope
}

// number gives the variables of a rule numbers from 0 in the order in which they appear, in place, so that an
// evaluation finds them by index.
func (r *Rule) number() {
	var n numbering
	for i := range r.Body {
		n.terms(r.Body[i].Terms)
	}
	bound := uint64(len(n.names))
	for i := range r.Head.Terms {
		t := &r.Head.Terms[i]
		n.term(t)
		r.stray = r.stray || t.kind == KindVariable && t.number >= bound
	}
	for _, operations := range r.Expressions {
		n.operations(operations)
	}
	r.variables = n.names
}

type numbering struct {
	names []uint32
	known map[uint32]uint64 // nil while there are few
}

func (n *numbering) of(name uint32) uint64 {
	const few = 16
	if n.known == nil {
		if i := slices.Index(n.names, name); i >= 0 {
			return uint64(i)
		}
	} else if number, found := n.known[name]; found {
		return number
	}
	number := uint64(len(n.names))
	if n.names == nil {
		n.names = make([]uint32, 0, 4)
	}
	n.names = append(n.names, name)
	switch {
	case n.known != nil:
		n.known[name] = number
	case len(n.names) > few:
		n.known = make(map[uint32]uint64)
		for i, name := range n.names {
			n.known[name] = uint64(i)
		}
	}
	return number
}

func (n *numbering) term(t *Term) {
	if t.kind == KindVariable {
		t.number = n.of(uint32(t.number))
	}
}

func (n *numbering) terms(terms []Term) {
	for i := range terms {
		n.term(&terms[i])
	}
}

func (n *numbering) operations(operations Operations) {
	for i := range operations {
		o := &operations[i]
		switch {
		case o.closure != nil:
			for j, name := range o.closure.params {
				o.closure.params[j] = uint32(n.of(name))
			}
			n.operations(o.closure.body)
		case o.kind == pushValue:
			n.term(&o.value)
		}
	}
}
