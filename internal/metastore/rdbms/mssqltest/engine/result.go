package engine

import (
	"errors"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// Numbers of commands in DONE tokens.
const (
	CommandNone   = 0
	CommandSelect = 0xc1
	CommandInsert = 0xc3
	CommandDelete = 0xc4
	CommandUpdate = 0xc5
	CommandAbort  = 0xd2
	CommandBegin  = 0xd4
	CommandCommit = 0xd5
	CommandDefine = 0xc6
)

// Result is what one statement answers.
type Result struct {
	Columns  []ResultColumn // nil where no rows come
	Rows     [][]any
	Command  uint16
	Count    int64
	Counted  bool
	Failed   bool
	Messages []*sqltype.Error // class 10 and less are information
	Began    uint64           // the transaction that this began
	Ended    uint64           // the transaction that this ended
	Database string           // the database that this changed to
}

// ResultColumn describes a column of rows.
type ResultColumn struct {
	Name     string
	Type     sqltype.Type
	Nullable bool
	Computed bool
}

// Note is something that a server would do in silence. Kind is one of the Note constants.
type Note struct{ Kind, Column, Detail string }

// Kinds of notes.
const (
	NoteScan    = "scan"
	NoteLost    = "lost"
	NoteRounded = "rounded"
	NoteDropped = "offset dropped"
	NoteCut     = "cut"
	NoteFolded  = "folded"
)

func failed(err error) *Result {
	var e *sqltype.Error
	if !errors.As(err, &e) {
		e = sqltype.Errorf(50000, 1, "mssqltest: %v", err)
	}
	return &Result{Failed: true, Messages: []*sqltype.Error{e}}
}

// Variables are the variables of a batch, parameters among them.
type Variables struct {
	db    *Database
	names []string
	types []sqltype.Type
	value []any
}

// NewVariables makes an empty set.
func (d *Database) NewVariables() *Variables { return &Variables{db: d} }

func (v *Variables) find(name string) int {
	for i, known := range v.names {
		if v.db.same(known, name) {
			return i
		}
	}
	return -1
}

// Declare adds a variable, or error 134.
func (v *Variables) Declare(name string, t sqltype.Type, value any) error {
	if v.find(name) >= 0 {
		return sqltype.Syntaxf(134, 1, "The variable name '%s' has already been declared. Variable names must be unique "+
			"within a query batch or stored procedure.", name)
	}
	v.names, v.types, v.value = append(v.names, name), append(v.types, t), append(v.value, value)
	return nil
}

// Set assigns. What is too long is cut in silence.
func (v *Variables) Set(name string, value any) {
	if i := v.find(name); i >= 0 {
		v.value[i], _ = sqltype.Fit(value, v.types[i])
	}
}

// Get returns a variable's type and value.
func (v *Variables) Get(name string) (sqltype.Type, any, error) {
	if i := v.find(name); i >= 0 {
		return v.types[i], v.value[i], nil
	}
	return sqltype.Type{}, nil, sqltype.Syntaxf(137, 2, `Must declare the scalar variable "%s".`, strings.TrimSpace(name))
}
