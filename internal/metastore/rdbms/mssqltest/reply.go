package mssqltest

import (
	"context"
	"errors"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tds"
)

// fatalClass is the severity from which on an error ends the connection.
const fatalClass = 20

// reply is the answer to a batch or a call.
type reply struct {
	conn       *conn
	request    *Request
	scope      tds.Scope
	ctx        context.Context
	results    []*engine.Result
	fault      *Fault
	handle     int32 // of a statement prepared, 0 for none
	handleName string
}

// run executes, unless a fault is in the way.
func (y *reply) run(transaction uint64, execute func() ([]*engine.Result, error)) {
	c := y.conn
	y.fault = c.server.strike(y.request)
	if f := y.fault; f != nil && f.At == Before {
		if f.pause(y.ctx); f.Cut || y.ctx.Err() != nil {
			return
		}
		if f.Error != nil {
			y.fail(f.Error)
			return
		}
	}
	c.session.Notes = nil
	err := c.checkTransaction(transaction, y.request.Reset)
	if err == nil {
		y.results, err = execute()
	}
	var e *sqltype.Error
	if errors.As(err, &e) {
		y.results = append(y.results, &engine.Result{Failed: true, Messages: []*sqltype.Error{e}})
	}
	if f := y.fault; f != nil && f.At == After {
		if f.pause(y.ctx); f.Error != nil && y.ctx.Err() == nil {
			y.fail(f.Error)
		}
	}
}

// fail makes an error the whole answer. The victim of a deadlock loses its transaction.
func (y *reply) fail(e *Error) {
	y.results = []*engine.Result{{Failed: true, Messages: []*sqltype.Error{e}}}
	if e.Number == 1205 {
		if ended := y.conn.session.Transaction(); ended != 0 {
			y.conn.session.Rollback()
			y.results[0].Ended, y.results[0].Command = ended, engine.CommandAbort
		}
	}
}

// note puts into the log what came of the request.
func (y *reply) note() (first *sqltype.Error) {
	rows := 0
	for _, r := range y.results {
		rows += int(r.Count)
		for _, m := range r.Messages {
			if first == nil && m.Class > 10 {
				first = m
			}
		}
	}
	y.conn.server.amend(func() {
		y.request.Notes, y.request.Error, y.request.Rows = y.conn.session.Notes, first, rows
	})
	return first
}

// end writes the answer, or what a fault leaves of it. The error ends the connection.
func (y *reply) end(last bool) error {
	w := y.conn.writer
	first := y.note()
	cut := y.fault != nil && y.fault.Cut
	if cut && y.fault.At != MidRow {
		return errCut
	}
	if y.fault != nil && y.fault.At == MidRow && !y.hasRows() {
		w.Middle = y.middle
	}
	for i, r := range y.results {
		if y.ctx.Err() != nil {
			break
		}
		y.write(r)
		if y.scope != tds.Batch {
			w.Done(tds.InProcedure, y.status(r)|tds.DoneMore, r.Command, r.Count)
		} else if i < len(y.results)-1 {
			w.Done(tds.Batch, y.status(r)|tds.DoneMore, r.Command, r.Count)
		}
	}
	if err := y.finish(first, last); err != nil {
		return err
	}
	if first != nil && first.Class >= fatalClass {
		return errors.New("a fatal error")
	}
	return nil
}

// finish writes what comes behind the results, with the last DONE.
func (y *reply) finish(first *sqltype.Error, last bool) error {
	c, w := y.conn, y.conn.writer
	if y.scope == tds.Batch {
		final := &engine.Result{}
		if n := len(y.results); n > 0 {
			final = y.results[n-1]
		}
		return c.finish(y.request, tds.Batch, y.status(final), final.Command, final.Count)
	}
	status, number := uint16(0), int32(0)
	if first != nil {
		status, number = tds.DoneError, first.Number
	}
	if y.ctx.Err() == nil {
		w.ReturnStatus(number)
		if y.handle != 0 {
			w.ReturnInt(0, y.handleName, y.handle)
		}
	}
	if !last {
		w.Done(tds.Procedure, status|tds.DoneMore, 0, 0)
		return w.Err()
	}
	return c.finish(y.request, tds.Procedure, status, 0, 0)
}

func (y *reply) hasRows() bool {
	for _, r := range y.results {
		if len(r.Rows) > 0 {
			return true
		}
	}
	return false
}

// middle is what a fault does when half of a packet is sent.
func (y *reply) middle() error {
	y.fault.pause(y.ctx)
	if y.fault.Cut {
		return errCut
	}
	return nil
}

// status is a statement's in its DONE.
func (y *reply) status(r *engine.Result) (status uint16) {
	if r.Failed {
		status |= tds.DoneError
	}
	if r.Counted {
		status |= tds.DoneCount
	}
	if y.conn.session.Transaction() != 0 {
		status |= tds.DoneTransaction
	}
	return status
}

// write writes what a statement answers, but for its DONE.
func (y *reply) write(r *engine.Result) {
	c, w := y.conn, y.conn.writer
	for _, m := range r.Messages {
		w.Message(m, c.server.db.Server, "")
	}
	if r.Database != "" {
		w.Database(r.Database, r.Database)
		w.Message(&Error{Number: 5701, State: 1, Message: "Changed database context to '" + r.Database + "'."},
			c.server.db.Server, "")
	}
	switch {
	case r.Began != 0:
		w.Begun(r.Began)
	case r.Ended != 0 && r.Command == engine.CommandCommit:
		w.Committed(r.Ended)
	case r.Ended != 0:
		w.RolledBack(r.Ended)
	}
	if r.Columns != nil {
		y.rows(r)
	}
}

func (y *reply) rows(r *engine.Result) {
	c, w := y.conn, y.conn.writer
	columns := make([]tds.Column, len(r.Columns))
	for i, column := range r.Columns {
		columns[i] = tds.Column(column)
	}
	columns = w.Columns(columns, c.utf8)
	for i, row := range r.Rows {
		if y.ctx.Err() != nil {
			return
		}
		broken := y.fault != nil && y.fault.At == MidRow && i == len(r.Rows)-1
		if broken { // the row begins a packet, of which half is sent
			_ = w.Flush()
			w.Middle = y.middle
		}
		w.Row(columns, row, c.version != tds.Version73A)
		if broken {
			_ = w.Flush()
		}
	}
}
