package tsql

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

type kind uint8

const (
	end      kind = iota
	word          // a bare identifier or keyword; text as written
	quoted        // an identifier in brackets or double quotes
	variable      // with its @ or @@
	text          // 'x'
	national      // N'x'
	integer
	decimal
	hexadecimal
	symbol
)

type token struct {
	kind kind
	text string // of quoted and texts: what is inside, unescaped
	line int
}

// is is true if the token is a keyword or a symbol, given in upper case.
func (t token) is(s string) bool {
	return (t.kind == word || t.kind == symbol) && strings.EqualFold(t.text, s)
}

// symbols of two characters; all others have one.
var pairs = []string{"<>", "!=", "<=", ">=", "!<", "!>", "+=", "-="}

type lexer struct {
	rest string
	line int
}

// scan makes tokens of a batch.
func scan(batch string) ([]token, error) {
	l := &lexer{rest: batch, line: 1}
	var tokens []token
	for {
		if err := l.blanks(); err != nil {
			return nil, err
		}
		if l.rest == "" {
			return append(tokens, token{kind: end, line: l.line}), nil
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

func (l *lexer) take(n int) string {
	s := l.rest[:n]
	l.rest = l.rest[n:]
	l.line += strings.Count(s, "\n")
	return s
}

// blanks skips white space and comments; those between /* and */ nest.
func (l *lexer) blanks() error {
	for l.rest != "" {
		r, size := utf8.DecodeRuneInString(l.rest)
		switch {
		case unicode.IsSpace(r) || r == 0 || r == '\ufeff':
			l.take(size)
		case strings.HasPrefix(l.rest, "--"):
			n := strings.IndexByte(l.rest, '\n')
			if n < 0 {
				n = len(l.rest)
			}
			l.take(n)
		case strings.HasPrefix(l.rest, "/*"):
			if err := l.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) comment() error {
	for depth := 0; l.rest != ""; {
		switch {
		case strings.HasPrefix(l.rest, "/*"):
			l.take(2)
			depth++
		case strings.HasPrefix(l.rest, "*/"):
			l.take(2)
			if depth--; depth == 0 {
				return nil
			}
		default:
			l.take(1)
		}
	}
	return sqltype.Syntaxf(113, 1, "Missing end comment mark '*/'.")
}

func (l *lexer) next() (token, error) {
	t := token{line: l.line}
	c := l.rest[0]
	r, _ := utf8.DecodeRuneInString(l.rest)
	var err error
	switch {
	case (c == 'N' || c == 'n') && strings.HasPrefix(l.rest[1:], "'"):
		l.take(1)
		t.kind = national
		t.text, err = l.enclosed('\'')
	case c == '\'':
		t.kind = text
		t.text, err = l.enclosed('\'')
	case c == '[':
		t.kind = quoted
		t.text, err = l.enclosed(']')
	case c == '"':
		t.kind = quoted
		t.text, err = l.enclosed('"')
	case c == '@':
		n := 1 + strings.IndexFunc(l.rest[1:]+" ", func(r rune) bool { return !isNamePart(r) })
		t.kind, t.text = variable, l.take(n)
	case c >= '0' && c <= '9', c == '.' && len(l.rest) > 1 && l.rest[1] >= '0' && l.rest[1] <= '9':
		l.number(&t)
	case isNameStart(r):
		n := strings.IndexFunc(l.rest+" ", func(r rune) bool { return !isNamePart(r) })
		t.kind, t.text = word, l.take(n)
	default:
		t.kind = symbol
		for _, pair := range pairs {
			if strings.HasPrefix(l.rest, pair) {
				t.text = l.take(2)
				return t, nil
			}
		}
		if !strings.ContainsRune("()=<>+-*/%,.;&|^~", r) {
			return t, sqltype.Syntaxf(102, 1, "Incorrect syntax near '%c'.", r)
		}
		t.text = l.take(1)
	}
	return t, err
}

func (l *lexer) number(t *token) {
	if strings.HasPrefix(l.rest, "0x") || strings.HasPrefix(l.rest, "0X") {
		l.take(2)
		n := strings.IndexFunc(l.rest+" ", func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
		t.kind, t.text = hexadecimal, l.take(n)
		return
	}
	n := strings.IndexFunc(l.rest+" ", func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	t.kind, t.text = integer, l.take(n)
	if strings.Contains(t.text, ".") {
		t.kind = decimal
	}
}

// enclosed reads to the closing character; two of them stand for one.
func (l *lexer) enclosed(closing byte) (string, error) {
	opening := l.take(1)
	var b strings.Builder
	for {
		n := strings.IndexByte(l.rest, closing)
		if n < 0 {
			return "", sqltype.Syntaxf(105, 1, "Unclosed quotation mark after the character string '%s%.20s'.", opening,
				b.String())
		}
		b.WriteString(l.take(n))
		l.take(1)
		if l.rest == "" || l.rest[0] != closing {
			return b.String(), nil
		}
		b.WriteString(l.take(1))
	}
}

func isNameStart(r rune) bool { return unicode.IsLetter(r) || r == '_' || r == '#' }

func isNamePart(r rune) bool { return isNameStart(r) || unicode.IsDigit(r) || r == '@' || r == '$' }
