package mssqltest

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tds"
)

// loginTime is how long a client may take to log in.
const loginTime = 30 * time.Second

// maxLoginMessage bounds what a client sends before it is logged in.
const maxLoginMessage = 1 << 17

// conn is a connection.
type conn struct {
	server    *Server
	raw       *net.TCPConn
	number    int
	stream    net.Conn // what messages are read from and written to: raw, or TLS over it
	writer    *tds.Writer
	strict    bool
	encrypted bool
	utf8      bool // the client knows UTF-8
	version   uint32
	loggedIn  bool // under the server's lock
	session   *engine.Session
	handles   map[int32]prepared
	lastID    int32

	mu       sync.Mutex // of what follows
	cancel   context.CancelFunc
	attended bool // attention came for the request that runs
}

// reset closes the connection so that the client sees it broken.
func (c *conn) reset() {
	_ = c.raw.SetLinger(0)
	_ = c.raw.Close()
}

func (c *conn) serve() {
	defer func() { _ = c.raw.Close() }()
	_ = c.raw.SetDeadline(time.Now().Add(loginTime))
	if err := c.handshake(); err != nil {
		return
	}
	if !c.login() {
		return
	}
	_ = c.raw.SetDeadline(time.Time{})
	defer c.session.Reset()
	c.requests()
}

// handshake agrees on encryption: by a pre-login and then TLS inside of its packets, or by TLS first.
func (c *conn) handshake() error {
	first := bufio.NewReader(c.raw)
	begin, err := first.Peek(1)
	if err != nil {
		return err
	}
	wrapped := &tds.Handshake{Conn: &buffered{TCPConn: c.raw, reader: first}}
	c.stream = wrapped.Conn
	c.strict = begin[0] == 0x16 // a TLS record
	if c.strict {
		if c.server.options.Encryption == NotSupported {
			return errors.New("TLS is not supported")
		}
		secure := tls.Server(c.stream, &tls.Config{
			Certificates: []tls.Certificate{c.server.cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"tds/8.0"},
		})
		if err := secure.Handshake(); err != nil {
			return err
		}
		c.stream, c.encrypted = secure, true
	}
	c.writer = tds.NewWriter(c.stream)
	m, err := tds.ReadMessage(c.stream, maxLoginMessage)
	if err != nil {
		return err
	}
	if m.Type != tds.PacketPrelogin {
		return errors.New("the client did not begin with a pre-login")
	}
	wish, err := tds.ParsePrelogin(m.Body)
	if err != nil {
		return err
	}
	answer, err := c.encryption(wish.Encryption)
	if err != nil {
		return err
	}
	if err := c.writer.Prelogin(answer, wish.FedAuth); err != nil || c.strict || answer == tds.EncryptNot {
		return err
	}
	secure := tls.Server(wrapped, &tls.Config{
		// TLS 1.3 does not fit into pre-login packets: its tickets come behind the handshake.
		Certificates: []tls.Certificate{c.server.cert}, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
	})
	if err := secure.Handshake(); err != nil {
		return err
	}
	wrapped.Plain()
	c.stream, c.encrypted = secure, answer != tds.EncryptOff
	return nil
}

// encryption is the answer to a client's wish.
func (c *conn) encryption(wish byte) (byte, error) {
	switch option := c.server.options.Encryption; {
	case c.strict:
		return tds.EncryptOn, nil
	case option == Strict:
		return 0, errors.New("TDS 8.0 begins with TLS")
	case option == NotSupported, option == Optional && wish == tds.EncryptNot:
		return tds.EncryptNot, nil
	case option == Optional && wish == tds.EncryptOff:
		return tds.EncryptOff, nil
	case wish == tds.EncryptOn || wish == tds.EncryptNeeded:
		return tds.EncryptOn, nil
	default:
		return tds.EncryptNeeded, nil
	}
}

// buffered is a connection of which a part was read ahead.
type buffered struct {
	*net.TCPConn
	reader *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }

