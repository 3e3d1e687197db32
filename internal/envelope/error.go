package envelope

import (
	"errors"
	"fmt"
)

// Code classifies a failure. The numbers are the statuses of include/asherah.h and never change.
type Code int32

// The closed set of failures.
const (
	OK                Code = 0
	Internal          Code = -1
	InvalidArgument   Code = -2
	Configuration     Code = -3
	ClosedHandle      Code = -4
	MalformedRecord   Code = -5
	PartitionMismatch Code = -6
	MetadataMissing   Code = -7
	Authentication    Code = -8
	MetastoreFailed   Code = -9
	KMSFailed         Code = -10
	LockedMemory      Code = -11
	TimedOut          Code = -12
	BufferTooSmall    Code = -13
	Unsupported       Code = -14
	HostCallback      Code = -15
	WouldBlock        Code = -16
	QueueFull         Code = -17
	Cancelled         Code = -18
)

// Error is a failure with its class. Message is for the caller and holds no secret, key, connection string or ARN;
// Cause is the chain for the log hook and may name hosts and tables. Host is the number that a function of the host
// failed with, where Code is HostCallback; 0 if it had none.
type Error struct {
	Code    Code
	Message string
	Cause   error
	Host    int32

	undecided bool // see the function
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an Error. cause may be nil; it is not part of the message.
func Errorf(code Code, cause error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// CodeOf returns the class of err: OK for nil, Internal for an error that has none.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
