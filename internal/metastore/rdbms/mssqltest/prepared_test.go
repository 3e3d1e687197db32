package mssqltest_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// TestHandles: a statement is prepared, run by its handle, replaced and given back.
func TestHandles(t *testing.T) {
	s := start(t, mssqltest.Options{})
	if err := insert(t, open(t, s), "a"); err != nil {
		t.Fatal(err)
	}
	conn, err := open(t, s).Conn(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var handle int64
	prepare := func(statement string) error {
		_, err := conn.ExecContext(limit(t), "sp_prepare", sql.Named("handle", sql.Out{Dest: &handle, In: handle != 0}),
			sql.Named("params", "@id NVARCHAR(20)"), sql.Named("stmt", statement), sql.Named("options", 1))
		return err
	}
	run := func(handle int64) (n int, err error) {
		err = conn.QueryRowContext(limit(t), "sp_execute", handle, "A").Scan(&n)
		return n, err
	}
	if err := prepare("SELECT COUNT(*) FROM encryption_key WHERE id = @id"); err != nil || handle == 0 {
		t.Fatalf("handle %d, %v", handle, err)
	}
	if n, err := run(handle); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if r := last(t, s); r.Procedure != "sp_execute" || !strings.HasPrefix(r.Statement, "SELECT") ||
		r.Params[0].Value != "A" {
		t.Errorf("arrived: %+v", r)
	}
	first := handle
	if err := prepare("SELECT 7"); err != nil || handle == first {
		t.Fatalf("handle %d, %v", handle, err)
	}
	if _, err := run(first); number(err) != 8179 {
		t.Errorf("a handle that was replaced: %v; want error 8179", err)
	}
	if n, err := run(handle); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := conn.ExecContext(limit(t), "sp_unprepare", handle); err != nil {
		t.Error(err)
	}
	if _, err := run(handle); number(err) != 8179 {
		t.Errorf("a handle that was given back: %v; want error 8179", err)
	}
	if err := prepare("SELECT 1 +"); number(err) != 102 {
		t.Errorf("%v; want error 102", err)
	}
	if _, err := conn.ExecContext(limit(t), "sp_nothing", 1); number(err) != 2812 {
		t.Errorf("%v; want error 2812", err)
	}
}
