package biscuit

import "encoding/hex"

// Token is a token whose structure has been read. Its signatures have not been judged.
type Token struct {
	signed  []signedBlock
	end     proof
	program *program
}

// Parse reads a token as it was issued, of at most MaxText characters. Errors are of class Format, Key or Version.
func Parse(text string) (*Token, error) {
	if text == "" {
		return nil, errorf(Format, "the token is empty")
	}
	data, err := decodeText(text)
	if err != nil {
		return nil, err
	}
	left := newRoom()
	signed, end, err := readContainer(data, left)
	if err != nil {
		return nil, err
	}
	p, err := newProgram(signed, left)
	if err != nil {
		return nil, err
	}
	return &Token{signed: signed, end: end, program: p}, nil
}

// Verify judges every signature of the token, the first under root. Errors are of class Signature, or Key where the
// proof is no secret of its kind.
func (t *Token) Verify(root *PublicKey) (*Verified, error) {
	if err := verifyChain(root, t.signed, t.end); err != nil {
		return nil, err
	}
	return &Verified{t}, nil
}

// Verified is a token whose signatures hold under a root key.
type Verified struct {
	token *Token
}

// Token returns the token.
func (v *Verified) Token() *Token { return v.token }

// RevocationIDs returns the id of each block, which is its signature in lower-case hex. Whoever holds the token can
// make another valid signature of a last block signed by a secp256r1 key; lists must not rely on its id alone.
func (t *Token) RevocationIDs() []string {
	ids := make([]string, len(t.signed))
	for i := range t.signed {
		ids[i] = hex.EncodeToString(t.signed[i].signature)
	}
	return ids
}

// Sealed reports whether no block can be added.
func (t *Token) Sealed() bool { return t.end.sealed }

// Blocks returns the number of blocks, the authority included.
func (t *Token) Blocks() int { return len(t.signed) }

// BlockInfo is what is known of a block besides what it says.
type BlockInfo struct {
	Version     int        // 3 to 6
	Context     string     // of no meaning for authorization
	ExternalKey *PublicKey // of a third-party block, else nil
	NextKey     *PublicKey // judges the block after it, or the proof
}

// Block returns a block, which the caller must not change.
func (t *Token) Block(i int) (*Block, BlockInfo) {
	head := &t.program.heads[i]
	info := BlockInfo{Version: int(head.version), Context: head.context, NextKey: t.signed[i].nextKey}
	if e := t.signed[i].external; e != nil {
		info.ExternalKey = e.key
	}
	return &t.program.blocks[i], info
}
