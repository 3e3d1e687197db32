package hessra

import "fmt"

// Description is what a token is, without what it says. Nothing in it is secret.
type Description struct {
	Sealed bool               `json:"sealed"`
	Blocks []BlockDescription `json:"blocks"`
}

// BlockDescription is a block's format, the keys of who signed it, for a third party's, and of who signs the next one,
// its revocation id, and the earliest Unix second at which its checks of the time no longer hold, if they are of the
// form that Hessra mints.
type BlockDescription struct {
	Version      string `json:"version"`
	SignedBy     string `json:"signed_by,omitempty"`
	NextKey      string `json:"next_key"`
	RevocationID string `json:"revocation_id"`
	Expiry       *int64 `json:"expiry,omitempty"`
}

// Describe judges nothing.
func (t *Token) Describe() Description {
	description := Description{Sealed: t.token.Sealed()}
	ids := t.token.RevocationIDs()
	for i := range t.token.Blocks() {
		block, head := t.token.Block(i)
		b := BlockDescription{
			Version: fmt.Sprintf("3.%d", head.Version-3), NextKey: head.NextKey.String(), RevocationID: ids[i],
		}
		if head.ExternalKey != nil {
			b.SignedBy = head.ExternalKey.String()
		}
		if at, found := block.Expiry(); found {
			seconds := at.Unix()
			b.Expiry = &seconds
		}
		description.Blocks = append(description.Blocks, b)
	}
	return description
}
