package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/metastore/memory"
)

// dropLog keeps the lines of a test from being kept for the hook of another one.
func dropLog(t *testing.T) {
	hooks.SetLog(func(hooks.Level, string, string) {}, 0, hooks.Warn, true)
	t.Cleanup(hooks.ClearLog)
}

// Asynchronous calls compute on a goroutine of the library, where a panic would end the process.
func TestPanicInAnAsynchronousCall(t *testing.T) {
	dropLog(t)
	failing := true
	h := openSession(t, &failing)
	s, err := session(h)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		own, err := s.Clone()
		if err != nil {
			t.Fatal(err)
		}
		call := asyncCall{session: own}
		if !call.try() { // the factory is given up the second time
			call.ask(t.Context())
		}
		if envelope.CodeOf(call.err) != envelope.Internal || call.output.data != nil {
			t.Errorf("%v, an output at %p", call.err, call.output.data)
		}
		call.release()
		if _, err := own.Clone(); envelope.CodeOf(err) != envelope.ClosedHandle {
			t.Errorf("the call's session is still open: %v", err)
		}
	}
}

// unanswering does not answer until the call's context ends, and then with a failure of its own making.
type unanswering struct {
	envelope.Metastore
	failure error
}

func (u unanswering) LoadLatest(ctx context.Context, _ string) (*envelope.KeyRecord, error) {
	<-ctx.Done()
	return nil, u.failure
}

// However a store fails when its call is cancelled, the call was cancelled; with other failures it was not.
func TestFailuresOfCancelledCalls(t *testing.T) {
	dropLog(t)
	host := &envelope.Error{Code: envelope.HostCallback, Message: "of the host", Host: -5000}
	for _, c := range []struct {
		failure error
		want    envelope.Code
	}{
		{context.Canceled, envelope.Cancelled},
		{errors.New("connection closed"), envelope.Cancelled},
		{envelope.Errorf(envelope.MetastoreFailed, nil, "interrupted"), envelope.Cancelled},
		{envelope.Errorf(envelope.TimedOut, nil, "too late"), envelope.Cancelled},
		{envelope.Errorf(envelope.KMSFailed, nil, "no answer"), envelope.Cancelled},
		{host, envelope.Cancelled},
		{envelope.Errorf(envelope.MalformedRecord, nil, "no record"), envelope.MalformedRecord},
		{envelope.Errorf(envelope.LockedMemory, nil, "no room"), envelope.LockedMemory},
	} {
		h := openSessionOn(t, unanswering{memory.New(), c.failure})
		s, err := session(h)
		if err != nil {
			t.Fatal(err)
		}
		own, err := s.Clone()
		if err != nil {
			t.Fatal(err)
		}
		call := asyncCall{session: own}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		call.ask(ctx)
		call.release()
		if got := envelope.CodeOf(call.err); got != c.want {
			t.Errorf("%v: %d, %v", c.failure, got, call.err)
		}
		// Without a cancellation the failure is what it is.
		if own, err = s.Clone(); err != nil {
			t.Fatal(err)
		}
		call = asyncCall{session: own, until: time.Now().Add(time.Millisecond)}
		call.ask(t.Context())
		call.release()
		if got := envelope.CodeOf(call.err); got == envelope.Cancelled || got == envelope.OK {
			t.Errorf("%v, not cancelled: %d, %v", c.failure, got, call.err)
		}
	}
}
