package sqlclient

import (
	"context"
	"database/sql/driver"
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
	return &rows{Rows: r, release: release}, nil
}

// rows are the rows of one result; there is no second one.
type rows struct {
	driver.Rows
	release func()
}

func (r *rows) Close() error {
	defer r.release()
	return r.Rows.Close()
}
