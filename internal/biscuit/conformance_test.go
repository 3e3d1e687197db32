package biscuit_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// sample is a token of the specification's sample set.
type sample struct {
	Name            string   `json:"name"`
	Token           string   `json:"token"`
	PublicKey       string   `json:"public_key"`
	AuthorizerBlock []byte   `json:"authorizer_block"`
	Policies        []policy `json:"policies"`
	Expect          string   `json:"expect"`
	PolicyIndex     int      `json:"policy_index"`
	RevocationIDs   []string `json:"revocation_ids"`
}

type policy struct {
	Kind  string `json:"kind"`
	Block []byte `json:"block"`
}

func readVectors(t testing.TB, name string, cases any) {
	t.Helper()
	text, err := os.ReadFile("../../tests/hessra/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, cases); err != nil {
		t.Fatal(err)
	}
}

func samples(t testing.TB) []sample {
	t.Helper()
	var file struct {
		Cases []sample `json:"cases"`
	}
	readVectors(t, "biscuit-conformance.json", &file)
	return file.Cases
}

func (s *sample) authorizer(t testing.TB) (*biscuit.Authorizer, error) {
	t.Helper()
	block, err := biscuit.ReadBlock(s.AuthorizerBlock)
	if err != nil {
		t.Fatal(err)
	}
	var policies []biscuit.PolicyRule
	for _, p := range s.Policies {
		b, err := biscuit.ReadBlock(p.Block)
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, biscuit.PolicyRule{Deny: p.Kind != "allow", Queries: b.Checks[0].Queries})
	}
	return biscuit.NewAuthorizer(block, policies)
}

// judge does all that is done with a token, and says in which step it ended.
func (s *sample) judge(t testing.TB) (step string, policy int, token *biscuit.Token, err error) {
	t.Helper()
	key, err := biscuit.ParsePEM(s.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if token, err = biscuit.Parse(s.Token); err != nil {
		return "format", 0, nil, err
	}
	verified, err := token.Verify(key)
	if err != nil {
		return "format", 0, nil, err
	}
	a, err := s.authorizer(t)
	if err == nil {
		policy, err = verified.Authorize(a)
	}
	return "authorize", policy, token, err
}

func TestConformance(t *testing.T) {
	cases := samples(t)
	if len(cases) != 49 {
		t.Fatalf("%d cases, want 49", len(cases))
	}
	for i := range cases {
		s := &cases[i]
		t.Run(s.Name, func(t *testing.T) {
			step, policy, token, err := s.judge(t)
			class := classOf(err)
			good := false
			switch family, _, _ := strings.Cut(s.Expect, "."); family {
			case "ok":
				good = err == nil && policy == s.PolicyIndex
			case "Format":
				good = step == "format" && err != nil
			case "FailedLogic":
				good = step == "authorize" && (class == biscuit.Check || class == biscuit.Policy ||
					strings.HasSuffix(s.Expect, "InvalidBlockRule") && class == biscuit.Expression)
			case "Execution":
				good = step == "authorize" && class == biscuit.Expression
			}
			if !good {
				t.Fatalf("%s, policy %d, %v; want %s, policy %d", step, policy, err, s.Expect, s.PolicyIndex)
			}
			if token != nil && !slices.Equal(token.RevocationIDs(), s.RevocationIDs) {
				t.Errorf("revocation ids %v, want %v", token.RevocationIDs(), s.RevocationIDs)
			}
		})
	}
}

// classOf returns the class of an error, 0 for none.
func classOf(err error) biscuit.Class {
	var e *biscuit.Error
	if errors.As(err, &e) {
		return e.Class
	}
	return 0
}
