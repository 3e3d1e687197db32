package main

import (
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/handles"
)

const (
	factoryHandle   handles.Type = 1
	sessionHandle   handles.Type = 2
	metastoreHandle handles.Type = 3
	kmsHandle       handles.Type = 4
	callHandle      handles.Type = 5
	secretHandle    handles.Type = 6
)

var handleNames = map[handles.Type]string{
	factoryHandle: "factory", sessionHandle: "session", metastoreHandle: "metastore", kmsHandle: "KMS",
	callHandle: "call", secretHandle: "secret",
}

// live has every handle that was given out and not freed.
var live = handles.New()

func lookUp[T any](kind handles.Type, handle uint64) (T, error) {
	if object, found := live.Find(kind, handle); found {
		return object.(T), nil
	}
	var none T
	return none, errNoHandle(kind)
}

func errNoHandle(kind handles.Type) error {
	return envelope.Errorf(envelope.ClosedHandle, nil, "the %s handle is NULL, freed, or no %s", handleNames[kind], handleNames[kind])
}
