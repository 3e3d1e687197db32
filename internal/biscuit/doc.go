// Package biscuit verifies Biscuit authorization tokens: it reads a token, judges its signatures under a root key, and
// decides by the Datalog in its blocks whether it allows what an authorizer asks. It reads format versions 3.0 to 3.3
// with Ed25519 and secp256r1 keys, third-party blocks and sealed tokens; it makes no tokens.
//
// Parse reads a token and checks its structure; no signature is judged. Token.Verify judges the signatures, and only
// what it returns can be asked for authorization, so that no Datalog of a stranger runs. Tokens, keys and authorizers
// are immutable and may be used by several goroutines; what an evaluation needs lives for that call alone.
//
// A token may hold anything. What it costs is bounded: in size by Parse, in rounds, facts and steps by Authorize. An
// Error says which class a failure is of; none holds the token, a key or more of a request than its caller gave.
package biscuit
