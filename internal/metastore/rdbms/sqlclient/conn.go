package sqlclient

import (
	"context"
	"database/sql/driver"
	"io"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.StmtQueryContext   = (*stmt)(nil)
	_ driver.StmtExecContext    = (*stmt)(nil)
)

// attentionWait is how long a server has to confirm that it has stopped a statement whose context ended. The driver
// itself waits up to ten seconds.
const attentionWait = time.Second

// conn is the driver's connection, whose calls end soon after their contexts even if the server does not answer.
type conn struct {
	*mssql.Conn
	wire *wire
}

// IsValid is false for a connection that broke: after a deadline in the middle of an answer, the rest would be taken
// for the answer to the next statement.
func (c *conn) IsValid() bool { return c.wire.broken() == nil && c.Conn.IsValid() }

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &stmt{Stmt: s.(*mssql.Stmt), wire: c.wire}, nil
}

type stmt struct {
	*mssql.Stmt
	wire *wire
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	defer s.wire.during(ctx)()
	return s.Stmt.ExecContext(ctx, args)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	release := s.wire.during(ctx)
	r, err := s.Stmt.QueryContext(ctx, args)
	if err != nil {
		release()
		return nil, err
	}
	return &rows{Rows: r, ctx: ctx, release: release}, nil
}

// rows are the rows of one result; there is no second one.
type rows struct {
	driver.Rows
	ctx     context.Context
	release func()
	ended   bool
}

func (r *rows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	r.ended = err != nil
	return err
}

// Close reads what is left first. The driver would send an attention instead, unless the end of the answer happens to
// be there already: one more round trip, and an error behind the rows could be missed.
func (r *rows) Close() error {
	defer r.release()
	rest := make([]driver.Value, len(r.Columns()))
	var failed error
	for !r.ended && r.ctx.Err() == nil {
		if err := r.Next(rest); err != nil && err != io.EOF {
			failed = err
		}
	}
	if err := r.Rows.Close(); err != nil {
		return err
	}
	return failed
}
