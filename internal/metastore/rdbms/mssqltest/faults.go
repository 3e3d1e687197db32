package mssqltest

import "time"

// Always as Fault.Times: until it is removed.
const Always = -1

// Fault is what the server does wrong. The first one in the order of injection that matches a request strikes.
type Fault struct {
	On    func(*Request) bool // nil: every request with a statement
	Skip  int                 // requests that match and are let through first
	Times int                 // how often it strikes; 0: once

	At    Moment
	Error *Error          // is answered instead of the result; with it, At is Before or After
	Cut   bool            // the connection is reset, without an answer or after a part of it
	Delay time.Duration   // a pause at At, which attention and the end of the connection cut short
	Hold  <-chan struct{} // a pause at At until it is closed, cut short in the same way
}

// Moment is when a fault strikes.
type Moment int

const (
	Before Moment = iota // nothing of the statement is done
	After                // it is done and committed, and nothing of the answer sent
	MidRow               // it is done and a part of the answer sent, ending inside of a row if there is one
)

// Error is an error message of the server.
type Error struct {
	Number  int32
	State   uint8
	Class   uint8 // severity: 11 to 16 fail the statement, from 20 on the connection is closed
	Message string
}

func (e *Error) Error() string { return e.Message }

// Injection is a fault in force.
type Injection struct{}

// Strikes is how often the fault has struck.
func (i *Injection) Strikes() int { return 0 }

// Remove ends the fault.
func (i *Injection) Remove() {}
