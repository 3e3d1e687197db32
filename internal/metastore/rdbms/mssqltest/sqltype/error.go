package sqltype

import "fmt"

// Error is an error message of the server, with the numbers and texts of SQL Server.
type Error struct {
	Number  int32
	State   uint8
	Class   uint8 // severity: to 10 information, 11 to 16 fail the statement, from 20 on the connection is closed
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Number, e.Message) }

// Errorf makes an error of class 16.
func Errorf(number int32, state uint8, format string, args ...any) *Error {
	return &Error{Number: number, State: state, Class: 16, Message: fmt.Sprintf(format, args...)}
}

// Syntaxf makes an error of class 15: the batch cannot be compiled.
func Syntaxf(number int32, state uint8, format string, args ...any) *Error {
	return &Error{Number: number, State: state, Class: 15, Message: fmt.Sprintf(format, args...)}
}

// Unsupported says that the stand-in does not know what a real server may well know.
func Unsupported(format string, args ...any) *Error {
	return Errorf(50000, 255, "mssqltest, a stand-in, does not know "+format, args...)
}
