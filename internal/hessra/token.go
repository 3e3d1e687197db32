package hessra

import (
	"sync/atomic"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// Token is a token whose structure is sound. It remembers the key that its signatures held under last, so that
// verifying it again costs no signature.
type Token struct {
	token *biscuit.Token
	last  atomic.Pointer[judged]
}

// judged is a token whose signatures hold under a key.
type judged struct {
	key   *biscuit.PublicKey
	token *biscuit.Verified
}

// ParseToken reads a token of at most biscuit.MaxText characters. No signature is judged.
func ParseToken(text string) (*Token, error) {
	token, err := biscuit.Parse(text)
	if err != nil {
		return nil, classify(InvalidToken, err)
	}
	return &Token{token: token}, nil
}

// Biscuit returns what was read.
func (t *Token) Biscuit() *biscuit.Token { return t.token }

// RevocationIDs returns the id of each block in hex. A list of revoked tokens must not rely on the id of a last block
// that is signed by a secp256r1 key: whoever holds the token can make another.
func (t *Token) RevocationIDs() []string { return t.token.RevocationIDs() }

// signedBy judges the signatures.
func (t *Token) signedBy(key *biscuit.PublicKey) (*biscuit.Verified, error) {
	if last := t.last.Load(); last != nil && last.key.Equal(key) {
		return last.token, nil
	}
	verified, err := t.token.Verify(key)
	if err != nil {
		return nil, classify(InvalidToken, err)
	}
	t.last.Store(&judged{key, verified})
	return verified, nil
}

// Verify decides whether the token, signed under key, allows the request. Errors are, in this order, of code
// InvalidParameter where the request is not of its kind, InvalidToken where a signature does not hold, InvalidKey where
// a service node's key cannot be read, and VerificationFailed.
func (t *Token) Verify(key *biscuit.PublicKey, r *Request) error {
	if err := r.check(); err != nil {
		return err
	}
	verified, err := t.signedBy(key)
	if err != nil {
		return err
	}
	checks, err := r.chain()
	if err != nil {
		return err
	}
	authorizer, err := r.authorizer(checks)
	if err == nil {
		_, err = verified.Authorize(authorizer, r.facts()...)
	}
	if err != nil {
		return classify(VerificationFailed, err)
	}
	return nil
}
