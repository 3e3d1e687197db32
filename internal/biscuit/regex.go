package biscuit

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// What a pattern may be. Beyond it counts as one that does not compile.
const (
	maxPattern      = 4 << 10 // bytes
	maxInstructions = 10_000  // of the compiled pattern, about
)

// maxPatterns is how many compiled patterns an evaluation keeps.
const maxPatterns = 16

// pattern is a compiled pattern; expression is nil where it is none.
type pattern struct {
	expression *regexp.Regexp
	size       int // instructions, about
}

// matches reports whether a pattern is found anywhere in text. A pattern that does not compile or is too large is not
// found. Matching takes time in proportion to the text times the pattern, which is what it costs.
func (e *evaluation) matches(text, source string) (bool, error) {
	if len(source) > maxPattern {
		return false, nil
	}
	p, known := e.patterns[source]
	if !known {
		var err error
		if p, err = e.compile(source); err != nil {
			return false, err
		}
		if e.patterns == nil || len(e.patterns) == maxPatterns {
			e.patterns = make(map[string]pattern)
		}
		e.patterns[source] = p
	}
	if p.expression == nil {
		return false, nil
	}
	if err := e.spend(1 + len(text)*p.size/16); err != nil {
		return false, err
	}
	return p.expression.MatchString(text), nil
}

func (e *evaluation) compile(source string) (p pattern, err error) {
	const perInstruction = 8 // steps
	if err := e.spend(readingSteps(source)); err != nil {
		return p, err
	}
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return p, nil
	}
	if p.size = instructions(parsed); p.size > maxInstructions {
		return p, nil
	}
	if err := e.spend(perInstruction * p.size); err != nil {
		return p, err
	}
	p.expression, _ = regexp.Compile(source)
	return p, nil
}

// readingSteps is what reading a pattern costs. A Unicode class brings a table with it, and a class that ignores case
// is gone through rune by rune.
func readingSteps(source string) int {
	const perByte, perTable, perFoldedClass = 8, 2000, 10_000
	steps := perByte*(1+len(source)) + perTable*(strings.Count(source, `\p`)+strings.Count(source, `\P`))
	if strings.Contains(source, "(?") {
		steps += perFoldedClass * strings.Count(source, "[")
	}
	return steps
}

// instructions estimates the size of a compiled pattern, rather too high.
func instructions(r *syntax.Regexp) int {
	n := 2 + len(r.Rune)
	for _, sub := range r.Sub {
		n += instructions(sub)
	}
	if r.Op == syntax.OpRepeat {
		n *= max(r.Min, r.Max, 1)
	}
	return min(n, maxInstructions+1)
}
