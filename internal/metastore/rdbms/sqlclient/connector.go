package sqlclient

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
)

var _ driver.Connector = (*Connector)(nil)

// Connector opens connections as settings say. It is safe for concurrent use. Printing it shows nothing.
type Connector struct {
	servers []msdsn.Config // the server, and its failover partner if there is one
	last    atomic.Int32   // index of the server that answered last: it is tried first
	timeout time.Duration  // for one connection, login included; 0: only the context's
	dialer  dialer
}

// Connector reads the files that the settings name, and connects to nothing.
func (s *Settings) Connector() (*Connector, error) {
	timeout, _ := s.ConnectTimeout()
	c := &Connector{
		timeout: timeout,
		dialer:  dialer{parallel: s.flag(multiSubnetFailover), prefer: s.text(ipAddressPreference)},
	}
	at := []server{s.server}
	if s.partner != nil {
		at = append(at, *s.partner)
	}
	for _, a := range at {
		config, err := s.config(a)
		if err != nil {
			return nil, err
		}
		c.servers = append(c.servers, config)
	}
	return c, nil
}

// Format keeps the password out of logs.
func (c *Connector) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sqlclient.Connector(redacted)")
}

// Driver returns the driver beneath.
func (c *Connector) Driver() driver.Driver { return &mssql.Driver{} }

// Connect opens a connection within the time for connecting and the context's, including name resolution, handshake and
// login, in which the driver itself knows no context. With a failover partner, each of the two servers is tried.
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	limited := ctx
	if c.timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	var err error
	for i := range c.servers {
		at := (int(c.last.Load()) + i) % len(c.servers)
		var conn driver.Conn
		conn, err = c.try(limited, c.servers[at], len(c.servers)-i)
		if err == nil {
			c.last.Store(int32(at))
			return conn, nil
		}
		if limited.Err() != nil || isRefusal(err) {
			break
		}
	}
	if limited.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("connecting took longer than Connect Timeout: %w (%w)", os.ErrDeadlineExceeded, err)
	}
	return nil, err
}

// isRefusal is true where the partner would answer the same: the server does not let the login in. A mirror that is not
// the principal says that its database cannot be opened, and then that the login failed.
func isRefusal(err error) bool {
	var e mssql.Error
	if !errors.As(err, &e) || slices.ContainsFunc(e.All, func(e mssql.Error) bool { return e.Number == 4060 }) {
		return false
	}
	switch e.Number {
	case 18452, 18456, 18470, 18486, 18487, 18488: // login failed, disabled, locked, password expired, to be changed
		return true
	}
	return false
}

// try connects to one of left servers, in its share of the time.
func (c *Connector) try(ctx context.Context, config msdsn.Config, left int) (driver.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	config.ActivityID = make([]byte, 16)
	_, _ = rand.Read(config.ActivityID)         // never fails
	config.TLSConfig = config.TLSConfig.Clone() // the driver writes to it

	login := &login{dialer: c.dialer}
	connector := mssql.NewConnectorConfig(config)
	connector.Dialer = login
	stop := context.AfterFunc(ctx, login.abort)
	opened, err := connector.Connect(ctx)
	if !stop() && err == nil {
		// The time was over just now, and the connection may have been broken by it.
		_ = opened.Close()
		err = ctx.Err()
	}
	if err != nil {
		return nil, login.explain(err)
	}
	raw, ok := opened.(*mssql.Conn)
	if !ok {
		return nil, fmt.Errorf("the driver's connection is a %T", opened)
	}
	return &conn{Conn: raw, wire: login.wire}, nil
}
