package mssqltest

import (
	"context"
	"slices"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// Always as Fault.Times: until it is removed.
const Always = -1

// Fault is what the server does wrong. The first one in the order of injection that matches a request strikes.
type Fault struct {
	On    func(*Request) bool // nil: every request with a statement; not asked any more after the last strike
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

// Error is an error message of the server: number, state, class and text. One of the number 1205 rolls the transaction
// back, one of a class from 20 on closes the connection.
type Error = sqltype.Error

// Injection is a fault in force.
type Injection struct {
	server  *Server
	fault   Fault
	skipped int
	strikes int
}

// Inject puts a fault in force.
func (s *Server) Inject(f Fault) *Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := &Injection{server: s, fault: f}
	s.faults = append(s.faults, i)
	return i
}

// Strikes is how often the fault has struck.
func (i *Injection) Strikes() int {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	return i.strikes
}

// Remove ends the fault.
func (i *Injection) Remove() {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	i.server.faults = slices.DeleteFunc(i.server.faults, func(other *Injection) bool { return other == i })
}

// strike returns the fault that strikes a request, nil for none.
func (s *Server) strike(r *Request) *Fault {
	s.mu.Lock()
	faults := slices.DeleteFunc(slices.Clone(s.faults), (*Injection).spent)
	s.mu.Unlock()
	for _, i := range faults {
		seen := *r
		if i.fault.On != nil && !i.fault.On(&seen) { // without the lock: tests may ask the server
			continue
		}
		if s.struck(i) {
			return &i.fault
		}
	}
	return nil
}

func (s *Server) struck(i *Injection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case i.spent():
		return false
	case i.skipped < i.fault.Skip:
		i.skipped++
		return false
	}
	i.strikes++
	return true
}

func (i *Injection) spent() bool { return i.fault.Times >= 0 && i.strikes >= max(1, i.fault.Times) }

// pause waits as a fault says.
func (f *Fault) pause(ctx context.Context) {
	var over <-chan time.Time
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		over = timer.C
	}
	if f.Delay > 0 || f.Hold != nil {
		select {
		case <-over:
		case <-f.Hold:
		case <-ctx.Done():
		}
	}
}
