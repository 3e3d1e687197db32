package rdbms

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/libasherah/libasherah/internal/envelope"
)

// scripted is a database that ends the statements it is sent with the errors it was given, in order, and from then on
// answers as an empty table does.
type scripted struct {
	mu          sync.Mutex
	errors      []error
	row         []driver.Value // of every query; nil: there are none
	statements  int
	connections int
}

func (s *scripted) Connect(context.Context) (driver.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	return &scriptedConn{s}, nil
}

func (s *scripted) Driver() driver.Driver { return nil }

func (s *scripted) next() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statements++
	if len(s.errors) == 0 {
		return nil
	}
	err := s.errors[0]
	s.errors = s.errors[1:]
	return err
}

type scriptedConn struct{ s *scripted }

func (c *scriptedConn) Prepare(string) (driver.Stmt, error) { return &scriptedStmt{c.s}, nil }
func (c *scriptedConn) Close() error                        { return nil }
func (c *scriptedConn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }

type scriptedStmt struct{ s *scripted }

func (s *scriptedStmt) Close() error  { return nil }
func (s *scriptedStmt) NumInput() int { return -1 }

func (s *scriptedStmt) Exec([]driver.Value) (driver.Result, error) {
	return driver.RowsAffected(1), s.s.next()
}

func (s *scriptedStmt) Query([]driver.Value) (driver.Rows, error) {
	return &scriptedRows{s.s.row}, s.s.next()
}

type scriptedRows struct{ row []driver.Value }

func (*scriptedRows) Columns() []string { return []string{"id", "created", "key_record"} }
func (*scriptedRows) Close() error      { return nil }

func (r *scriptedRows) Next(dest []driver.Value) error {
	if r.row == nil {
		return io.EOF
	}
	copy(dest, r.row)
	r.row = nil
	return nil
}

