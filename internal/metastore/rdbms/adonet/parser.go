package adonet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The rules that a string can break.
const (
	notUTF8     = "has a byte that is not UTF-8"
	noKey       = "has no key before its ="
	noEqual     = "has a key without =; put a value with a semicolon in it between quotes"
	control     = "has a control character outside of quotes"
	openQuote   = "has a quote that is not closed; put a value with a quote in it between quotes of the other kind"
	nulInQuotes = "has a NUL between quotes"
	afterQuote  = "goes on after its closing quote; write a quote inside of quotes twice"
	endQuote    = "ends with a quote that none opened; put a value with a quote in it between quotes of the other kind"
	afterNUL    = "comes after a NUL, which ends the string"
)

// Parse splits text into its settings, in their order. Its errors are of type *SyntaxError.
func Parse(text string) ([]Setting, error) {
	if at := invalidUTF8(text); at >= 0 {
		return nil, &SyntaxError{Position: utf8.RuneCountInString(text[:at]) + 1, Rule: notUTF8}
	}
	p := parser{text: []rune(text)}
	var settings []Setting
	for p.toKey(); p.at < len(p.text); p.toKey() {
		p.start = p.at
		if p.text[p.at] == 0 {
			p.nuls()
			break
		}
		settings = append(settings, p.setting())
	}
	if p.broken != "" {
		return nil, &SyntaxError{Position: p.start + 1, Rule: p.broken}
	}
	return settings, nil
}

func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for at, r := range text {
		if _, size := utf8.DecodeRuneInString(text[at:]); r == utf8.RuneError && size == 1 {
			return at
		}
	}
	return len(text)
}

type parser struct {
	text   []rune
	at     int    // next rune
	start  int    // first rune of the setting
	broken string // the rule that the setting at start breaks; at is the end of the text then
}

func (p *parser) fail(rule string) {
	p.broken, p.at = rule, len(p.text)
}

// peek is the next rune; ok is false at the end.
func (p *parser) peek() (r rune, ok bool) {
	if p.at == len(p.text) {
		return 0, false
	}
	return p.text[p.at], true
}

func (p *parser) blanks() {
	for p.at < len(p.text) && unicode.IsSpace(p.text[p.at]) {
		p.at++
	}
}

// toKey skips what may stand between settings.
func (p *parser) toKey() {
	for p.at < len(p.text) && (unicode.IsSpace(p.text[p.at]) || p.text[p.at] == ';') {
		p.at++
	}
}

// nuls skips the NULs that end a string written in C. Only blanks may be among them.
func (p *parser) nuls() {
	for ; p.at < len(p.text); p.at++ {
		if r := p.text[p.at]; r != 0 && !unicode.IsSpace(r) {
			p.start = p.at
			p.fail(afterNUL)
			return
		}
	}
}

func (p *parser) setting() Setting {
	s := Setting{Key: p.key(), Position: p.start + 1}
	p.blanks()
	switch r, ok := p.peek(); {
	case !ok || r == ';' || r == 0:
		s.Empty = true
	case r == '\'' || r == '"':
		p.at++
		s.Value = p.quoted(r)
	default:
		s.Value = p.unquoted()
	}
	return s
}

// key reads up to a single =, which it skips. A semicolon does not end a key.
func (p *parser) key() string {
	var key strings.Builder
	for ; p.at < len(p.text); p.at++ {
		r := p.text[p.at]
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			p.fail(control)
			return ""
		}
		if r == '=' {
			p.at++
			if next, ok := p.peek(); !ok || next != '=' {
				return p.keyName(key.String())
			}
		}
		key.WriteRune(r)
	}
	p.fail(noEqual)
	return ""
}

// keyName folds ASCII only: all keywords are, and Unicode's rules would make others equal to them.
func (p *parser) keyName(key string) string {
	key = strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimRightFunc(key, unicode.IsSpace))
	if key == "" {
		p.fail(noKey)
	}
	return key
}

// unquoted reads a value without quotes up to a semicolon or control character, neither of which is part of it.
func (p *parser) unquoted() string {
	first := p.at
	for p.at < len(p.text) && p.text[p.at] != ';' &&
		(unicode.IsSpace(p.text[p.at]) || !unicode.IsControl(p.text[p.at])) {
		p.at++
	}
	value := strings.TrimRightFunc(string(p.text[first:p.at]), unicode.IsSpace)
	if strings.HasSuffix(value, "'") || strings.HasSuffix(value, `"`) {
		p.fail(endQuote)
	}
	return value
}

// quoted reads a value up to its closing quote and what may follow that.
func (p *parser) quoted(quote rune) string {
	var value strings.Builder
	for ; p.at < len(p.text); p.at++ {
		r := p.text[p.at]
		if r == 0 {
			p.fail(nulInQuotes)
			return ""
		}
		if r == quote {
			p.at++
			if next, ok := p.peek(); !ok || next != quote {
				p.blanks()
				if next, ok = p.peek(); ok && next != ';' && next != 0 {
					p.fail(afterQuote)
				}
				return value.String()
			}
		}
		value.WriteRune(r)
	}
	p.fail(openQuote)
	return ""
}
