package mssqltest

import (
	"slices"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
)

// maxLog bounds the requests that are kept: the last ones.
const maxLog = 1 << 16

// Request is what a client sent and what the server noticed about it.
type Request struct {
	Connection int    // counted from 1 in the order of arrival
	Procedure  string // "" for a batch; else sp_executesql, sp_prepexec, sp_execute, sp_prepare, sp_unprepare …
	Statement  string // the T-SQL; of sp_execute that of the prepared handle
	Declared   string // the declarations, as sent: "@p1 nvarchar(7),@p2 datetime2"
	Params     []Param
	Reset      bool // the client had the session made as new first
	Notes      []Note
	Error      *Error // the first one answered
	Rows       int    // rows answered or changed
	Done       bool   // the answer, if there was one, is sent
	Cancelled  bool   // by attention
}

// Param is a parameter of an RPC, without the handle, the statement and the declarations.
type Param struct {
	Name  string // with the @, "" if the client gives it by position
	Type  string // as on the wire: "nvarchar(7)", "varchar(max)", "datetime2(7)", "int"
	Value any    // nil, bool, int64, float64, string, []byte or time.Time (of datetimeoffset with its zone, else UTC)
}

// Note is something that a server would do in silence. Kind is one of the constants below.
type Note = engine.Note

const (
	// Scan: a query has a condition on a table with an index, and none of its indexes serves. Column is the one that had
	// to be converted, as VARCHAR is to be compared with NVARCHAR.
	Scan = engine.NoteScan
	// Lost: characters that a VARCHAR's code page does not have became others or '?'.
	Lost = engine.NoteLost
	// Rounded: a time was rounded to what the column's type can hold.
	Rounded = engine.NoteRounded
	// OffsetDropped: a time with a zone other than UTC was stored in a column without one.
	OffsetDropped = engine.NoteDropped
	// Cut: a parameter was longer than its declaration says and was shortened.
	Cut = engine.NoteCut
	// Folded: a column matched a text of other characters.
	Folded = engine.NoteFolded
)

// Login is a login that was tried.
type Login struct {
	Connection int
	User       string
	Database   string
	App        string
	Host       string
	Library    string
	Server     string // as the client calls it
	Encrypted  bool   // not only the login
	Strict     bool   // TDS 8.0
	ReadOnly   bool   // ApplicationIntent
	Version    uint32
	PacketSize int
	Error      *Error // with which it was refused
	Routed     bool
}

// Requests is what has arrived since the start or the last Forget, in the order of arrival; at most the last 65536.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Request, len(s.requests))
	for i, r := range s.requests {
		list[i] = *r
		list[i].Notes = slices.Clone(r.Notes)
	}
	return list
}

// Logins is which logins were tried since the start or the last Forget; at most the last 65536.
func (s *Server) Logins() []Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logins)
}

// Forget empties the lists of requests and logins.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.logins = nil, nil
}

func (s *Server) record(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	s.requests = s.requests[max(0, len(s.requests)-maxLog):]
}

// amend changes a request that is in the list.
func (s *Server) amend(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *Server) recordLogin(l Login) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = append(s.logins, l)
	s.logins = s.logins[max(0, len(s.logins)-maxLog):]
}
