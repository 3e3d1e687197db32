package sqltype

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Collation is how texts compare, and the code page of VARCHAR. Known are the families SQL_Latin1_General_CP1 and
// Latin1_General (versions 80 and 100).
//
// Equality, for all: trailing blanks do not count. For those that are not binary: letters fold where the name says CI,
// accents where it says AI, full-width forms but with WS, and always canonically equivalent forms, ß and ss, æ and ae,
// œ and oe; characters without weight do not count: U+0000 to U+0008, the soft hyphen and zero-width characters, and
// before version 100 every character outside of the basic plane. The tables of a real server know more such folds, and
// another order of letters.
type Collation struct {
	Name    string
	version int // 80 or 100
	sortID  byte
	flags   uint32
}

// Flags of MS-TDS 2.2.5.1.2, from bit 20 of the first four bytes on.
const (
	ignoreCase uint32 = 1 << (20 + iota)
	ignoreAccent
	ignoreKana
	ignoreWidth
	binaryOrder
	binaryOrder2
	utf8Pages
)

const englishUS = 0x0409

// DefaultCollation is what English installers have chosen for ever.
const DefaultCollation = "SQL_Latin1_General_CP1_CI_AS"

var sqlSortIDs = map[string]byte{"CS_AS": 51, "CI_AS": 52, "PREF_CP1_CI_AS": 53, "CI_AI": 54}

// NamedCollation returns the collation of a name in any case; error 448 if there is none or it is not known here.
func NamedCollation(name string) (*Collation, error) {
	upper := strings.ToUpper(name)
	bad := Errorf(448, 3, "Invalid collation '%s'.", name)
	if style, ok := strings.CutPrefix(upper, "SQL_LATIN1_GENERAL_CP1_"); ok {
		id, ok := sqlSortIDs[style]
		if !ok {
			return nil, bad
		}
		c := &Collation{Name: "SQL_Latin1_General_CP1_" + style, version: 80, sortID: id, flags: ignoreKana | ignoreWidth}
		c.sensitivity(strings.Split(style, "_"))
		return c, nil
	}
	style, ok := strings.CutPrefix(upper, "LATIN1_GENERAL_")
	if !ok {
		return nil, bad
	}
	c := &Collation{Name: "Latin1_General_" + style, version: 80}
	if rest, ok := strings.CutPrefix(style, "100_"); ok {
		style, c.version = rest, 100
	}
	words := strings.Split(style, "_")
	if words[len(words)-1] == "UTF8" {
		if c.version < 100 || len(words) < 2 || words[len(words)-2] != "SC" && words[0] != "BIN2" {
			return nil, bad
		}
		c.flags |= utf8Pages
		words = words[:len(words)-1]
	}
	switch {
	case len(words) == 1 && words[0] == "BIN":
		c.flags |= binaryOrder
	case len(words) == 1 && words[0] == "BIN2":
		c.flags |= binaryOrder2
	default:
		c.flags |= ignoreKana | ignoreWidth
		if !c.sensitivity(words) {
			return nil, bad
		}
	}
	return c, nil
}

// sensitivity reads CI or CS, AI or AS, and KS, WS, SC behind them.
func (c *Collation) sensitivity(words []string) bool {
	if len(words) < 2 {
		return false
	}
	for i, word := range words {
		switch {
		case word == "CI":
			c.flags |= ignoreCase
		case word == "AI":
			c.flags |= ignoreAccent
		case word == "KS" && i >= 2:
			c.flags &^= ignoreKana
		case word == "WS" && i >= 2:
			c.flags &^= ignoreWidth
		case word == "CS", word == "AS", word == "SC" && i >= 2 && c.version >= 100:
		default:
			return false
		}
	}
	return true
}

// Wire is the collation's five bytes in TDS.
func (c *Collation) Wire() [5]byte {
	info := englishUS | c.flags
	if c.version == 100 {
		info |= 2 << 28
	}
	return [5]byte{byte(info), byte(info >> 8), byte(info >> 16), byte(info >> 24), c.sortID}
}

// IsBinary is true of BIN and BIN2.
func (c *Collation) IsBinary() bool { return c.flags&(binaryOrder|binaryOrder2) != 0 }

// IsUTF8 is true where VARCHAR is UTF-8.
func (c *Collation) IsUTF8() bool { return c.isUTF8() }

func (c *Collation) isUTF8() bool { return c != nil && c.flags&utf8Pages != 0 }

// CaseSensitive is false of CI.
func (c *Collation) CaseSensitive() bool { return c.flags&ignoreCase == 0 }

// Key returns bytes that are the same for texts that the collation takes for equal, and that sort as it sorts them, as
// far as it is known here.
func (c *Collation) Key(s string) string {
	s = strings.TrimRight(s, " ")
	if c.IsBinary() {
		var b strings.Builder
		for _, unit := range UTF16(s) {
			b.Write([]byte{byte(unit >> 8), byte(unit)})
		}
		return b.String()
	}
	if c.flags&ignoreWidth != 0 {
		s = strings.Map(narrow, s)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		b.WriteString(c.weight(r))
	}
	return strings.TrimRight(b.String(), " ")
}

// weight is what remains of a character of a text in normal form D.
func (c *Collation) weight(r rune) string {
	switch {
	case r <= 8, r == 0xad, r >= 0x200b && r <= 0x200f, r == 0xfeff, c.version < 100 && r > 0xffff:
		return ""
	case c.flags&ignoreAccent != 0 && unicode.Is(unicode.Mn, r):
		return ""
	}
	expanded := string(r)
	switch r {
	case 'ß':
		expanded = "ss"
	case 'æ':
		expanded = "ae"
	case 'Æ':
		expanded = "AE"
	case 'œ':
		expanded = "oe"
	case 'Œ':
		expanded = "OE"
	}
	if c.flags&ignoreCase != 0 {
		return strings.ToLower(strings.ToUpper(expanded))
	}
	return expanded
}

// narrow makes ordinary characters of full-width ones.
func narrow(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xff01 + '!'
	case r == 0x3000:
		return ' '
	default:
		return r
	}
}
