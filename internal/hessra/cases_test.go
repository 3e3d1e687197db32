package hessra_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/hessra"
)

type vectorCase struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Token     string `json:"token"`
	PublicKey string `json:"public_key"`
	Args      struct {
		Subject      *string `json:"subject"`
		Resource     *string `json:"resource"`
		Operation    *string `json:"operation"`
		Domain       *string `json:"domain"`
		Prefix       *string `json:"prefix"`
		Identity     *string `json:"identity"`
		Component    *string `json:"component"`
		Table        *string `json:"table"`
		ServiceNodes []struct {
			Component string `json:"component"`
			PublicKey string `json:"public_key"`
		} `json:"service_nodes"`
		EnsureSubjectInDomain bool `json:"ensure_subject_in_domain"`
	} `json:"args"`
	Now           *int64   `json:"now"`
	Expect        string   `json:"expect"`
	Detail        string   `json:"detail"`
	MaxMS         int64    `json:"max_ms"`
	RevocationIDs []string `json:"revocation_ids"`
}

var kinds = map[string]hessra.Kind{
	"verify":               hessra.Verify,
	"verify_operation":     hessra.VerifyOperation,
	"verify_service_chain": hessra.VerifyServiceChain,
	"verify_capability":    hessra.VerifyCapability,
	"verify_identity":      hessra.VerifyIdentity,
	"row_security":         hessra.VerifyCapability,
}

func (c *vectorCase) request() *hessra.Request {
	a := &c.Args
	r := &hessra.Request{
		Kind: kinds[c.Kind], Subject: a.Subject, Resource: a.Resource, Operation: a.Operation, Domain: a.Domain,
		Prefix: a.Prefix, Identity: a.Identity, Component: a.Component, SubjectInDomain: a.EnsureSubjectInDomain,
	}
	if a.Table != nil {
		r.Resource = a.Table
	}
	if a.ServiceNodes != nil {
		r.ServiceNodes = []hessra.ServiceNode{}
	}
	for _, n := range a.ServiceNodes {
		r.ServiceNodes = append(r.ServiceNodes, hessra.ServiceNode{Component: n.Component, PublicKey: n.PublicKey})
	}
	if c.Now != nil {
		r.Now, r.NowGiven = *c.Now, true
	}
	return r
}

// run does what the case asks for.
func (c *vectorCase) run() (*hessra.Token, error) {
	if c.Kind == "parse" {
		return hessra.ParseToken(c.Token)
	}
	key, err := hessra.ParseKey(c.PublicKey)
	if err != nil || c.Kind == "public_key" {
		return nil, err
	}
	token, err := hessra.ParseToken(c.Token)
	if err != nil {
		return nil, err
	}
	if err := token.Verify(key, c.request()); err != nil {
		return token, err
	}
	return token, token.Verify(key, c.request()) // again, without work on signatures
}

func readVectors(t testing.TB, name string, to any) {
	t.Helper()
	text, err := os.ReadFile("../../tests/hessra/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatal(err)
	}
}

func vectorCases(t testing.TB) []vectorCase {
	t.Helper()
	var file struct {
		Cases []vectorCase `json:"cases"`
	}
	readVectors(t, "cases.json", &file)
	if len(file.Cases) != 268 {
		t.Fatalf("%d cases, want 268", len(file.Cases))
	}
	return file.Cases
}

var codeNames = map[hessra.Code]string{
	hessra.Success: "ok", hessra.InvalidToken: "INVALID_TOKEN", hessra.InvalidKey: "INVALID_KEY",
	hessra.VerificationFailed: "VERIFICATION_FAILED", hessra.ConfigInvalid: "CONFIG_INVALID", hessra.IO: "IO",
}

func TestCases(t *testing.T) {
	cases := vectorCases(t)
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			start := time.Now()
			token, err := c.run()
			took := time.Since(start).Milliseconds()
			if got := codeNames[hessra.CodeOf(err)]; got != c.Expect {
				t.Fatalf("%s (%v), want %s", got, err, c.Expect)
			}
			if c.MaxMS > 0 && took > c.MaxMS {
				t.Errorf("took %d ms, at most %d are allowed", took, c.MaxMS)
			}
			var e *hessra.Error
			if errors.As(err, &e) && !reasons[c.Detail][e.Reason] {
				t.Errorf("reason %q for detail %q", e.Reason, c.Detail)
			}
			if c.RevocationIDs == nil {
				return
			}
			ids := token.RevocationIDs()
			if len(ids) != len(c.RevocationIDs) {
				t.Fatalf("%d revocation ids, want %d", len(ids), len(c.RevocationIDs))
			}
			for i := range ids {
				if ids[i] != c.RevocationIDs[i] {
					t.Errorf("revocation id %d is %s, want %s", i, ids[i], c.RevocationIDs[i])
				}
			}
		})
	}
}

// reasons has the words that may be given for a detail of the cases, which names where another implementation noticed.
var reasons = map[string]map[string]bool{
	"base64":     {"format": true},
	"wire":       {"format": true, "key": true},
	"version":    {"format": true},
	"symbols":    {"format": true},
	"signature":  {"signature": true, "format": true},
	"key":        {"key": true},
	"node_key":   {"key": true},
	"check":      {"check": true, "expired": true, "domain": true, "chain": true},
	"policy":     {"policy": true},
	"chain":      {"chain": true},
	"expression": {"expression": true},
	"limit":      {"limit": true},
}
