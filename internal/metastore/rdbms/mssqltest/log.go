package mssqltest

// Request is what a client sent and what the server noticed about it.
type Request struct {
	Connection int    // counted from 1 in the order of arrival
	Procedure  string // "" for a batch; else sp_executesql, sp_prepexec, sp_execute …
	Statement  string // the T-SQL; of sp_execute that of the prepared handle
	Declared   string // the declarations, as sent: "@p1 nvarchar(7),@p2 datetime2"
	Params     []Param
	Notes      []Note
	Error      *Error // the first one answered
	Rows       int    // rows answered or changed
}

// Param is a parameter of an RPC, without the statement and the declarations.
type Param struct {
	Name  string // with the @
	Type  string // as on the wire: "nvarchar(7)", "varchar(max)", "datetime2(7)", "int"
	Value any    // nil, bool, int64, float64, string, []byte or time.Time (of datetimeoffset with its zone, else UTC)
}

// Note is something that a server would do in silence.
type Note struct {
	Kind   NoteKind
	Column string
	Detail string
}

// NoteKind is what a note is about.
type NoteKind string

const (
	// Scan: a comparison converted the column, so that every row is read: NVARCHAR against an index on VARCHAR.
	Scan NoteKind = "scan"
	// Lost: characters that the column's code page does not have became others or '?'.
	Lost NoteKind = "lost"
	// Rounded: a time was rounded to what the column's type can hold.
	Rounded NoteKind = "rounded"
	// OffsetDropped: a time with a zone other than UTC was stored in a column without one.
	OffsetDropped NoteKind = "offset dropped"
	// Cut: a parameter was longer than its declaration says and was shortened.
	Cut NoteKind = "cut"
	// Folded: a row matched by an id of other bytes.
	Folded NoteKind = "folded"
)
