package main

import (
	"errors"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestLookUp(t *testing.T) {
	session := &envelope.Session{}
	h := live.Add(sessionHandle, session)
	defer live.Remove(sessionHandle, h)
	if s, err := lookUp[*envelope.Session](sessionHandle, h); s != session || err != nil {
		t.Errorf("%p, %v", s, err)
	}
	var failure *envelope.Error
	if f, err := lookUp[*envelope.Factory](factoryHandle, h); f != nil || !errors.As(err, &failure) || failure.Code != envelope.ClosedHandle {
		t.Errorf("a session looked up as a factory: %p, %v", f, err)
	}
}
