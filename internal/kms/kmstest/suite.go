// Package kmstest is the conformance suite of envelope.KMS. Every KMS runs it from its own tests.
package kmstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Harness says how to make the KMS under test. KMSs that are io.Closers are closed by the suite.
type Harness struct {
	// Open makes a KMS; every one it makes opens what the others wrapped.
	Open func(t *testing.T) envelope.KMS
	// Stranger makes a KMS with another master key, which must not open it.
	Stranger func(t *testing.T) envelope.KMS
	// Wrap makes the blob of a key of any length, as EncryptKey would if it took it.
	Wrap func(t *testing.T, key []byte) []byte
	// Break has every call of every KMS fail until what it returns is called. It is nil for a KMS that asks nobody.
	Break func(t *testing.T) (repair func())
}

// Run runs every test of the suite, and then checks that no secret is left.
func Run(t *testing.T, h Harness) {
	before := seccache.ReadStats().LiveSecrets
	for _, test := range []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"round trip", testRoundTrip},
		{"altered", testAltered},
		{"lengths", testLengths},
		{"stranger", testStranger},
		{"ended contexts", testEndedContexts},
		{"concurrent", testConcurrent},
		{"failure", testFailure},
		{"closed", testClosed},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, h) })
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
}

const (
	keySize = 32
	created = 1_700_000_040
)

func open(t *testing.T, make func(*testing.T) envelope.KMS) envelope.KMS {
	t.Helper()
	k := make(t)
	if closer, ok := k.(io.Closer); ok {
		t.Cleanup(func() { _ = closer.Close() })
	}
	return k
}

func newKey(t *testing.T, size int) *seccache.Secret {
	t.Helper()
	key, err := seccache.Open(seccache.Prefer).NewSecret(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(key.Destroy)
	_, _ = rand.Read(key.Bytes())
	return key
}

func wrap(t *testing.T, k envelope.KMS, key *seccache.Secret) []byte {
	t.Helper()
	blob, err := k.EncryptKey(t.Context(), key, created, false)
	if err != nil {
		t.Fatalf("EncryptKey: %v", err)
	}
	return blob
}

// unwrapped destroys what DecryptKey gave and returns whether it was want.
func unwrapped(key *seccache.Secret, want []byte) bool {
	defer key.Destroy()
	return bytes.Equal(key.Bytes(), want)
}

func testRoundTrip(t *testing.T, h Harness) {
	k := open(t, h.Open)
	key := newKey(t, keySize)
	kept := slices.Clone(key.Bytes())
	var blobs [][]byte
	for range 4 {
		blob := wrap(t, k, key)
		if !bytes.Equal(key.Bytes(), kept) {
			t.Fatal("EncryptKey changed the key")
		}
		if bytes.Contains(blob, kept[:8]) {
			t.Fatal("the blob has the key in it")
		}
		if slices.ContainsFunc(blobs, func(b []byte) bool { return bytes.Equal(b, blob) }) {
			t.Fatal("EncryptKey made the same blob twice")
		}
		blobs = append(blobs, blob)
	}
	second := open(t, h.Open)
	for _, blob := range blobs {
		for i, k := range []envelope.KMS{k, second} {
			given := slices.Clone(blob)
			got, err := k.DecryptKey(t.Context(), given, created, false)
			if err != nil || !unwrapped(got, kept) {
				t.Fatalf("DecryptKey by KMS %d gave another key, or %v", i, err)
			}
			if !bytes.Equal(given, blob) {
				t.Fatal("DecryptKey changed the blob")
			}
		}
	}
}

// testAltered: whatever is done to a blob, DecryptKey gives an error, or the key where what was altered did not matter.
func testAltered(t *testing.T, h Harness) {
	k := open(t, h.Open)
	key := newKey(t, keySize)
	blob := wrap(t, k, key)
	check := func(what string, altered []byte) {
		t.Helper()
		got, err := k.DecryptKey(t.Context(), altered, created, false)
		if err == nil && !unwrapped(got, key.Bytes()) {
			t.Errorf("%s: DecryptKey gave another key", what)
		}
		if err != nil && got != nil {
			t.Errorf("%s: DecryptKey gave a key and %v", what, err)
		}
	}
	for i := range blob {
		for _, mask := range []byte{1, 0x80, 0xff} {
			altered := slices.Clone(blob)
			altered[i] ^= mask
			check(fmt.Sprintf("byte %d", i), altered)
		}
		check(fmt.Sprintf("cut to %d bytes", i), blob[:i])
		check(fmt.Sprintf("first %d bytes missing", i+1), blob[i+1:])
	}
	check("a byte more", append(slices.Clone(blob), 0))
	check("twice", append(slices.Clone(blob), blob...))
	for _, empty := range [][]byte{nil, {}, make([]byte, 28), make([]byte, 60)} {
		if got, err := k.DecryptKey(t.Context(), empty, created, false); got != nil || err == nil {
			t.Errorf("DecryptKey of %d zeros = %v, %v; want an error", len(empty), got, err)
		}
	}
}

func testLengths(t *testing.T, h Harness) {
	k := open(t, h.Open)
	if got, err := k.DecryptKey(t.Context(), h.Wrap(t, make([]byte, keySize)), created, false); err != nil {
		t.Errorf("DecryptKey of a key of %d bytes: %v", keySize, err)
	} else if !unwrapped(got, make([]byte, keySize)) {
		t.Error("DecryptKey gave another key")
	}
	for _, size := range []int{1, 16, 24, 31, 33, 64} {
		if blob, err := k.EncryptKey(t.Context(), newKey(t, size), created, false); blob != nil || err == nil {
			t.Errorf("EncryptKey took a key of %d bytes", size)
		}
		if got, err := k.DecryptKey(t.Context(), h.Wrap(t, make([]byte, size)), created, false); got != nil || err == nil {
			t.Errorf("DecryptKey gave a key of %d bytes", size)
		}
	}
	if got, err := k.DecryptKey(t.Context(), h.Wrap(t, nil), created, false); got != nil || err == nil {
		t.Error("DecryptKey gave an empty key")
	}
}

func testStranger(t *testing.T, h Harness) {
	k, stranger := open(t, h.Open), open(t, h.Stranger)
	blob := wrap(t, k, newKey(t, keySize))
	if got, err := stranger.DecryptKey(t.Context(), blob, created, false); got != nil || err == nil {
		t.Errorf("DecryptKey with another master key = %v, %v; want an error", got, err)
	}
}

func testEndedContexts(t *testing.T, h Harness) {
	k := open(t, h.Open)
	key := newKey(t, keySize)
	blob := wrap(t, k, key)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for _, ctx := range []context.Context{cancelled, expired} {
		if got, err := k.EncryptKey(ctx, key, created, false); got != nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("EncryptKey = %v, %v; want %v", got, err, ctx.Err())
		}
		if got, err := k.DecryptKey(ctx, blob, created, false); got != nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("DecryptKey = %v, %v; want %v", got, err, ctx.Err())
		}
	}
}

