package biscuit

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// What follows renders blocks as Datalog, for people. It is never read back.

// String returns the term as Datalog.
func (t Term) String() string {
	switch t.kind {
	case KindVariable:
		return "$" + strconv.FormatUint(t.number, 10)
	case KindInteger:
		return strconv.FormatInt(int64(t.number), 10)
	case KindString:
		return quote(t.text)
	case KindDate:
		if t.number > 253402300799 { // the last second of the year 9999
			return "date(" + strconv.FormatUint(t.number, 10) + ")"
		}
		return time.Unix(int64(t.number), 0).UTC().Format(time.RFC3339)
	case KindBytes:
		if len(t.text) > longestText {
			return "hex:" + hex.EncodeToString([]byte(t.text[:longestText])) + "…"
		}
		return "hex:" + hex.EncodeToString([]byte(t.text))
	case KindBool:
		return strconv.FormatBool(t.number == 1)
	case KindSet:
		if len(t.parts) == 0 {
			return "{,}"
		}
		return "{" + join(t.parts, ", ", Term.String) + "}"
	case KindArray:
		return "[" + join(t.parts, ", ", Term.String) + "]"
	case KindMap:
		var entries []string
		for i := 0; i < len(t.parts); i += 2 {
			entries = append(entries, t.parts[i].String()+": "+t.parts[i+1].String())
		}
		return "{" + strings.Join(entries, ", ") + "}"
	}
	return "null"
}

// longestText is how much of a string is shown, in bytes: many terms may refer to one long string.
const longestText = 256

func quote(s string) string {
	if len(s) > longestText {
		return strconv.Quote(strings.ToValidUTF8(s[:longestText], "")) + "…"
	}
	return strconv.Quote(s)
}

func join[T any](list []T, separator string, text func(T) string) string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = text(list[i])
	}
	return strings.Join(texts, separator)
}

// String returns the predicate as Datalog.
func (p Predicate) String() string {
	return printedName(p.Name) + "(" + join(p.Terms, ", ", Term.String) + ")"
}

// printedName is a name of the token's, quoted where it is none that Datalog text can have: it must not pass for more.
func printedName(s string) string {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != ':' && (c < '0' || c > '9')) || i > longestText {
			return quote(s)
		}
	}
	return s
}

// String returns the scope as Datalog.
func (s Scope) String() string {
	switch s.kind {
	case scopeKey:
		return s.key.String()
	case scopePrevious:
		return "previous"
	}
	return "authority"
}

// String returns the rule as Datalog, with its variables numbered from 0.
func (r Rule) String() string { return r.Head.String() + " <- " + r.query() }

// query returns all but the head.
func (r Rule) query() string {
	parts := make([]string, 0, len(r.Body)+len(r.Expressions))
	for _, p := range r.Body {
		parts = append(parts, p.String())
	}
	for _, o := range r.Expressions {
		parts = append(parts, o.String())
	}
	if len(parts) == 0 {
		parts = append(parts, "true")
	}
	text := strings.Join(parts, ", ")
	if len(r.Scopes) > 0 {
		text += " trusting " + join(r.Scopes, ", ", Scope.String)
	}
	return text
}

// String returns the check as Datalog.
func (c CheckRule) String() string {
	kind := [...]string{"check if ", "check all ", "reject if "}[c.Kind]
	return kind + join(c.Queries, " or ", Rule.query)
}

// maxPrinted is the longest expression that is rendered, in bytes.
const maxPrinted = 1 << 16

// String returns the expression as Datalog.
func (o Operations) String() string {
	text, ok := o.render()
	if !ok {
		return "(an expression that cannot be evaluated or is too long)"
	}
	return text
}

func (o Operations) render() (string, bool) {
	var stack []string
	for i := range o {
		op := &o[i]
		switch op.kind {
		case pushValue:
			stack = append(stack, op.value.String())
		case pushClosure:
			body, ok := op.closure.body.render()
			if !ok {
				return "", false
			}
			if len(op.closure.params) > 0 {
				body = join(op.closure.params, ", ", func(p uint32) string { return Variable(p).String() }) + " -> " + body
			}
			stack = append(stack, body)
		default:
			n := 1
			if op.kind == applyBinary {
				n = 2
			}
			if len(stack) < n {
				return "", false
			}
			operands := stack[len(stack)-n:]
			text := op.render(operands)
			if len(text) > maxPrinted {
				return "", false
			}
			stack = append(stack[:len(stack)-n], text)
		}
	}
	if len(stack) != 1 {
		return "", false
	}
	return stack[0], true
}

// symbols of operators between their operands, and names of those written as methods.
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

func (o *Operation) render(operands []string) string {
	if o.kind == applyUnary {
		return [...]string{
			"!" + operands[0], "(" + operands[0] + ")", operands[0] + ".length()", operands[0] + ".type()",
			operands[0] + ".extern::" + quote(o.function) + "()",
		}[o.operator]
	}
	if o.operator == opBinaryCall {
		return operands[0] + ".extern::" + quote(o.function) + "(" + operands[1] + ")"
	}
	if name, ok := methods[o.operator]; ok {
		return operands[0] + "." + name + "(" + operands[1] + ")"
	}
	return operands[0] + " " + infix[o.operator] + " " + operands[1]
}
