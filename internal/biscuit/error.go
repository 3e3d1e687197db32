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

// Error is a failure with its class. Failed has the checks that failed, in the order in which they were evaluated,
// where Class is Check.
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
