package main

// #include "callbacks.h"
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

// replyOf calls a function of the host with an id and what follows it, and takes over what it answers. A result that is
// not longer than place is there, and is wiped with it.
func replyOf(id string, more, place []byte, function func(*C.struct_border_call)) hostcall.Reply {
	call := C.border_call_new(C.size_t(len(id) + len(more)))
	if call == nil {
		return hostcall.Reply{Status: C.ASHERAH_ERROR_INTERNAL, Message: []byte("out of memory")}
	}
	call.id_len = C.size_t(len(id))
	call.place, call.place_len = (*C.uint8_t)(unsafe.SliceData(place)), C.size_t(len(place))
	if text := unsafe.Slice((*byte)(C.border_call_text(call)), int(call.text_len)); len(text) > 0 {
		copy(text[copy(text, id):], more)
	}
	callHost(func() { function(call) })
	r := hostcall.Reply{Status: int32(call.status), Free: func() { C.border_call_free(call) }}
	if call.message != nil {
		r.Message = C.GoBytes(unsafe.Pointer(call.message), C.int(call.message_len))
	}
	if call.data != nil {
		r.Result = unsafe.Slice((*byte)(unsafe.Pointer(call.data)), int(call.len))
	}
	return r
}

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
	return replyOf(id, nil, nil, func(c *C.struct_border_call) {
		C.border_load(h.table, nestingOf(n), c, C.int64_t(created))
	})
}

func (h hostMetastore) LoadLatest(n hostcall.Nesting, id string) hostcall.Reply {
	return replyOf(id, nil, nil, func(c *C.struct_border_call) { C.border_load_latest(h.table, nestingOf(n), c) })
}

func (h hostMetastore) Store(n hostcall.Nesting, id string, created int64, record []byte) hostcall.Reply {
	return replyOf(id, record, nil, func(c *C.struct_border_call) {
		C.border_store(h.table, nestingOf(n), c, C.int64_t(created))
	})
}

func (h hostMetastore) KeySuffix(n hostcall.Nesting) hostcall.Reply {
	return replyOf("", nil, nil, func(c *C.struct_border_call) { C.border_key_suffix(h.table, nestingOf(n), c) })
}

// hostKMS is a table of a KMS. It is C's memory, which Release frees.
type hostKMS struct{ table *C.AsherahKmsCallbacks }

func (h hostKMS) Nesting() hostcall.Nesting { return currentNesting() }

func (h hostKMS) Release() { callHost(func() { C.border_release_kms(h.table) }) }

func (h hostKMS) EncryptKey(n hostcall.Nesting, key []byte, created int64, revoked bool) hostcall.Reply {
	return replyOf("", nil, nil, func(c *C.struct_border_call) {
		C.border_encrypt_key(h.table, nestingOf(n), c, (*C.uint8_t)(unsafe.SliceData(key)), C.size_t(len(key)),
			C.int64_t(created), truth(revoked))
	})
}

func (h hostKMS) DecryptKey(n hostcall.Nesting, blob []byte, created int64, revoked bool, key []byte) hostcall.Reply {
	return replyOf("", blob, key, func(c *C.struct_border_call) {
		C.border_decrypt_key(h.table, nestingOf(n), c, C.int64_t(created), truth(revoked))
	})
}
