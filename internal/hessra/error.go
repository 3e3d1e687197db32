package hessra

import (
	"errors"
	"fmt"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// Code classifies a failure. The numbers are the results of include/hessra.h and never change.
type Code int32

// The closed set of failures.
const (
	Success            Code = 0
	InvalidToken       Code = 1
	InvalidKey         Code = 2
	VerificationFailed Code = 3
	ConfigInvalid      Code = 4
	Memory             Code = 5
	IO                 Code = 6
	InvalidParameter   Code = 7
	Unknown            Code = 999
)

// Error is a failure. Reason is a word for its class: expired, domain, check, policy, chain, limit, expression,
// signature, format or key for tokens, empty for others. Message names it and what to do, and holds neither a token nor
// a key.
type Error struct {
	Code    Code
	Reason  string
	Message string
}

func (e *Error) Error() string {
	if e.Reason == "" {
		return e.Message
	}
	return e.Reason + ": " + e.Message
}

func errorf(code Code, reason, format string, args ...any) *Error {
	return &Error{Code: code, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the class of err: Success for nil, Unknown for an error that has none.
func CodeOf(err error) Code {
	if err == nil {
		return Success
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Unknown
}

// classify makes an Error with this code of what the biscuit room says.
func classify(code Code, err error) error {
	var e *biscuit.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Code: code, Reason: reason(e), Message: e.Message}
}

// reason is the word for a failure. Of several failed checks the first counts.
func reason(e *biscuit.Error) string {
	switch e.Class {
	case biscuit.Version:
		return "format"
	case biscuit.Check:
		if len(e.Failed) > 0 {
			return reasonOf(e.Failed[0].Check)
		}
	}
	return e.Class.String()
}

// reasonOf tells checks apart by what they ask for.
func reasonOf(check *biscuit.CheckRule) string {
	for i := range check.Queries {
		for j := range check.Queries[i].Body {
			switch check.Queries[i].Body[j].Name {
			case "time":
				return "expired"
			case "domain":
				return "domain"
			case "node":
				return "chain"
			}
		}
	}
	return "check"
}
