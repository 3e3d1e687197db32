// Package hessra verifies Hessra authorization and identity tokens, which are Biscuit tokens with facts and checks of
// an agreed form, and reads the configuration that names the keys.
//
// A token allows a request only if its signatures hold under the given key, every check in it and of the request
// holds, and it has the right that is asked for: a token that says nothing allows nothing. Everything happens in
// memory; files are read for keys and configuration alone, and nothing connects anywhere.
//
// Tokens and keys are immutable. Everything may be used by several goroutines.
package hessra