// login answers LOGIN7 and returns true if the client is in.
func (c *conn) login() bool {
	m, err := tds.ReadMessage(c.stream, maxLoginMessage)
	if err != nil || m.Type != tds.PacketLogin {
		return false
	}
	l, err := tds.ParseLogin(m.Body)
	if err != nil {
		return false
	}
	if !c.encrypted { // only the login was
		c.stream = &buffered{TCPConn: c.raw, reader: bufio.NewReader(c.raw)}
	}
	c.writer.To(c.stream)
	entry := Login{
		Connection: c.number, User: l.User, Database: l.Database, App: l.App, Host: l.HostName, Library: l.Library,
		Server:    l.Server,
		Encrypted: c.encrypted, Strict: c.strict, ReadOnly: l.ReadOnly, Version: l.Version, PacketSize: l.PacketSize,
	}
	refusal := c.refusal(l)
	s := c.server
	s.mu.Lock()
	entry.Error, entry.Routed = refusal, refusal == nil && s.routeTo != ""
	s.mu.Unlock()
	s.recordLogin(entry)
	if refusal != nil {
		c.writer.Message(refusal, s.db.Server, "")
		if refusal.Number == 4060 {
			c.writer.Message(loginFailed(l.User), s.db.Server, "")
		}
		c.writer.Done(tds.Batch, tds.DoneError, 0, 0)
		_ = c.writer.Finish()
		return false
	}
	return c.welcome(l)
}

func loginFailed(user string) *Error {
	e := sqltype.Errorf(18456, 1, "Login failed for user '%s'.", user)
	e.Class = 14
	return e
}

// refusal is why a login is not accepted, or nil.
func (c *conn) refusal(l *tds.Login) *Error {
	s := c.server
	s.mu.Lock()
	refused := s.refusal
	s.mu.Unlock()
	switch {
	case refused != nil:
		return refused
	case l.Version < tds.Version73A && l.Version != tds.Version80 || l.Attach != "":
		return sqltype.Unsupported("TDS %x, or database files", l.Version)
	case l.Integrated:
		e := sqltype.Errorf(18452, 1, "Login failed. The login is from an untrusted domain and cannot be used with "+
			"Integrated authentication.")
		e.Class = 14
		return e
	case l.User != s.options.User || l.Password != s.options.Password:
		return loginFailed(l.User)
	case l.Database != "" && s.db.Collation.Key(l.Database) != s.db.Collation.Key(s.db.Name):
		e := sqltype.Errorf(4060, 1, `Cannot open database "%s" requested by the login. The login failed.`, l.Database)
		e.Class = 11
		return e
	}
	return nil
}

// welcome accepts a login, or sends the client on. Connections that are routed end here.
func (c *conn) welcome(l *tds.Login) bool {
	s, w := c.server, c.writer
	s.mu.Lock()
	routeTo, port, partner := s.routeTo, s.route.Port, s.partner
	s.mu.Unlock()
	size := min(max(l.PacketSize, 512), 16383)
	if l.PacketSize == 0 {
		size = tds.DefaultPacket
	}
	c.version = l.Version
	_, c.utf8 = l.Features[tds.FeatureUTF8]
	w.Database(s.db.Name, "master")
	w.Message(&Error{Number: 5701, State: 2, Message: "Changed database context to '" + s.db.Name + "'."}, s.db.Server, "")
	w.Collation(s.db.Collation)
	w.Language("us_english")
	w.Message(&Error{Number: 5703, State: 1, Message: "Changed language setting to us_english."}, s.db.Server, "")
	w.LoginAck(l.Version)
	w.PacketSize(size, tds.DefaultPacket)
	if partner != "" {
		w.Partner(partner)
	}
	if routeTo != "" {
		w.Route(routeTo, port)
	}
	if l.Features != nil {
		w.FeatureAck(c.utf8)
	}
	w.Done(tds.Batch, 0, 0, 0)
	s.amend(func() { c.loggedIn = true }) // before the client knows
	if w.Finish() != nil {
		return false
	}
	w.SetSize(size)
	c.session = engine.NewSession(s.db, 50+c.number, l.User, s.options.NoCount)
	c.handles = map[int32]prepared{}
	return true
}
