package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// Session is what a connection keeps between requests. One goroutine uses it at a time.
type Session struct {
	DB    *Database
	ID    int // @@SPID
	User  string
	Notes []Note // of the request; the server takes them

	noCountAtLogin bool
	options        options
	tranCount      int
	transaction    uint64 // 0: none
	hasTurn        bool
	undo           []func()
	rowCount       int64
	lastError      int64
	depth          int
}

type options struct {
	noCount     bool
	xactAbort   bool
	lockTimeout time.Duration // negative: none
}

// NewSession makes the session of a login.
func NewSession(db *Database, id int, user string, noCount bool) *Session {
	s := &Session{DB: db, ID: id, User: user, noCountAtLogin: noCount}
	s.Reset()
	return s
}

// Reset is what the end of a connection and RESETCONNECTION do: the transaction is rolled back, options are as new.
func (s *Session) Reset() {
	s.Rollback()
	s.options = options{noCount: s.noCountAtLogin, lockTimeout: -1}
	s.rowCount, s.lastError, s.Notes = 0, 0, nil
}

// Transaction is the number of the session's transaction, 0 for none.
func (s *Session) Transaction() uint64 { return s.transaction }

// Begin starts a transaction, or nests one.
func (s *Session) Begin() {
	s.tranCount++
	if s.tranCount == 1 {
		s.transaction = s.DB.transactions.Add(1)
	}
}

// Commit ends the innermost transaction, or error 3902.
func (s *Session) Commit() error {
	if s.tranCount == 0 {
		return sqltype.Errorf(3902, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.")
	}
	if s.tranCount--; s.tranCount == 0 {
		s.undo = nil
		s.end()
	}
	return nil
}

// Rollback undoes the transaction, if there is one.
func (s *Session) Rollback() {
	s.undoTo(0)
	s.tranCount = 0
	s.end()
}

func (s *Session) undoTo(mark int) {
	for _, f := range slices.Backward(s.undo[mark:]) {
		f()
	}
	s.undo = s.undo[:mark]
}

func (s *Session) end() {
	s.transaction = 0
	if s.hasTurn {
		s.hasTurn = false
		s.DB.give()
	}
}

// note adds what a server would keep silent about, once a request.
func (s *Session) note(kind, column, detail string) {
	n := Note{Kind: kind, Column: column, Detail: detail}
	if !slices.Contains(s.Notes, n) {
		s.Notes = append(s.Notes, n)
	}
}

// Execute runs a batch and returns the results of its statements, as far as it came. The error is the context's, or
// nil: those of the server are in the results.
func (s *Session) Execute(ctx context.Context, batch string, vars *Variables) ([]*Result, error) {
	statements, err := tsql.Parse(batch)
	if err != nil {
		return []*Result{failed(err)}, nil
	}
	x := &execution{session: s, ctx: ctx, vars: vars, batch: batch}
	for _, statement := range statements {
		if !x.run(statement) {
			break
		}
	}
	return x.results, ctx.Err()
}

// execution is a batch that runs.
type execution struct {
	session *Session
	ctx     context.Context
	vars    *Variables
	batch   string
	results []*Result
}

// run runs a statement and says whether the batch goes on.
func (x *execution) run(statement tsql.Statement) bool {
	switch st := statement.(type) {
	case *tsql.Block:
		return !slices.ContainsFunc(st.Statements, func(inner tsql.Statement) bool { return !x.run(inner) })
	case *tsql.If:
		return x.branch(st)
	case *tsql.Return:
		return false
	case *tsql.Execute:
		return x.call(st)
	case *tsql.WaitFor:
		return x.wait(st)
	case *tsql.Transaction: // without a turn: one that has only begun keeps nobody waiting
		r := &Result{}
		return x.finish(r, x.session.transact(st.Verb, r))
	case *tsql.SetOption:
		return x.finish(&Result{}, x.setOption(st))
	}
	r := &Result{}
	err := x.locked(func() error { return x.statement(statement, r) })
	return x.finish(r, err)
}

// locked runs f in its turn, which a transaction keeps.
func (x *execution) locked(f func() error) error {
	s := x.session
	if !s.hasTurn {
		if err := s.DB.take(x.ctx, s.options.lockTimeout); err != nil {
			return err
		}
		s.hasTurn = true
	}
	mark := len(s.undo)
	err := f()
	if err != nil {
		s.undoTo(mark)
	}
	if s.tranCount == 0 {
		s.undo = nil
		s.end()
	}
	return err
}

// finish records the result of a statement. Some errors end the statement alone, the others the batch.
func (x *execution) finish(r *Result, err error) bool {
	s := x.session
	if err != nil || r.Command != CommandNone || len(r.Messages) > 0 || r.Database != "" {
		x.results = append(x.results, r)
	}
	var e *sqltype.Error
	switch {
	case err == nil:
		s.rowCount, s.lastError = r.Count, 0
		if s.options.noCount {
			r.Counted = false
		}
		return true
	case errors.As(err, &e):
	default: // the context's
		return false
	}
	s.rowCount, s.lastError = 0, int64(e.Number)
	r.Columns, r.Rows, r.Counted, r.Failed = nil, nil, false, true
	r.Messages = append(r.Messages, e)
	if endsStatement[e.Number] {
		r.Messages = append(r.Messages, &sqltype.Error{Number: 3621, Message: "The statement has been terminated."})
		if !s.options.xactAbort {
			return true
		}
	}
	if s.options.xactAbort && s.tranCount > 0 {
		s.Rollback()
	}
	return false
}

// endsStatement has the errors after which the batch goes on.
var endsStatement = map[int32]bool{
	515: true, 517: true, 1946: true, 2601: true, 2627: true, 2628: true, 8115: true, 8152: true,
}

func (x *execution) branch(st *tsql.If) bool {
	var chosen bool
	err := x.locked(func() error {
		e, err := x.binder(nil).condition(st.Condition)
		if err != nil {
			return err
		}
		chosen, err = truth(e.eval(x.env()))
		return err
	})
	switch {
	case err != nil:
		return x.finish(&Result{}, err)
	case chosen:
		return x.run(st.Then)
	case st.Else != nil:
		return x.run(st.Else)
	}
	return true
}

func (x *execution) wait(st *tsql.WaitFor) bool {
	e, err := x.binder(nil).bind(st.Delay)
	if err != nil {
		return x.finish(&Result{}, err)
	}
	v, err := e.eval(x.env())
	text, _ := v.(string)
	clock, parseErr := time.Parse("15:04:05", strings.TrimSpace(text))
	if err != nil || parseErr != nil {
		return x.finish(&Result{}, sqltype.Errorf(148, 1, "Incorrect time syntax in time string '%s' used with WAITFOR.",
			text))
	}
	delay := time.NewTimer(clock.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
	defer delay.Stop()
	select {
	case <-delay.C:
		return true
	case <-x.ctx.Done():
		return false
	}
}
