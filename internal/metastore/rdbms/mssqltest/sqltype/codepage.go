package sqltype

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// windows1252 has the characters of the bytes 0x80 to 0x9f. The five bytes without a character keep their number.
var windows1252 = [32]rune{
	0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
	0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e,
	0x0178,
}

func to1252(r rune) (byte, bool) {
	if r < 0x80 || r >= 0xa0 && r <= 0xff {
		return byte(r), true
	}
	for i, known := range windows1252 {
		if r == known {
			return byte(0x80 + i), true
		}
	}
	return 0, false
}

// encode puts s into the code page of VARCHAR: Windows-1252, or UTF-8. What it does not have becomes the letter of
// ASCII that is like it, where there is one (the "best fit" that SQL Server makes: full-width letters, letters with a
// diacritic), else '?', two for a character of two UTF-16 units. lost is true if that happened.
func (c *Collation) encode(s string) (encoded []byte, lost bool) {
	if c.isUTF8() {
		return []byte(strings.ToValidUTF8(s, "\ufffd")), !utf8.ValidString(s)
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			if _, ok := surrogate(s[i:]); ok {
				size = 3
			}
		}
		i += size
		if b, ok := to1252(r); ok {
			encoded = append(encoded, b)
			continue
		}
		lost = true
		encoded = append(encoded, bestFit(r)...)
	}
	return encoded, lost
}

func bestFit(r rune) string {
	if r > 0xffff {
		return "??"
	}
	if base := norm.NFKD.String(string(r))[0]; base < utf8.RuneSelf {
		return string(rune(base))
	}
	return "?"
}

// decode is the text of bytes in the code page of VARCHAR.
func (c *Collation) decode(b []byte) string {
	if c.isUTF8() {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	var s strings.Builder
	for _, x := range b {
		if x >= 0x80 && x < 0xa0 {
			s.WriteRune(windows1252[x-0x80])
		} else {
			s.WriteRune(rune(x))
		}
	}
	return s.String()
}

// Encode is Decode's inverse for what has been through it or through a conversion.
func (c *Collation) Encode(s string) []byte {
	encoded, _ := c.encode(s)
	return encoded
}

// Decode is the text of bytes of a VARCHAR with this collation.
func (c *Collation) Decode(b []byte) string { return c.decode(b) }
