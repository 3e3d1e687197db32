package rdbms

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// The pause between attempts after a transient error doubles from first to longest, and half of it is random.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

// errSlow ends an attempt that took longer than Options.QueryTimeout.
var errSlow = errors.New("the database did not answer in time")

// retry runs attempt until it ends with something else than a transient error, until the context ends or the metastore
// is closed, or until the time for attempts is over. It returns how many attempts there were.
func (m *Metastore) retry(ctx context.Context, attempt func(context.Context) error) (attempts int, err error) {
	deadline := time.Now().Add(m.retryFor)
	pause := firstPause
	for attempts = 1; ; attempts++ {
		err = m.once(ctx, attempt)
		if err == nil || !m.isTransient(err) || m.closed.Load() || !time.Now().Before(deadline) {
			return attempts, err
		}
		hooks.Log(hooks.Debug, "metastore", "%s: a statement is tried again after: %v", m.dialect.name, err)
		select {
		case <-ctx.Done():
			return attempts, ctx.Err()
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		pause = min(2*pause, longestPause)
		if m.dialect.readOnly(err) || isConnectionLost(err) {
			m.dropIdle(ctx)
		}
	}
}

// dropIdle closes the connections that wait in the pool: where one was lost the others are too, and after a failover
// they are to a server that takes no changes. (SetMaxIdleConns would do it as well, but closes, now and then,
// connections that are in use meanwhile.)
func (m *Metastore) dropIdle(ctx context.Context) {
	if !m.dropping.CompareAndSwap(false, true) {
		return
	}
	defer m.dropping.Store(false)
	ctx, cancel := context.WithTimeout(ctx, longestPause)
	defer cancel()
	var idle []*sql.Conn
	for range m.db.Stats().Idle {
		conn, err := m.db.Conn(ctx)
		if err != nil {
			break // there is none left, and no new one
		}
		idle = append(idle, conn)
	}
	for _, conn := range idle {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = conn.Close()
	}
}

// once runs attempt within the time for one statement.
func (m *Metastore) once(ctx context.Context, attempt func(context.Context) error) error {
	if m.timeout <= 0 {
		return attempt(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	err := attempt(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return errors.Join(errSlow, err)
	}
	return err
}

func (m *Metastore) isTransient(err error) bool {
	return errors.Is(err, errSlow) || isConnectionLost(err) || m.dialect.transient(err) ||
		m.dialect.readOnly(err)
}

// isConnectionLost is true where the way to the server failed: it was refused, cut, or not there. A name that does not
// exist does not pass by itself, nor does a certificate that is not trusted.
func isConnectionLost(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary || dns.IsTimeout
	}
	return isAny(err,
		driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT,
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN)
}

func isAny(err error, targets ...error) bool {
	return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
}

func isUntrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) ||
		errors.As(err, &invalid)
}

// connectionReason says in words for a caller why there is no connection, "" if err is about something else.
func connectionReason(err error) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, errSlow):
		return "the database did not answer in time"
	case isUntrusted(err):
		return "the server's certificate is not trusted, or is for another host name; check the certificate authority " +
			"and the name in the connection string"
	case errors.As(err, &dns):
		return "the server's name cannot be resolved"
	case isConnectionLost(err):
		return "there is no connection to the server, or it was lost"
	default:
		return ""
	}
}
