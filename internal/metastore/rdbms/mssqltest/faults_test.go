package mssqltest_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

func inserts(r *mssqltest.Request) bool { return strings.HasPrefix(r.Statement, "INSERT") }

func TestErrorsOnDemand(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	for _, want := range []int32{1205, 2627, 2601, 40613, 40501, 229} {
		i := s.Inject(mssqltest.Fault{On: inserts, Error: &mssqltest.Error{
			Number: want, State: 3, Class: 13,
			Message: "on demand",
		}})
		if err := insert(t, db, "a"); number(err) != want || count(t, s) != 0 {
			t.Errorf("%v, %d rows; want error %d", err, count(t, s), want)
		}
		if err := insert(t, db, "a"); err != nil || i.Strikes() != 1 {
			t.Errorf("the next one: %v after %d strikes", err, i.Strikes())
		}
		if _, err := s.Exec("DELETE FROM encryption_key"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSkipTimesRemove(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	busy := &mssqltest.Error{Number: 40501, Class: 16, Message: "busy"}
	i := s.Inject(mssqltest.Fault{On: inserts, Skip: 1, Times: 2, Error: busy})
	var got []int32
	for _, id := range []string{"a", "b", "c", "d"} {
		got = append(got, number(insert(t, db, id)))
	}
	if got[0] != 0 || got[1] != 40501 || got[2] != 40501 || got[3] != 0 || i.Strikes() != 2 {
		t.Errorf("errors: %v after %d strikes", got, i.Strikes())
	}
	always := s.Inject(mssqltest.Fault{Times: mssqltest.Always, Error: busy})
	for range 5 {
		if number(insert(t, db, "e")) != 40501 {
			t.Error("no error")
		}
	}
	always.Remove()
	if err := insert(t, db, "e"); err != nil || always.Strikes() != 5 {
		t.Errorf("removed: %v after %d strikes", err, always.Strikes())
	}
}

// TestCuts: the connection goes before, after and in the middle; what was done by then is done.
func TestCuts(t *testing.T) {
	for _, c := range []struct {
		at   mssqltest.Moment
		rows int64
	}{{mssqltest.Before, 0}, {mssqltest.After, 1}, {mssqltest.MidRow, 1}} {
		s := start(t, mssqltest.Options{})
		db := open(t, s, "disableretry=true")
		conn, err := db.Conn(limit(t))
		if err != nil {
			t.Fatal(err)
		}
		s.Inject(mssqltest.Fault{On: inserts, At: c.at, Cut: true})
		_, err = conn.ExecContext(limit(t), "INSERT INTO encryption_key VALUES ('a', '2024-01-01', '{}')")
		if err == nil || number(err) != 0 || count(t, s) != c.rows {
			t.Errorf("cut at %d: %v, %d rows", c.at, err, count(t, s))
		}
		_ = conn.Close()
		if last(t, s).Done {
			t.Errorf("cut at %d: the answer counts as sent", c.at)
		}
		if err := insert(t, db, "b"); err != nil {
			t.Errorf("the next one: %v", err)
		}
	}
}

// TestCutInRow: the client has begun to read rows when the connection goes.
func TestCutInRow(t *testing.T) {
	s := start(t, mssqltest.Options{})
	if _, err := s.Exec("INSERT INTO encryption_key VALUES ('a', '2024-01-01', REPLICATE('x', 3000)), ('b', " +
		"'2024-01-01', 'y')"); err != nil {
		t.Fatal(err)
	}
	s.Inject(mssqltest.Fault{At: mssqltest.MidRow, Cut: true, On: func(r *mssqltest.Request) bool {
		return strings.Contains(r.Statement, "FROM encryption_key")
	}})
	rows, err := open(t, s).QueryContext(limit(t), "SELECT id, key_record FROM encryption_key ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		n++
	}
	if n != 1 || rows.Err() == nil {
		t.Errorf("%d rows, then %v; want one and an error", n, rows.Err())
	}
}

// TestSlow: a context ends waiting, by attention, at every moment; the connection is told.
func TestSlow(t *testing.T) {
	for _, at := range []mssqltest.Moment{mssqltest.Before, mssqltest.After, mssqltest.MidRow} {
		s := start(t, mssqltest.Options{})
		if _, err := s.Exec("INSERT INTO encryption_key VALUES ('a', '2024-01-01', '{}')"); err != nil {
			t.Fatal(err)
		}
		db := open(t, s)
		if err := db.PingContext(limit(t)); err != nil {
			t.Fatal(err)
		}
		struck := make(chan struct{})
		never := make(chan struct{})
		s.Inject(mssqltest.Fault{At: at, Hold: never, On: func(r *mssqltest.Request) bool {
			if !strings.Contains(r.Statement, "key_record") {
				return false
			}
			close(struck)
			return true
		}})
		ctx, cancel := context.WithCancel(limit(t))
		go func() {
			<-struck
			time.Sleep(20 * time.Millisecond) // so that the reader waits for the rest
			cancel()
		}()
		var record string
		err := db.QueryRowContext(ctx, "SELECT key_record FROM encryption_key").Scan(&record)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("at %d: %v", at, err)
		}
		for deadline := time.Now().Add(10 * time.Second); !last(t, s).Done && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if r := last(t, s); !r.Cancelled {
			t.Errorf("at %d: the server did not hear of it: %+v", at, r)
		}
		if err := insert(t, db, "b"); err != nil {
			t.Errorf("at %d: the next one: %v", at, err)
		}
	}
}

func TestDelay(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	if err := db.PingContext(limit(t)); err != nil {
		t.Fatal(err)
	}
	const pause = 50 * time.Millisecond
	for _, at := range []mssqltest.Moment{mssqltest.Before, mssqltest.After, mssqltest.MidRow} {
		s.Inject(mssqltest.Fault{At: at, Delay: pause})
		begin := time.Now()
		var one int
		if err := db.QueryRowContext(limit(t), "SELECT 1").Scan(&one); err != nil || one != 1 || time.Since(begin) < pause {
			t.Errorf("at %d: %d, %v after %v", at, one, err, time.Since(begin))
		}
	}
}

// TestFatal: an error of class 20 ends the connection, and a deadlock the transaction.
func TestFatal(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	s.Inject(mssqltest.Fault{On: inserts, Error: &mssqltest.Error{Number: 596, Class: 21, Message: "killed"}})
	_ = insert(t, db, "a")
	for range 2 { // the driver may find out that the connection is gone by using it
		_ = insert(t, db, "a")
	}
	if r := last(t, s); r.Connection != 2 || count(t, s) != 1 {
		t.Errorf("connection %d and %d rows after a fatal error", r.Connection, count(t, s))
	}
	tx, err := db.BeginTx(limit(t), &sql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(limit(t), "DELETE FROM encryption_key"); err != nil {
		t.Fatal(err)
	}
	s.Inject(mssqltest.Fault{On: inserts, Error: &mssqltest.Error{
		Number: 1205, State: 13, Class: 13,
		Message: "deadlock",
	}})
	_, err = tx.ExecContext(limit(t), "INSERT INTO encryption_key VALUES ('c', '2024-01-01', '')")
	if number(err) != 1205 {
		t.Errorf("%v; want 1205", err)
	}
	// What the transaction deleted is back, and nothing is locked, before the client rolls back.
	rows, err := s.Exec("SET LOCK_TIMEOUT 2000; SELECT COUNT(*) FROM encryption_key")
	if err != nil || rows[0][0] != int64(1) {
		t.Errorf("after the deadlock: %v, %v", rows, err)
	}
	_ = tx.Rollback()
}
