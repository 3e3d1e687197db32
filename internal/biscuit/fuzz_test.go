package biscuit_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// checkError wants every failure to be of a class, and to say something.
func checkError(t *testing.T, err error) {
	t.Helper()
	var e *biscuit.Error
	if err != nil && (!errors.As(err, &e) || e.Class.String() == "" || e.Message == "") {
		t.Fatalf("%v is no failure of a class", err)
	}
}

// show renders all of a token, as a tool does.
func show(token *biscuit.Token) {
	for i := range token.Blocks() {
		block, _ := token.Block(i)
		for _, f := range block.Facts {
			_ = f.String()
		}
		for _, r := range block.Rules {
			_ = r.String()
		}
		for _, c := range block.Checks {
			_ = c.String()
		}
	}
}

// FuzzContainer reads the outer message, and what was read once is read again in any form of its text.
func FuzzContainer(f *testing.F) {
	for _, s := range samples(f) {
		if data, err := base64.URLEncoding.DecodeString(s.Token); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		blocks, err := biscuit.ReadContainer(data)
		checkError(t, err)
		token, parseErr := biscuit.Parse(base64.RawURLEncoding.EncodeToString(data))
		checkError(t, parseErr)
		if parseErr == nil && (err != nil || token.Blocks() != blocks) {
			t.Fatalf("a token of %d blocks: %v", blocks, err)
		}
	})
}

// FuzzToken parses text, and judges and renders what can be parsed.
func FuzzToken(f *testing.F) {
	key, err := biscuit.ParsePEM(samples(f)[0].PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range samples(f) {
		f.Add(s.Token)
	}
	for _, c := range vectors(f) {
		if len(c.Token) < 3000 {
			f.Add(c.Token)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := biscuit.Parse(text)
		checkError(t, err)
		if err != nil {
			return
		}
		show(token)
		_, err = token.Verify(key)
		checkError(t, err)
	})
}

// FuzzBlocks evaluates two blocks of any content, as the authority and as a third party's, under signatures that hold.
func FuzzBlocks(f *testing.F) {
	root, third := newSigner(f, 0), newSigner(f, 0)
	for _, s := range samples(f) {
		if token, err := base64.URLEncoding.DecodeString(s.Token); err == nil {
			for _, data := range blocksOf(token) {
				f.Add(data, data)
			}
		}
	}
	for name, data := range hostile(2000) {
		if name != "keys" {
			f.Add(data(), data())
		}
	}
	a := nobody(f)
	f.Fuzz(func(t *testing.T, first, other []byte) {
		forger := &forger{t: t, root: root, holder: root}
		forger.add(first, 0, 0, nil).add(other, 1, 0, third)
		token, err := biscuit.Parse(forger.open())
		checkError(t, err)
		if err != nil {
			return
		}
		show(token)
		v, err := token.Verify(root.key(t))
		if err != nil {
			t.Fatal(err)
		}
		// By steps alone, which are the same every time; a busy machine lets the clock run out.
		_, err = v.WithLimits(a, 0, 0, 0, time.Hour)
		checkError(t, err)
		if _, again := v.WithLimits(a, 0, 0, 0, time.Hour); classOf(again) != classOf(err) {
			t.Fatalf("%v, then %v", err, again)
		}
	})
}

// blocksOf finds what a token signs, without reading it as a token is read.
func blocksOf(token []byte) (blocks [][]byte) {
	for _, signed := range fieldsOf(token, 2, 3) {
		blocks = append(blocks, fieldsOf(signed, 1)...)
	}
	return blocks
}

// fieldsOf returns the contents of fields with these numbers, all of them shorter than 2^14 bytes.
func fieldsOf(message []byte, numbers ...byte) (found [][]byte) {
	for len(message) > 1 {
		number, typ := message[0]>>3, message[0]&7
		size := int(message[1])
		message = message[2:]
		if typ != 2 {
			continue
		}
		if size >= 0x80 && len(message) > 0 {
			size = size&0x7f | int(message[0])<<7
			message = message[1:]
		}
		if size > len(message) {
			return found
		}
		for _, n := range numbers {
			if n == number {
				found = append(found, message[:size])
			}
		}
		message = message[size:]
	}
	return found
}
