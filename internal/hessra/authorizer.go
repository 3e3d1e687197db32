package hessra

import "github.com/libasherah/libasherah/internal/biscuit"

// The variables of rules and policies.
var (
	subject   = biscuit.Variable(0)
	resource  = biscuit.Variable(1)
	operation = biscuit.Variable(2)
	domain    = biscuit.Variable(3)
)

func predicate(name string, terms ...biscuit.Term) biscuit.Predicate {
	return biscuit.Predicate{Name: name, Terms: terms}
}

func allowIf(body ...biscuit.Predicate) []biscuit.PolicyRule {
	return []biscuit.PolicyRule{{Queries: []biscuit.Rule{{Body: body}}}}
}

// Some subject, resource and operation of the request form a right of the token.
var allowRight = allowIf(predicate("subject", subject), predicate("resource", resource),
	predicate("operation", operation), predicate("right", subject, resource, operation))

// The token names a subject, or one that is bound to a domain of the request.
var (
	allowIdentity = allowIf(predicate("subject", subject))
	allowInDomain = allowIf(predicate("subject", domain, subject), predicate("domain", domain),
		predicate("subject", subject))
)

// Where no identity is given, the bearer acts as the subject.
var actsAsSubject = []biscuit.Rule{{Head: predicate("actor", subject), Body: []biscuit.Predicate{
	predicate("subject", subject),
}}}

// The authorizers that are the same for every request.
var (
	ofRight            = mustAuthorizer(nil, allowRight)
	ofIdentity         = mustAuthorizer(nil, allowIdentity)
	ofIdentityInDomain = mustAuthorizer(nil, allowInDomain)
	ofBearer           = mustAuthorizer(actsAsSubject, allowIdentity)
	ofBearerInDomain   = mustAuthorizer(actsAsSubject, allowInDomain)
)

func mustAuthorizer(rules []biscuit.Rule, policies []biscuit.PolicyRule) *biscuit.Authorizer {
	a, err := biscuit.NewAuthorizer(biscuit.Block{Rules: rules}, policies)
	if err != nil {
		panic(err)
	}
	return a
}

// authorizer returns what asks the token; checks are those of a service chain.
func (r *Request) authorizer(checks []biscuit.CheckRule) (*biscuit.Authorizer, error) {
	switch {
	case r.Kind == VerifyCapability:
		right := predicate("right", subject, biscuit.String(*r.Resource), biscuit.String(*r.Operation))
		return biscuit.NewAuthorizer(biscuit.Block{
			Rules:  []biscuit.Rule{{Head: predicate("subject", subject), Body: []biscuit.Predicate{right}}},
			Checks: checks,
		}, allowIf(right))
	case len(checks) > 0:
		return biscuit.NewAuthorizer(biscuit.Block{Checks: checks}, allowRight)
	case r.Kind != VerifyIdentity:
		return ofRight, nil
	case r.Identity == nil && r.SubjectInDomain:
		return ofBearerInDomain, nil
	case r.Identity == nil:
		return ofBearer, nil
	case r.SubjectInDomain:
		return ofIdentityInDomain, nil
	}
	return ofIdentity, nil
}

// facts returns what the request says to the token.
func (r *Request) facts() []biscuit.Predicate {
	facts := make([]biscuit.Predicate, 0, 8)
	facts = append(facts, predicate("time", biscuit.Integer(r.seconds())))
	for _, given := range [...]struct {
		name  string
		value *string
	}{
		{"subject", r.Subject},
		{"resource", r.Resource},
		{"operation", r.Operation},
		{"domain", r.Domain},
		{"prefix", r.Prefix},
		{"actor", r.Identity},
	} {
		if given.value != nil {
			facts = append(facts, predicate(given.name, biscuit.String(*given.value)))
		}
	}
	if r.Kind == Verify {
		facts = append(facts, predicate("operation", biscuit.String("read")), predicate("operation", biscuit.String("write")))
	}
	return facts
}
