package main

/*
#include <stdlib.h>
#include "callbacks.h"
*/
import "C"

import (
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/hostcall"
)

// hostEvents is a table of events.
type hostEvents struct {
	functions *C.AsherahEventCallbacks // C's memory, which Release frees
	table     *hostcall.Table
}

func (e *hostEvents) Nesting() hostcall.Nesting { return currentNesting() }

func (e *hostEvents) Release() { callHost(func() { C.border_release_events(e.functions) }) }

// tell calls the host. Texts are copied, so that the host never sees Go's memory.
func (e *hostEvents) tell(event envelope.Event) {
	if !e.table.Enter() {
		return
	}
	defer e.table.Leave()
	c := C.AsherahEvent{
		size:        C.sizeof_AsherahEvent,
		_type:       C.int32_t(event.Type),
		system_key:  truth(event.System),
		failed:      truth(event.Failed),
		absent:      truth(event.Absent),
		id_len:      C.size_t(len(event.ID)),
		created:     C.int64_t(event.Created),
		duration_ns: C.uint64_t(event.Duration),
		region_len:  C.size_t(len(event.Region)),
	}
	c.id, c.region = copied(event.ID), copied(event.Region)
	defer C.free(unsafe.Pointer(c.id))
	defer C.free(unsafe.Pointer(c.region))
	callHost(func() { C.border_tell(e.functions, &c) })
}

// copied is a copy of text in C's memory, to be freed; NULL for no text.
func copied(text string) *C.uint8_t {
	if text == "" {
		return nil
	}
	return (*C.uint8_t)(unsafe.Pointer(C.CString(text)))
}

//export borderFactoryObserve
func borderFactoryObserve(factory C.uintptr_t, functions *C.AsherahEventCallbacks) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	if err := usable(); err != nil {
		return status(err)
	}
	f, err := lookUp[*envelope.Factory](factoryHandle, uint64(factory))
	if err != nil {
		return status(err)
	}
	e := &hostEvents{functions: functions}
	e.table = hostcall.NewTable(e)
	if err := f.Watch(&envelope.Watcher{Tell: e.tell, End: e.table.Close}); err != nil {
		return status(err)
	}
	return C.ASHERAH_OK
}
