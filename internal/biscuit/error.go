package biscuit

import "fmt"

// Class says what kind of failure an Error is.
type Class int

// The closed set of failures.
const (
	Format     Class = iota + 1 // the text, the wire format or what a block holds is malformed
	Signature                   // a signature or the proof does not hold
	Key                         // a key, inside the token or given by the caller, is unusable
	Version                     // a version, or a feature newer than the block's version
	Limit                       // evaluation would cost more than a token may
	Expression                  // an expression failed, or a rule has a head that its body does not bind
	Check                       // a check failed
	Policy                      // no policy matched, or one that denies did
)

// String returns the name of the class in lower case.
func (c Class) String() string {
	names := [...]string{"", "format", "signature", "key", "version", "limit", "expression", "check", "policy"}
	if c < 1 || int(c) >= len(names) {
		return fmt.Sprintf("class %d", int(c))
	}
	return names[c]
}

// Error is a failure with its class. Failed has the first hundred checks that failed, in the order in which they were
// evaluated, where Class is Check.
type Error struct {
	Class   Class
	Message string
	Failed  []FailedCheck
}

func (e *Error) Error() string { return e.Message }

func errorf(class Class, format string, args ...any) *Error {
	return &Error{Class: class, Message: fmt.Sprintf(format, args...)}
}

// FailedCheck is a check that did not hold: the block that has it, -1 for the authorizer, and its index there.
type FailedCheck struct {
	Block int
	Index int
	Check *CheckRule
}

// maxFailed is how many failed checks an Error has.
const maxFailed = 100

// failures are the checks that failed: how many, and the first of them.
type failures struct {
	count int
	first []FailedCheck
}

func (f *failures) add(c FailedCheck) {
	if f.count++; f.count <= maxFailed {
		f.first = append(f.first, c)
	}
}

func (f *failures) String() string {
	c := f.first[0]
	where := "of the authorizer"
	switch {
	case c.Block == 0:
		where = "of the authority block"
	case c.Block > 0:
		where = fmt.Sprintf("of block %d", c.Block)
	}
	if f.count == 1 {
		return fmt.Sprintf("check %d %s failed", c.Index, where)
	}
	return fmt.Sprintf("check %d %s failed, and %d more", c.Index, where, f.count-1)
}
