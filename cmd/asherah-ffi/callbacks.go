package main

/*
#include <stdlib.h>
#include "callbacks.h"
*/
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/hostcall"
)

// callHost has call run a function of the host on the goroutine's thread. A goroutine of the library stays bound to its
// thread from then on, as host.LockCallbackThread says.
func callHost(call func()) {
	runtime.LockOSThread()
	if C.border_known_thread() != 0 {
		defer runtime.UnlockOSThread()
	}
	host.HeadRoom()
	call()
}

// currentNesting is that of the calling goroutine's thread.
func currentNesting() hostcall.Nesting {
	n := C.border_current_nesting()
	return hostcall.Nesting{Depth: int(n & C.BORDER_DEPTH), Timed: n&C.BORDER_TIMED != 0}
}

// nestingOf is a nesting as the C side keeps it.
func nestingOf(n hostcall.Nesting) C.uint32_t {
	c := C.uint32_t(n.Depth) | C.BORDER_NESTED
	if n.Timed {
		c |= C.BORDER_TIMED
	}
	return c
}

// replyOf calls a function of the host and takes over its answer. A result that is not longer than place is there, and
// is wiped with it.
func replyOf(place []byte, call func(*C.struct_border_answer)) hostcall.Reply {
	answer := new(C.struct_border_answer)
	callHost(func() { call(answer) })
	r := hostcall.Reply{Status: int32(answer.status)}
	if answer.message != nil {
		r.Message = C.GoBytes(unsafe.Pointer(answer.message), C.int(answer.message_len))
		C.free(unsafe.Pointer(answer.message))
	}
	if answer.data == nil {
		return r
	}
	r.Result = unsafe.Slice((*byte)(unsafe.Pointer(answer.data)), int(answer.len))
	if answer.data != start(place) {
		r.Free = func() { C.border_free_result(answer.data, answer.len) }
	}
	return r
}

// start is the address of bytes that C looks at during a call only.
func start(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(b)) }

func startOf(s string) *C.uint8_t { return (*C.uint8_t)(unsafe.StringData(s)) }

func truth(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}

// hostMetastore is a table of a metastore. It is C's memory, which Release frees.
type hostMetastore struct{ table *C.AsherahMetastoreCallbacks }

func (h hostMetastore) Nesting() hostcall.Nesting { return currentNesting() }

func (h hostMetastore) Release() { callHost(func() { C.border_release_metastore(h.table) }) }

func (h hostMetastore) Load(n hostcall.Nesting, id string, created int64) hostcall.Reply {
	return replyOf(nil, func(a *C.struct_border_answer) {
		C.border_load(h.table, nestingOf(n), startOf(id), C.size_t(len(id)), C.int64_t(created), a)
	})
}

func (h hostMetastore) LoadLatest(n hostcall.Nesting, id string) hostcall.Reply {
	return replyOf(nil, func(a *C.struct_border_answer) {
		C.border_load_latest(h.table, nestingOf(n), startOf(id), C.size_t(len(id)), a)
	})
}

func (h hostMetastore) Store(n hostcall.Nesting, id string, created int64, record []byte) hostcall.Reply {
	return replyOf(nil, func(a *C.struct_border_answer) {
		C.border_store(h.table, nestingOf(n), startOf(id), C.size_t(len(id)), C.int64_t(created), start(record),
			C.size_t(len(record)), a)
	})
}

func (h hostMetastore) KeySuffix(n hostcall.Nesting) hostcall.Reply {
	return replyOf(nil, func(a *C.struct_border_answer) { C.border_key_suffix(h.table, nestingOf(n), a) })
}

// hostKMS is a table of a KMS. It is C's memory, which Release frees.
type hostKMS struct{ table *C.AsherahKmsCallbacks }

func (h hostKMS) Nesting() hostcall.Nesting { return currentNesting() }

func (h hostKMS) Release() { callHost(func() { C.border_release_kms(h.table) }) }

func (h hostKMS) EncryptKey(n hostcall.Nesting, key []byte, created int64, revoked bool) hostcall.Reply {
	return replyOf(nil, func(a *C.struct_border_answer) {
		C.border_encrypt_key(h.table, nestingOf(n), start(key), C.size_t(len(key)), C.int64_t(created), truth(revoked), a)
	})
}

func (h hostKMS) DecryptKey(n hostcall.Nesting, blob []byte, created int64, revoked bool, key []byte) hostcall.Reply {
	return replyOf(key, func(a *C.struct_border_answer) {
		C.border_decrypt_key(h.table, nestingOf(n), start(blob), C.size_t(len(blob)), C.int64_t(created), truth(revoked),
			start(key), C.size_t(len(key)), a)
	})
}
