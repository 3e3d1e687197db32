package biscuit_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/libasherah/libasherah/internal/biscuit"
)

func TestTextForms(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "AA": "\x00", "AA=": "\x00", "AA==": "\x00", "AAA": "\x00\x00", "AAA=": "\x00\x00", "AAAA": "\x00\x00\x00",
		"-_-_": "\xfb\xff\xbf",
	} {
		data, err := biscuit.DecodeText(text)
		if err != nil || string(data) != want {
			t.Errorf("%q: %x, %v", text, data, err)
		}
	}
	for _, text := range []string{
		"A", "A=", "A==", "A===", "=", "====", "AA===", "AAA==", "AAAA=", "AA=A", "AB", "AAB", "AA==AA==", "AA\n==", "AAAA\n",
		"\nAAAA", "AA\r\nAA", " AAAA", "AAAA ", "AA AA", "++//", "biscuit:AAAA", "AAAA\x00", "ÄÄÄÄ", "AA%3D%3D",
	} {
		if data, err := biscuit.DecodeText(text); classOf(err) != biscuit.Format {
			t.Errorf("%q: %x, %v", text, data, err)
		}
	}
	longest := strings.Repeat("A", biscuit.MaxText)
	if _, err := biscuit.DecodeText(longest); err != nil {
		t.Error(err)
	}
	if _, err := biscuit.DecodeText(longest + "AAAA"); classOf(err) != biscuit.Format {
		t.Errorf("a token that is too long: %v", err)
	}
}

// What is accepted has one form but for its padding: written again, it is the same.
func TestTextIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("AQgw-_=+/ \n8")), 0, 12, -1).Draw(t, "text")
		data, err := biscuit.DecodeText(text)
		if err != nil {
			return
		}
		if again := base64.RawURLEncoding.EncodeToString(data); again != strings.TrimRight(text, "=") {
			t.Fatalf("%q is read as %x, which is %q", text, data, again)
		}
	})
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		for _, text := range []string{
			base64.URLEncoding.EncodeToString(want), base64.RawURLEncoding.EncodeToString(want),
		} {
			if data, err := biscuit.DecodeText(text); err != nil || !bytes.Equal(data, want) {
				t.Fatalf("%x comes back as %x, %v", want, data, err)
			}
		}
	})
}
