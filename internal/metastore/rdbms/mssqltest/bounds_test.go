package mssqltest

import (
	"errors"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// TestLogIsBounded: the last requests and logins stay.
func TestLogIsBounded(t *testing.T) {
	s := &Server{}
	for i := range maxLog + 10 {
		s.record(&Request{Connection: i})
		s.recordLogin(Login{Connection: i})
	}
	requests, logins := s.Requests(), s.Logins()
	if len(requests) != maxLog || requests[0].Connection != 10 || len(logins) != maxLog || logins[0].Connection != 10 {
		t.Errorf("%d requests from %d on, %d logins", len(requests), requests[0].Connection, len(logins))
	}
}

func TestHandlesAreBounded(t *testing.T) {
	c := &conn{handles: map[int32]prepared{}}
	var err error
	n := 0
	for ; err == nil && n <= maxHandles; n++ {
		err = c.prepare(prepared{statement: "SELECT 1"}, "@handle", &reply{})
	}
	var e *sqltype.Error
	if !errors.As(err, &e) || e.Number != 8180 || len(c.handles) != maxHandles {
		t.Errorf("%v with %d handles", err, len(c.handles))
	}
}
