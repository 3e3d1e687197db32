package sqltype

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendUTF16 appends s as UTF-16, little endian. Unpaired surrogates, which DecodeUTF16 gave three bytes each, become
// what they were; other bytes that are not UTF-8 become U+FFFD.
func AppendUTF16(to []byte, s string) []byte {
	for _, unit := range UTF16(s) {
		to = append(to, byte(unit), byte(unit>>8))
	}
	return to
}

// UTF16 is s in UTF-16 units. See AppendUTF16.
func UTF16(s string) []uint16 {
	units := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			if unit, ok := surrogate(s[i:]); ok {
				units, i = append(units, unit), i+3
				continue
			}
		}
		units, i = utf16.AppendRune(units, r), i+size
	}
	return units
}

// surrogate reads the three bytes of a surrogate.
func surrogate(s string) (uint16, bool) {
	if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2] < 0x80 || s[2] > 0xbf {
		return 0, false
	}
	return 0xd000 | uint16(s[1]&0x3f)<<6 | uint16(s[2]&0x3f), true
}

// FromUTF16 is the text of UTF-16 units; unpaired surrogates take three bytes each.
func FromUTF16(units []uint16) string {
	var b strings.Builder
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		switch {
		case !utf16.IsSurrogate(r):
			b.WriteRune(r)
		case i+1 < len(units) && utf16.DecodeRune(r, rune(units[i+1])) != utf8.RuneError:
			b.WriteRune(utf16.DecodeRune(r, rune(units[i+1])))
			i++
		default:
			b.Write([]byte{0xed, byte(r>>6)&0x3f | 0x80, byte(r)&0x3f | 0x80})
		}
	}
	return b.String()
}

// DecodeUTF16 is the text of little-endian bytes, of which an odd last one is left out.
func DecodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return FromUTF16(units)
}

// Length counts what the size of a type of characters counts: bytes of the code page, or UTF-16 units.
func (t Type) Length(s string) int {
	if t.IsUnicode() {
		return len(UTF16(s))
	}
	encoded, _ := t.Collation.encode(s)
	return len(encoded)
}

// Shorten cuts s to n of what Length counts.
func (t Type) Shorten(s string, n int) string {
	if t.IsUnicode() {
		return FromUTF16(UTF16(s)[:n])
	}
	encoded, _ := t.Collation.encode(s)
	for t.Collation.isUTF8() && n > 0 && n < len(encoded) && !utf8.RuneStart(encoded[n]) {
		n-- // half of a character is not kept
	}
	return t.Collation.decode(encoded[:n])
}
