package hessra_test

import (
	"encoding/json"
	"testing"

	"github.com/libasherah/libasherah/internal/hessra"
)

// TestDescribe looks at the tokens whose blocks, signers and expiry the vectors' names tell.
func TestDescribe(t *testing.T) {
	byName := map[string]string{}
	for _, c := range vectorCases(t) {
		byName[c.Name] = c.Token
	}
	expiry := int64(4102444800)
	for name, want := range map[string]struct {
		blocks, third int
		expiry        *int64
	}{
		"verify_read_right_ok": {1, 0, &expiry},
		"chain_capability_ok":  {4, 3, &expiry},
	} {
		token, err := hessra.ParseToken(byName[name])
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(token.Describe())
		if err != nil {
			t.Fatal(err)
		}
		var got hessra.Description
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		third := 0
		for _, b := range got.Blocks {
			if b.SignedBy != "" {
				third++
			}
		}
		if len(got.Blocks) != want.blocks || third != want.third || got.Sealed {
			t.Errorf("%s: %s", name, text)
			continue
		}
		if e := got.Blocks[0].Expiry; e == nil || *e != *want.expiry {
			t.Errorf("%s: expiry in %s", name, text)
		}
		for i, id := range token.RevocationIDs() {
			if got.Blocks[i].RevocationID != id {
				t.Errorf("%s: revocation id %d in %s", name, i, text)
			}
		}
	}
}
