package hessra_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/hessra"
)

// What a kind needs must be there, and what it does not look at must not.
func TestRequestsOfAKind(t *testing.T) {
	c := named(t, "p256_root_ok")
	key, err := hessra.ParseKey(c.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	token, err := hessra.ParseToken(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	text := "x"
	bad := "\xff"
	nodes := []hessra.ServiceNode{}
	whole := map[hessra.Kind]hessra.Request{
		hessra.Verify:             {Subject: &text, Resource: &text, Domain: &text, Prefix: &text},
		hessra.VerifyOperation:    {Subject: &text, Resource: &text, Operation: &text, Domain: &text, Prefix: &text},
		hessra.VerifyServiceChain: {Subject: &text, Resource: &text, Operation: &text, ServiceNodes: nodes},
		hessra.VerifyCapability:   {Resource: &text, Operation: &text, ServiceNodes: nodes, Prefix: &text},
		hessra.VerifyIdentity:     {Identity: &text, Domain: &text, SubjectInDomain: true},
	}
	for kind, r := range whole {
		r.Kind = kind
		if err := token.Verify(key, &r); hessra.CodeOf(err) != hessra.VerificationFailed {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
	for name, change := range map[string]func(r *hessra.Request, kind hessra.Kind) bool{
		"no subject":   func(r *hessra.Request, k hessra.Kind) bool { r.Subject = nil; return k <= 3 },
		"no resource":  func(r *hessra.Request, k hessra.Kind) bool { r.Resource = nil; return k <= 4 },
		"no operation": func(r *hessra.Request, k hessra.Kind) bool { r.Operation = nil; return k >= 2 && k <= 4 },
		"no nodes":     func(r *hessra.Request, k hessra.Kind) bool { r.ServiceNodes = nil; return k == 3 },
		"a subject":    func(r *hessra.Request, k hessra.Kind) bool { r.Subject = &text; return k > 3 },
		"a resource":   func(r *hessra.Request, k hessra.Kind) bool { r.Resource = &text; return k > 4 },
		"an operation": func(r *hessra.Request, k hessra.Kind) bool { r.Operation = &text; return k == 1 || k > 4 },
		"a prefix":     func(r *hessra.Request, k hessra.Kind) bool { r.Prefix = &text; return k > 4 },
		"an identity":  func(r *hessra.Request, k hessra.Kind) bool { r.Identity = &text; return k < 5 },
		"nodes": func(r *hessra.Request, k hessra.Kind) bool {
			r.ServiceNodes = nodes
			return k != 3 &&
				k != 4
		},
		"a component": func(r *hessra.Request, k hessra.Kind) bool {
			r.Component = &text
			return k != 3 &&
				k != 4
		},
		"the flag":               func(r *hessra.Request, k hessra.Kind) bool { r.SubjectInDomain = true; return k < 5 },
		"a domain, not in UTF-8": func(r *hessra.Request, _ hessra.Kind) bool { r.Domain = &bad; return true },
		"kind 0":                 func(r *hessra.Request, _ hessra.Kind) bool { r.Kind = 0; return true },
		"kind 6":                 func(r *hessra.Request, _ hessra.Kind) bool { r.Kind = 6; return true },
	} {
		for kind, r := range whole {
			r.Kind = kind
			wrong := change(&r, kind)
			if got := hessra.CodeOf(token.Verify(key, &r)); wrong != (got == hessra.InvalidParameter) {
				t.Errorf("%s for kind %d: %d", name, kind, got)
			}
		}
	}
}

// A domain of the request that the token does not ask for changes nothing, an empty one is a value.
func TestEmptyTextIsAValue(t *testing.T) {
	c := named(t, "domain_ok")
	key, _ := hessra.ParseKey(c.PublicKey)
	token, err := hessra.ParseToken(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	r := c.request()
	if err := token.Verify(key, r); err != nil {
		t.Fatal(err)
	}
	empty := ""
	r.Domain = &empty
	if err := token.Verify(key, r); hessra.CodeOf(err) != hessra.VerificationFailed || !strings.HasPrefix(err.Error(),
		"domain: ") {
		t.Errorf("an empty domain: %v", err)
	}
}

// A token that held under one key is judged again under another.
func TestVerifyRemembersItsKey(t *testing.T) {
	c, other := named(t, "p256_root_ok"), named(t, "ed25519_root_ok")
	token, err := hessra.ParseToken(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	right, _ := hessra.ParseKey(c.PublicKey)
	wrong, _ := hessra.ParseKey(other.PublicKey)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 20 {
				if err := token.Verify(right, c.request()); err != nil {
					t.Error(err)
				}
				if err := token.Verify(wrong, c.request()); hessra.CodeOf(err) != hessra.InvalidToken {
					t.Errorf("under another key: %v", err)
				}
			}
		})
	}
	group.Wait()
}

// Reasons tell an expired token from one of another domain.
func TestReasons(t *testing.T) {
	for name, want := range map[string]string{
		"expired": "expired", "domain_wrong": "domain", "chain_one_missing": "chain", "chain_component_unknown": "chain",
		"wrong_subject": "check", "no_rights_no_checks": "policy", "division_by_zero": "expression",
		"fact_explosion": "limit",
	} {
		if _, err := named(t, name).run(); err == nil || !strings.HasPrefix(err.Error(), want+": ") {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestServiceNodes(t *testing.T) {
	nodes,
		err := hessra.ParseServiceNodes([]byte(` [{"component":"a","public_key":"k","x":1},{"public_key":"","component":""}] `))
	if err != nil || len(nodes) != 2 || nodes[0] != (hessra.ServiceNode{Component: "a", PublicKey: "k"}) {
		t.Errorf("%v, %v", nodes, err)
	}
	for _, text := range []string{
		``, `null`, `{}`, `[null]`, `[{}]`, `[{"component":"a"}]`, `[{"component":1,"public_key":"k"}]`, `[] []`,
		`[{"component":"a",`,
		`[{"component":"a","component":"a","public_key":"k"}]`, `[{"Component":"a","public_key":"k"}]`, "[\"\xff\"]",
	} {
		if nodes, err := hessra.ParseServiceNodes([]byte(text)); hessra.CodeOf(err) != hessra.InvalidParameter {
			t.Errorf("%s: %v, %v", text, nodes, err)
		}
	}
}
