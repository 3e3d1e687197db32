package mssqltest

import (
	"context"
	"errors"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tds"
)

// errCut ends a connection that a fault cuts.
var errCut = errors.New("cut by a fault")

// arrival is a message and the context that attention ends.
type arrival struct {
	message *tds.Message
	ctx     context.Context
}

// requests answers what the client asks, one by one. Another goroutine reads, so that attention is heard meanwhile.
func (c *conn) requests() {
	arrivals := make(chan arrival)
	all, end := context.WithCancel(context.Background())
	defer end()
	c.server.running.Go(func() { c.read(all, end, arrivals) })
	for a := range arrivals {
		if err := c.answer(a); err != nil {
			if errors.Is(err, errCut) {
				c.reset()
			}
			_ = c.raw.Close()
			end()
			for range arrivals {
				continue
			}
			return
		}
	}
}

func (c *conn) read(all context.Context, end context.CancelFunc, arrivals chan<- arrival) {
	defer close(arrivals)
	defer end()
	for {
		m, err := tds.ReadMessage(c.stream, c.server.options.MaxRequest)
		if err != nil || all.Err() != nil {
			return
		}
		ctx, attended := c.heard(all, m)
		if attended {
			continue
		}
		if ctx == nil {
			return
		}
		select {
		case arrivals <- arrival{m, ctx}:
		case <-all.Done():
			return
		}
	}
}

// heard ends the request that runs, if the message is attention to it; else it returns the new request's context, nil
// where a client sends a request before the last one is answered.
func (c *conn) heard(all context.Context, m *tds.Message) (ctx context.Context, attended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.Type == tds.PacketAttention && c.cancel != nil {
		c.attended = true
		c.cancel()
		return nil, true
	}
	if c.cancel != nil {
		return nil, false
	}
	ctx, c.cancel = context.WithCancel(all)
	return ctx, false
}

// settle says that a request is over, and whether attention to it came. What comes from now on has an answer of its
// own.
func (c *conn) settle() (attended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	attended = c.attended
	c.cancel()
	c.cancel, c.attended = nil, false
	return attended
}

// finish ends the answer to a request: with its last DONE, or with the confirmation of attention.
func (c *conn) finish(r *Request, scope tds.Scope, status, command uint16, count int64) error {
	attended := c.settle()
	if attended {
		scope, status, command, count = tds.Batch, tds.DoneAttention, 0, 0
	}
	c.writer.Done(scope, status, command, count)
	err := c.writer.Finish()
	if r != nil {
		c.server.amend(func() { r.Done, r.Cancelled = err == nil, attended })
	}
	return err
}

func (c *conn) answer(a arrival) error {
	m := a.message
	switch {
	case m.Type == tds.PacketAttention: // to a request that was answered
		return c.finish(nil, tds.Batch, tds.DoneAttention, 0, 0)
	case m.Ignored:
		if c.settle() {
			return errors.New("attention to a request that was given up")
		}
		return nil
	}
	if m.Reset {
		ended := c.session.Transaction()
		c.session.Reset()
		c.writer.ResetDone()
		if ended != 0 {
			c.writer.RolledBack(ended)
		}
	}
	switch m.Type {
	case tds.PacketBatch:
		return c.batch(a)
	case tds.PacketRPC:
		return c.rpc(a)
	case tds.PacketTransaction:
		return c.transaction(a)
	}
	return errors.New("a message that is not known here")
}

func (c *conn) batch(a arrival) error {
	text, transaction, err := tds.ParseBatch(a.message.Body)
	if err != nil {
		return err
	}
	r := &Request{Connection: c.number, Statement: text, Reset: a.message.Reset}
	c.server.record(r)
	reply := &reply{conn: c, request: r, scope: tds.Batch, ctx: a.ctx}
	reply.run(transaction, func() ([]*engine.Result, error) {
		return c.session.Execute(a.ctx, text, c.server.db.NewVariables())
	})
	return reply.end(true)
}

// checkTransaction refuses requests that do not name the session's transaction. With a reset they may name the last
// one.
func (c *conn) checkTransaction(named uint64, reset bool) error {
	if own := c.session.Transaction(); own != named && !reset {
		return sqltype.Errorf(3989, 1, "New request is not allowed to start because it should come with valid transaction "+
			"descriptor.")
	}
	return nil
}

func (c *conn) transaction(a arrival) error {
	q, err := tds.ParseTransaction(a.message.Body)
	if err != nil {
		return err
	}
	before := c.session.Transaction()
	switch q.Kind {
	case tds.TransactionBegin:
		c.session.Begin()
	case tds.TransactionCommit:
		err = c.session.Commit()
	case tds.TransactionRollback:
		c.session.Rollback()
	default:
		err = sqltype.Unsupported("the request %d to the transaction manager", q.Kind)
	}
	if err == nil && q.Begin {
		c.session.Begin()
	}
	w := c.writer
	var e *sqltype.Error
	if errors.As(err, &e) {
		w.Message(e, c.server.db.Server, "")
		return c.finish(nil, tds.Batch, tds.DoneError, 0, 0)
	}
	now := c.session.Transaction()
	switch {
	case before != 0 && now != before && q.Kind == tds.TransactionCommit:
		w.Committed(before)
	case before != 0 && now != before:
		w.RolledBack(before)
	}
	if now != 0 && now != before {
		w.Begun(now)
	}
	return c.finish(nil, tds.Batch, 0, 0, 0)
}
