package biscuit_test

import (
	"slices"
	"testing"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// vector is a case of the Hessra set. What can be judged here is whether token and key are well formed and the
// signatures hold.
type vector struct {
	Name          string   `json:"name"`
	Kind          string   `json:"kind"`
	Token         string   `json:"token"`
	PublicKey     string   `json:"public_key"`
	Expect        string   `json:"expect"`
	Detail        string   `json:"detail"`
	RevocationIDs []string `json:"revocation_ids"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	var file struct {
		Cases []vector `json:"cases"`
	}
	readVectors(t, "cases.json", &file)
	return file.Cases
}

func TestCases(t *testing.T) {
	cases := vectors(t)
	if len(cases) != 268 {
		t.Fatalf("%d cases, want 268", len(cases))
	}
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			if c.Detail == "node_key" {
				return // of the request
			}
			got := "ok"
			var token *biscuit.Token
			var key *biscuit.PublicKey
			var err error
			if c.Kind != "parse" {
				if key, err = biscuit.ParsePEM(c.PublicKey); err != nil {
					got = "INVALID_KEY"
				}
			}
			if c.Kind != "public_key" && err == nil {
				if token, err = biscuit.Parse(c.Token); err == nil && c.Kind != "parse" {
					_, err = token.Verify(key)
				}
				if err != nil {
					got = "INVALID_TOKEN"
				}
			}
			want := c.Expect
			if want == "VERIFICATION_FAILED" {
				want = "ok"
			}
			if got != want {
				t.Fatalf("%s (%v), want %s", got, err, want)
			}
			if err != nil && !detailed(c.Detail, classOf(err)) {
				t.Errorf("class %s for detail %s: %v", classOf(err), c.Detail, err)
			}
			if c.RevocationIDs != nil && !slices.Equal(token.RevocationIDs(), c.RevocationIDs) {
				t.Errorf("revocation ids %v, want %v", token.RevocationIDs(), c.RevocationIDs)
			}
		})
	}
}

// detailed reports whether the class fits the word of the case.
func detailed(word string, class biscuit.Class) bool {
	switch word {
	case "base64", "symbols":
		return class == biscuit.Format
	case "wire": // where more is absent than one part, the key may be seen first
		return class == biscuit.Format || class == biscuit.Version || class == biscuit.Key
	case "version":
		return class == biscuit.Version
	case "signature": // a third-party block without its signature declares what its token knows
		return class == biscuit.Signature || class == biscuit.Format
	case "key":
		return class == biscuit.Key
	}
	return false
}