func testConcurrent(t *testing.T, h Harness) {
	k := open(t, h.Open)
	var done sync.WaitGroup
	for range 8 {
		key := newKey(t, keySize)
		done.Go(func() {
			for range 50 {
				blob, err := k.EncryptKey(t.Context(), key, created, false)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := k.DecryptKey(t.Context(), blob, created, false)
				if err != nil || !unwrapped(got, key.Bytes()) {
					t.Errorf("DecryptKey gave another key, or %v", err)
				}
			}
		})
	}
	done.Wait()
}

// testFailure: a failure is an error and nothing else, and nothing is kept of it.
func testFailure(t *testing.T, h Harness) {
	if h.Break == nil {
		return // nothing that can fail
	}
	k := open(t, h.Open)
	key := newKey(t, keySize)
	blob := wrap(t, k, key)
	for range 2 {
		repair := h.Break(t)
		if got, err := k.EncryptKey(t.Context(), key, created, false); got != nil || err == nil {
			t.Errorf("EncryptKey = %v, %v while the KMS fails", got, err)
		}
		if got, err := k.DecryptKey(t.Context(), blob, created, false); got != nil || err == nil {
			t.Errorf("DecryptKey = %v, %v while the KMS fails", got, err)
		}
		repair()
		if got, err := k.DecryptKey(t.Context(), blob, created, false); err != nil || !unwrapped(got, key.Bytes()) {
			t.Fatalf("DecryptKey gave another key, or %v, after a failure", err)
		}
		again := wrap(t, k, key)
		if got, err := k.DecryptKey(t.Context(), again, created, false); err != nil || !unwrapped(got, key.Bytes()) {
			t.Fatalf("DecryptKey gave another key, or %v, after a failure", err)
		}
	}
}

func testClosed(t *testing.T, h Harness) {
	k := h.Open(t)
	closer, ok := k.(io.Closer)
	if !ok {
		return // nothing to close
	}
	key := newKey(t, keySize)
	blob := wrap(t, k, key)
	for range 2 {
		if err := closer.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	if got, err := k.EncryptKey(t.Context(), key, created, false); got != nil || err == nil {
		t.Error("EncryptKey works after Close")
	}
	if got, err := k.DecryptKey(t.Context(), blob, created, false); got != nil || err == nil {
		t.Error("DecryptKey works after Close")
	}
}