// open makes a metastore on s whose table is known already.
func (s *scripted) open(t *testing.T, d *dialect, o Options) *Metastore {
	t.Helper()
	m := open(d, s, o)
	m.layout.Store(&layout{
		check:  func(string, int64, []byte) error { return nil },
		bindID: bindText, bindRecord: bindRecordText,
		bindCreated: func(created int64) (any, bool) { return created, true },
		readCreated: func(column any) (int64, error) { return column.(int64), nil },
	})
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func postgresError(code string) error {
	return &pgconn.PgError{Code: code, Message: "says " + secretWord}
}

func mysqlError(number uint16) error {
	return &mysql.MySQLError{Number: number, Message: "says " + secretWord}
}

// calls are the three, as functions of their error. A load of nothing that is an error is no absence.
func calls(t *testing.T, m *Metastore) map[string]func() error {
	return map[string]func() error{
		"Load": func() error {
			r, err := m.Load(t.Context(), "id", 60)
			return errors.Join(err, absentWith(err, r == nil))
		},
		"LoadLatest": func() error {
			r, err := m.LoadLatest(t.Context(), "id")
			return errors.Join(err, absentWith(err, r == nil))
		},
		"Store": func() error {
			stored, err := m.Store(t.Context(), "id", 60, &envelope.KeyRecord{Key: []byte{1}})
			return errors.Join(err, absentWith(err, stored == (err == nil)))
		},
	}
}

func absentWith(err error, right bool) error {
	if !right {
		return fmt.Errorf("a result that does not go with the error %w", err)
	}
	return nil
}

// isPlain is true for an error of this class whose message says want and repeats nothing of the driver's words.
func isPlain(err error, class envelope.Code, want string) bool {
	return envelope.CodeOf(err) == class && strings.Contains(err.Error(), want) &&
		!strings.Contains(err.Error(), secretWord)
}

// TestTransientErrors are tried again, of every call; with no time for that they are errors of the metastore.
func TestTransientErrors(t *testing.T) {
	lost := []error{
		io.ErrUnexpectedEOF, fmt.Errorf("read: %w", syscall.ECONNRESET), fmt.Errorf("dial: %w", syscall.ECONNREFUSED),
	}
	for _, test := range []struct {
		dialect *dialect
		errs    []error
	}{
		{postgresDialect, append([]error{
			postgresError("40001"), postgresError("40P01"), postgresError("53300"), postgresError("57P01"),
			postgresError("57P02"), postgresError("57P03"), postgresError("08006"), postgresError("08P01"),
			postgresError("25006"),
			&pgconn.PgError{Code: "0A000", Message: "cached plan must not change result type"},
		}, lost...)},
		{mysqlDialect, append([]error{
			mysqlError(1205), mysqlError(1213), mysqlError(1040), mysqlError(1053), mysqlError(1927), mysqlError(1290),
			mysqlError(1836),
			mysql.ErrInvalidConn,
		}, lost...)},
	} {
		for _, fault := range test.errs {
			s := &scripted{}
			patient := s.open(t, test.dialect, Options{})
			for name, call := range calls(t, patient) {
				s.errors, s.statements = []error{fault, fault, fault}, 0
				if err := call(); err != nil || s.statements != 4 {
					t.Errorf("%s: %s after %v three times: %v, %d statements; want 4", test.dialect.name, name, fault, err,
						s.statements)
				}
			}
			hasty := s.open(t, test.dialect, Options{RetryFor: -1})
			for name, call := range calls(t, hasty) {
				s.errors, s.statements = []error{fault}, 0
				err := call()
				if !isPlain(err, envelope.MetastoreFailed, "") || s.statements != 1 {
					t.Errorf("%s: %s after %v, once: %v, %d statements", test.dialect.name, name, fault, err, s.statements)
				}
			}
		}
	}
}

// TestWrongAnswers: a row that is not the one that was asked for is an error.
func TestWrongAnswers(t *testing.T) {
	for _, row := range [][]driver.Value{{"ID", int64(60)}, {"id ", int64(60)}, {"id", int64(120)}, {"id", int64(60)}} {
		s := &scripted{row: append(row, []byte(`{"Created":60,"Key":"AA=="}`))}
		got, err := s.open(t, postgresDialect, Options{}).Load(t.Context(), "id", 60)
		right := row[0] == "id" && row[1] == int64(60)
		if (got != nil) != right || !right && envelope.CodeOf(err) != envelope.MetastoreFailed {
			t.Errorf("asked for id, 60 and given %v: Load = %+v, %v", row, got, err)
		}
	}
}

// TestLastingErrors end a call at once, as errors that say what to do and repeat nothing of the driver's words.
func TestLastingErrors(t *testing.T) {
	for _, test := range []struct {
		dialect *dialect
		err     error
		want    string
	}{
		{postgresDialect, postgresError("28P01"), "the password"},
		{postgresDialect, postgresError("3D000"), "database does not exist"},
		{postgresDialect, postgresError("42501"), "grant SELECT and INSERT"},
		{postgresDialect, postgresError("42P01"), "table encryption_key is missing"},
		{postgresDialect, postgresError("53100"), "disk is full"},
		{postgresDialect, postgresError("57014"), "cancelled"},
		{postgresDialect, postgresError("0A000"), "code 0A000"},
		{postgresDialect, postgresError("XX000"), "code XX000"},
		{postgresDialect, errors.New(secretWord), "not of the table's form"},
		{mysqlDialect, mysqlError(1045), "the password"},
		{mysqlDialect, mysqlError(1049), "database does not exist"},
		{mysqlDialect, mysqlError(1046), "names no database"},
		{mysqlDialect, mysqlError(1142), "grant SELECT and INSERT"},
		{mysqlDialect, mysqlError(1146), "table encryption_key is missing"},
		{mysqlDialect, mysqlError(1193), "ReplicaReadConsistency"},
		{mysqlDialect, mysqlError(1021), "disk or memory"},
		{mysqlDialect, mysqlError(1461), "prepared statements"},
		{mysqlDialect, mysqlError(4025), "code 4025"},
		{mysqlDialect, mysql.ErrNoTLS, "no TLS"},
		{mysqlDialect, mysql.ErrCleartextPassword, "clear text"},
		{mysqlDialect, mysql.ErrNativePassword, "way of authentication"},
		{mysqlDialect, errors.New(secretWord), "not of the table's form"},
	} {
		s := &scripted{}
		m := s.open(t, test.dialect, Options{})
		for name, call := range calls(t, m) {
			s.errors, s.statements = []error{test.err}, 0
			err := call()
			if !isPlain(err, envelope.MetastoreFailed, test.want) || s.statements != 1 {
				t.Errorf("%s: %s after %v: %v, %d statements; want %s", test.dialect.name, name, test.err, err, s.statements,
					test.want)
			}
		}
	}
}

// TestRefusedRows: what the database says that it cannot hold is the caller's argument, tried once.
func TestRefusedRows(t *testing.T) {
	for _, test := range []struct {
		dialect *dialect
		err     error
	}{
		{postgresDialect, postgresError("22001")},
		{postgresDialect, postgresError("54000")},
		{postgresDialect, postgresError("22P05")},
		{postgresDialect, postgresError("22021")},
		{postgresDialect, postgresError("22008")},
		{mysqlDialect, mysqlError(1406)},
		{mysqlDialect, mysqlError(1366)},
		{mysqlDialect, mysqlError(1292)},
		{mysqlDialect, mysqlError(1153)},
		{mysqlDialect, mysql.ErrPktTooLarge},
	} {
		s := &scripted{errors: []error{test.err}}
		stored, err := s.open(t, test.dialect, Options{}).Store(t.Context(), "id", 60, &envelope.KeyRecord{})
		if stored || !isPlain(err, envelope.InvalidArgument, "") || s.statements != 1 {
			t.Errorf("%s: Store after %v = %v, %v, %d statements", test.dialect.name, test.err, stored, err, s.statements)
		}
	}
}

// TestDuplicates are known by the code alone.
func TestDuplicates(t *testing.T) {
	for _, test := range []struct {
		dialect   *dialect
		err       error
		duplicate bool
	}{
		{postgresDialect, postgresError("23505"), true},
		{postgresDialect, postgresError("23514"), false},
		{postgresDialect, errors.New("duplicate key value violates unique constraint"), false},
		{mysqlDialect, mysqlError(1062), true},
		{mysqlDialect, mysqlError(1452), false},
		{mysqlDialect, errors.New("Error 1062: Duplicate entry"), false},
	} {
		s := &scripted{errors: []error{test.err}}
		stored, err := s.open(t, test.dialect, Options{}).Store(t.Context(), "id", 60, &envelope.KeyRecord{})
		if stored || (err == nil) != test.duplicate {
			t.Errorf("%s: Store after %v = %v, %v", test.dialect.name, test.err, stored, err)
		}
	}
}

// TestRetriesEnd: with the time for them, with the context, and with the metastore.
func TestRetriesEnd(t *testing.T) {
	endless := make([]error, 1000)
	for i := range endless {
		endless[i] = postgresError("57P03")
	}
	s := &scripted{errors: endless}
	m := s.open(t, postgresDialect, Options{RetryFor: 50 * time.Millisecond})
	if _, err := m.LoadLatest(t.Context(), "id"); envelope.CodeOf(err) != envelope.MetastoreFailed || s.statements < 2 {
		t.Errorf("an error that stays: %v after %d statements", err, s.statements)
	}
	s = &scripted{errors: endless}
	m = s.open(t, postgresDialect, Options{RetryFor: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := m.LoadLatest(ctx, "id"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an error that stays longer than the context: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = m.Close() })
	if _, err := m.LoadLatest(t.Context(), "id"); !isPlain(err, envelope.MetastoreFailed, "closed") {
		t.Errorf("an error that stays longer than the metastore: %v", err)
	}
}

// TestLostConnections: where one connection is lost the idle ones are not tried one after another.
func TestLostConnections(t *testing.T) {
	for _, fault := range []error{io.ErrUnexpectedEOF, postgresError("25006")} {
		s := &scripted{}
		m := s.open(t, postgresDialect, Options{})
		held := make([]*sql.Conn, 8)
		for i := range held {
			var err error
			if held[i], err = m.db.Conn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, conn := range held {
			_ = conn.Close()
		}
		s.errors = []error{fault}
		if _, err := m.LoadLatest(t.Context(), "id"); err != nil {
			t.Fatal(err)
		}
		if s.connections != len(held)+1 || m.db.Stats().OpenConnections != 1 {
			t.Errorf("after %v: %d connections made, %d open; want %d and 1", fault, s.connections,
				m.db.Stats().OpenConnections, len(held)+1)
		}
	}
}

func TestPool(t *testing.T) {
	for _, test := range []struct {
		pool       Pool
		open, idle int // connections at a time, and left, of 30 calls at once
	}{
		{Pool{}, 20, 20},
		{Pool{MaxOpen: 3}, 3, 3},
		{Pool{MaxOpen: 25}, 25, 25},
		{Pool{MaxOpen: -1}, 30, 20},
		{Pool{MaxOpen: 9, MaxIdle: 2}, 9, 2},
		{Pool{MaxIdle: -1}, 20, 0},
		{Pool{MaxLifetime: 1}, 20, 0},
	} {
		s := &scripted{}
		m := s.open(t, postgresDialect, Options{Pool: test.pool})
		held := make([]*sql.Conn, 0, 30)
		for range cap(held) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			conn, err := m.db.Conn(ctx)
			cancel()
			if err != nil {
				break
			}
			held = append(held, conn)
		}
		for _, conn := range held {
			_ = conn.Close()
		}
		if idle := m.db.Stats().Idle; len(held) != test.open || idle != test.idle {
			t.Errorf("%+v: %d open, %d idle; want %d, %d", test.pool, len(held), idle, test.open, test.idle)
		}
	}
}

// TestLostConnectionsUnderLoad: closing idle connections takes none from a call that uses it.
func TestLostConnectionsUnderLoad(t *testing.T) {
	s := &scripted{}
	m := s.open(t, postgresDialect, Options{})
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			for i := range 1500 {
				if i%10 == 0 {
					s.mu.Lock()
					s.errors = append(s.errors, io.ErrUnexpectedEOF)
					s.mu.Unlock()
				}
				if _, err := m.LoadLatest(t.Context(), "id"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
}
