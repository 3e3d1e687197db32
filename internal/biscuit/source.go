package biscuit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Source writes what a block says as Datalog, for people to read: one element a line, in the syntax of the Biscuit
// specification. Variables are numbered as they appear, since a token need not name them. Text of the token is quoted,
// so that it cannot pass for more than it is.
func (b *Block) Source() string {
	var w writer
	if len(b.Scopes) > 0 {
		w.scopes(b.Scopes)
		w.line()
	}
	for i := range b.Facts {
		w.predicate(&b.Facts[i])
		w.line()
	}
	for i := range b.Rules {
		w.predicate(&b.Rules[i].Head)
		w.WriteString(" <- ")
		w.query(&b.Rules[i])
		w.line()
	}
	for i := range b.Checks {
		w.WriteString([...]string{"check if ", "check all ", "reject if "}[b.Checks[i].Kind])
		for j := range b.Checks[i].Queries {
			if j > 0 {
				w.WriteString(" or ")
			}
			w.query(&b.Checks[i].Queries[j])
		}
		w.line()
	}
	return w.String()
}

type writer struct{ strings.Builder }

func (w *writer) line() { w.WriteString(";\n") }

func separated[T any](w *writer, list []T, separator string, write func(*T)) {
	for i := range list {
		if i > 0 {
			w.WriteString(separator)
		}
		write(&list[i])
	}
}

func (w *writer) predicate(p *Predicate) {
	w.WriteString(name(p.Name))
	w.WriteByte('(')
	separated(w, p.Terms, ", ", w.term)
	w.WriteByte(')')
}

