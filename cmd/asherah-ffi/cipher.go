package main

// #include "border.h"
import "C"

import (
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/seccache"
)

// The C side has checked lengths and overlaps: out has room for the result, and is data or apart from it.

//export borderSeal
func borderSeal(key, nonce, data C.uintptr_t, n C.size_t, out C.uintptr_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, false)
	return status(withCipher(key, func(cipher *seccache.Ephemeral) error {
		cipher.Seal(view(out, n+seccache.TagSize)[:0], view(nonce, seccache.NonceSize), view(data, n))
		return nil
	}))
}

//export borderOpen
func borderOpen(key, nonce, data C.uintptr_t, n C.size_t, out C.uintptr_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, false)
	return status(withCipher(key, func(cipher *seccache.Ephemeral) error {
		plaintext := view(out, n-seccache.TagSize)
		if _, err := cipher.Open(plaintext[:0], view(nonce, seccache.NonceSize), view(data, n)); err != nil {
			seccache.Wipe(plaintext)
			return envelope.Errorf(envelope.Authentication, err, "the data does not authenticate: it was altered, or sealed with another key or nonce")
		}
		return nil
	}))
}

// withCipher has use work with the cipher of a key, which is wiped afterwards.
func withCipher(key C.uintptr_t, use func(*seccache.Ephemeral) error) error {
	var cipher seccache.Ephemeral
	defer cipher.Wipe()
	if err := cipher.Init(view(key, seccache.KeySize)); err != nil {
		return envelope.Errorf(envelope.Unsupported, err, "AES-256-GCM cannot be used here: is GODEBUG set to fips140=only, which forbids nonces of the caller's?")
	}
	return use(&cipher)
}
