package mssqltest_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

func TestRestartKeepsTheTable(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	if err := insert(t, db, "a"); err != nil {
		t.Fatal(err)
	}
	port := s.Port()
	s.Stop()
	if err := insert(t, db, "b"); err == nil {
		t.Error("a stopped server takes rows")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := insert(t, db, "b"); err != nil || s.Port() != port || count(t, s) != 2 {
		t.Errorf("after the restart: %v, port %d, %d rows", err, s.Port(), count(t, s))
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	s.DropConnections()
	if err := insert(t, db, "c"); err != nil {
		t.Errorf("after all connections were dropped: %v", err)
	}
	if number(insert(t, db, "c")) != 2627 {
		t.Error("no duplicate")
	}
}

// TestOneOf32Wins: of those that insert the same key at once one does.
func TestOneOf32Wins(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	for round := range 5 {
		var won, lost atomic.Int32
		var done sync.WaitGroup
		for range 32 {
			done.Go(func() {
				switch err := insert(t, db, fmt.Sprint(round)); {
				case err == nil:
					won.Add(1)
				case number(err) == 2627:
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		done.Wait()
		if won.Load() != 1 || lost.Load() != 31 {
			t.Errorf("%d won, %d lost", won.Load(), lost.Load())
		}
	}
}

// TestTransactions: begin, commit and rollback as the driver asks for them; a session that is used again is as new.
func TestTransactions(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	db.SetMaxOpenConns(1)
	for _, commit := range []bool{false, true} {
		tx, err := db.BeginTx(limit(t), &sql.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(limit(t), "SET NOCOUNT ON; INSERT INTO encryption_key VALUES ('a', '2024-01-01', "+
			"'{}')"); err != nil {
			t.Fatal(err)
		}
		end := tx.Rollback
		if commit {
			end = tx.Commit
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if got := count(t, s) == 1; got != commit {
			t.Errorf("commit %v: the row is there: %v", commit, got)
		}
	}
	result, err := db.ExecContext(limit(t), "DELETE FROM encryption_key")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 || !last(t, s).Reset {
		t.Errorf("SET NOCOUNT outlived its session: %d, %v, %+v", n, err, last(t, s))
	}
}

// TestNoCount: with the server's option no count comes.
func TestNoCount(t *testing.T) {
	s := start(t, mssqltest.Options{NoCount: true})
	result, err := open(t, s).ExecContext(limit(t), "INSERT INTO encryption_key VALUES ('a', '2024-01-01', '{}')")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 0 || count(t, s) != 1 {
		t.Errorf("%d counted, %v, %d rows", n, err, count(t, s))
	}
}

// TestRequestsAreBounded: one that is longer than allowed ends the connection.
func TestRequestsAreBounded(t *testing.T) {
	s := start(t, mssqltest.Options{MaxRequest: 1 << 16})
	db := open(t, s)
	for _, n := range []int{10_000, 100_000} {
		var got string
		err := db.QueryRowContext(limit(t), "SELECT @p1", strings.Repeat("x", n)).Scan(&got)
		if fits := n < 1<<15; (err == nil) != fits {
			t.Errorf("%d characters: %v", n, err)
		}
	}
}

// TestGarbage: whatever comes first, the server goes on and keeps nothing.
func TestGarbage(t *testing.T) {
	s := start(t, mssqltest.Options{})
	db := open(t, s)
	if err := db.PingContext(limit(t)); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	prelogin := "\x12\x01\x00\x0f\x00\x00\x01\x00\x01\x00\x06\x00\x01\xff\x02"
	for i := range 200 {
		conn, err := net.Dial("tcp", net.JoinHostPort(s.Host(), fmt.Sprint(s.Port())))
		if err != nil {
			t.Fatal(err)
		}
		noise := make([]byte, random.IntN(2000))
		for n := range noise {
			noise[n] = byte(random.Uint32())
		}
		if i%2 == 0 {
			_, _ = conn.Write([]byte(prelogin))
		}
		_, _ = conn.Write(noise)
		_ = conn.Close()
	}
	if err := insert(t, db, "a"); err != nil {
		t.Errorf("beside garbage: %v", err)
	}
	before := runtime.NumGoroutine()
	s.Close()
	_ = db.Close()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() >= before && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after >= before {
		t.Errorf("%d goroutines before the end and %d after it", before, after)
	}
}

func TestBadSetup(t *testing.T) {
	for _, o := range []mssqltest.Options{{Setup: []string{"CREATE TABLE"}}, {Collation: "nonsense"}} {
		if s, err := mssqltest.New(o); err == nil {
			s.Close()
			t.Errorf("%+v is taken", o)
		}
	}
}
