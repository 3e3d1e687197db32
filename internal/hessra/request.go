package hessra

import (
	"time"
	"unicode/utf8"
)

// Kind says what is asked of a token. The numbers are those of include/hessra.h.
type Kind uint32

// The kinds of verification.
const (
	Verify             Kind = 1 // whether subject may read or write resource
	VerifyOperation    Kind = 2 // whether subject may do operation on resource
	VerifyServiceChain Kind = 3 // that, and that the service nodes attested
	VerifyCapability   Kind = 4 // whether the token allows operation on resource, whoever the subject is
	VerifyIdentity     Kind = 5 // whether it is an identity token, of identity if that is given
)

// Request is what a token is asked. A text that is nil is not given; the empty text is a value like any other. What a
// kind does not use must not be given, so that nobody believes it was looked at.
type Request struct {
	Kind Kind

	Subject   *string // kinds 1 to 3
	Resource  *string // 1 to 4
	Operation *string // 2 to 4
	Domain    *string // optional
	Prefix    *string // optional, 1 to 4
	Identity  *string // optional, 5

	ServiceNodes []ServiceNode // 3, there not nil; optional for 4
	Component    *string       // optional, 3 and 4: the caller's own place in the chain

	SubjectInDomain bool // 5: the subject must be bound to the domain

	Now      int64 // seconds since 1970
	NowGiven bool  // otherwise the wall clock counts
}

// check refuses a request that is not of its kind.
func (r *Request) check() error {
	if r.Kind < Verify || r.Kind > VerifyIdentity {
		return errorf(InvalidParameter, "", "there is no kind of verification %d", r.Kind)
	}
	identity := r.Kind == VerifyIdentity
	chain := r.Kind == VerifyServiceChain || r.Kind == VerifyCapability
	for _, a := range []struct {
		name         string
		value        *string
		used, needed bool
	}{
		{"subject", r.Subject, r.Kind <= VerifyServiceChain, r.Kind <= VerifyServiceChain},
		{"resource", r.Resource, !identity, !identity},
		{"operation", r.Operation, r.Kind != Verify && !identity, r.Kind != Verify && !identity},
		{"domain", r.Domain, true, false},
		{"prefix", r.Prefix, !identity, false},
		{"identity", r.Identity, identity, false},
		{"component", r.Component, chain, false},
	} {
		switch {
		case a.value == nil && a.needed:
			return errorf(InvalidParameter, "", "%s is missing; this kind of verification needs it", a.name)
		case a.value != nil && !a.used:
			return errorf(InvalidParameter, "", "%s is given; this kind of verification does not look at it", a.name)
		case a.value != nil && !utf8.ValidString(*a.value):
			return errorf(InvalidParameter, "", "%s is not UTF-8", a.name)
		}
	}
	switch {
	case r.Kind == VerifyServiceChain && r.ServiceNodes == nil:
		return errorf(InvalidParameter, "", "the service nodes are missing; this kind of verification needs them")
	case r.ServiceNodes != nil && !chain:
		return errorf(InvalidParameter, "", "service nodes are given; this kind of verification does not look at them")
	case r.SubjectInDomain && !identity:
		return errorf(InvalidParameter, "", "only the identity kind can bind the subject to the domain")
	}
	return nil
}

func (r *Request) seconds() int64 {
	if r.NowGiven {
		return r.Now
	}
	return time.Now().Unix()
}