// name is a predicate's, quoted where it is none that Datalog text could have.
func name(s string) string {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != ':' && (c < '0' || c > '9')) {
			return strconv.QuoteToASCII(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

func (w *writer) term(t *Term) {
	switch t.kind {
	case KindVariable:
		fmt.Fprintf(w, "$%d", t.number)
	case KindInteger:
		fmt.Fprint(w, int64(t.number))
	case KindString:
		w.WriteString(strconv.QuoteToASCII(t.text))
	case KindDate:
		if t.number > 253402300799 { // the end of the year 9999
			fmt.Fprintf(w, "date(%d)", t.number)
			return
		}
		w.WriteString(time.Unix(int64(t.number), 0).UTC().Format(time.RFC3339))
	case KindBytes:
		w.WriteString("hex:" + hex.EncodeToString([]byte(t.text)))
	case KindBool:
		fmt.Fprint(w, t.isTrue())
	case KindNull:
		w.WriteString("null")
	case KindSet:
		w.group("{", "}", t.parts)
	case KindArray:
		w.group("[", "]", t.parts)
	case KindMap:
		w.WriteByte('{')
		for i := 0; i+1 < len(t.parts); i += 2 {
			if i > 0 {
				w.WriteString(", ")
			}
			w.term(&t.parts[i])
			w.WriteString(": ")
			w.term(&t.parts[i+1])
		}
		w.WriteByte('}')
	}
}

func (w *writer) group(open, end string, parts []Term) {
	w.WriteString(open)
	separated(w, parts, ", ", w.term)
	w.WriteString(end)
}

func (w *writer) query(r *Rule) {
	separated(w, r.Body, ", ", w.predicate)
	for i, operations := range r.Expressions {
		if i > 0 || len(r.Body) > 0 {
			w.WriteString(", ")
		}
		w.WriteString(operations.source())
	}
	if len(r.Body) == 0 && len(r.Expressions) == 0 {
		w.WriteString("true")
	}
	if len(r.Scopes) > 0 {
		w.WriteByte(' ')
		w.scopes(r.Scopes)
	}
}

func (w *writer) scopes(scopes []Scope) {
	w.WriteString("trusting ")
	separated(w, scopes, ", ", func(s *Scope) {
		switch s.kind {
		case scopeAuthority:
			w.WriteString("authority")
		case scopePrevious:
			w.WriteString("previous")
		case scopeKey:
			w.WriteString(s.key.String())
		}
	})
}

// infix are the operators that stand between their operands, by number; methods those that stand after a dot.
var (
	infix = map[uint8]string{
		opLess: "<", opGreater: ">", opLessOrEqual: "<=", opGreaterOrEqual: ">=", opStrictEqual: "===", opAdd: "+",
		opSubtract: "-", opMultiply: "*", opDivide: "/", opAnd: "&&!", opOr: "||!", opBitAnd: "&", opBitOr: "|",
		opBitXor: "^", opStrictUnequal: "!==", opEqual: "==", opUnequal: "!=", opLazyAnd: "&&", opLazyOr: "||",
	}
	methods = map[uint8]string{
		opContains: "contains", opStartsWith: "starts_with", opEndsWith: "ends_with", opMatches: "matches",
		opIntersection: "intersection", opUnion: "union", opAll: "all", opAny: "any", opGet: "get", opTryOr: "try_or",
	}
)

// source writes an expression. One that leaves more or less than a value on the stack is shown as such.
func (o Operations) source() string {
	var stack []string
	pop := func() string {
		if len(stack) == 0 {
			return "<nothing>"
		}
		last := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		return last
	}
	for i := range o {
		switch step := &o[i]; step.kind {
		case pushValue:
			var w writer
			w.term(&step.value)
			stack = append(stack, w.String())
		case pushClosure:
			stack = append(stack, step.closure.source())
		case applyUnary:
			stack = append(stack, step.unary(pop()))
		case applyBinary:
			right := pop()
			stack = append(stack, step.binary(pop(), right))
		}
	}
	if len(stack) != 1 {
		return fmt.Sprintf("<%d values: %s>", len(stack), strings.Join(stack, "; "))
	}
	return stack[0]
}

func (c *closure) source() string {
	var params []string
	for _, p := range c.params {
		params = append(params, fmt.Sprintf("$%d", p))
	}
	if len(params) == 0 {
		return c.body.source()
	}
	return strings.Join(params, ", ") + " -> " + c.body.source()
}

func (o *Operation) unary(operand string) string {
	switch o.operator {
	case opNot:
		return "!" + operand
	case opParens:
		return "(" + operand + ")"
	case opLength:
		return operand + ".length()"
	case opType:
		return operand + ".type()"
	}
	return operand + ".extern::" + name(o.function) + "()"
}

func (o *Operation) binary(left, right string) string {
	if sign, found := infix[o.operator]; found {
		return left + " " + sign + " " + right
	}
	if method, found := methods[o.operator]; found {
		return left + "." + method + "(" + right + ")"
	}
	return left + ".extern::" + name(o.function) + "(" + right + ")"
}

// Expiry returns the earliest second at which a check of the form `check if time($t), $t < N` (or <=) no longer holds,
// which is how tokens expire, N an integer of seconds since 1970 or a date. For people to read: other checks may depend
// on the time in other ways.
func (b *Block) Expiry() (at time.Time, found bool) {
	for i := range b.Checks {
		c := &b.Checks[i]
		if c.Kind != CheckOne || len(c.Queries) != 1 || len(c.Queries[0].Body) != 1 {
			continue
		}
		q := &c.Queries[0]
		clock := &q.Body[0]
		if clock.Name != "time" || len(clock.Terms) != 1 || clock.Terms[0].kind != KindVariable {
			continue
		}
		for _, o := range q.Expressions {
			seconds, matches := o.limitOf(&clock.Terms[0])
			if matches && (!found || seconds < at.Unix()) {
				at, found = time.Unix(seconds, 0).UTC(), true
			}
		}
	}
	return at, found
}

// limitOf matches $variable < N and $variable <= N.
func (o Operations) limitOf(variable *Term) (seconds int64, matches bool) {
	if len(o) != 3 || o[0].kind != pushValue || o[1].kind != pushValue || o[2].kind != applyBinary {
		return 0, false
	}
	value := &o[1].value
	if o[0].value.kind != KindVariable || o[0].value.number != variable.number ||
		value.kind != KindInteger && value.kind != KindDate {
		return 0, false
	}
	switch seconds = int64(value.number); o[2].operator {
	case opLess:
		return seconds, true
	case opLessOrEqual:
		return seconds + 1, true
	}
	return 0, false
}
