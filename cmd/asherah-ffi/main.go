// Command asherah-ffi is the shared library: build it with -buildmode=c-shared, best by `make build`, which adds what
// the library needs from the linker. The contract is include/asherah.h.
//
// The public symbols are C functions (the .c files here): they check what can be checked without Go, own the
// thread's last error and all memory that goes to the caller, and cross into Go once. The exports on the Go side look
// up the handle, convert, make one call into internal/…, and convert back.
package main

/*
#cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra -fvisibility=hidden -I${SRCDIR}/../../include -I${SRCDIR}/../../internal/host -I${SRCDIR}/../../internal/lasterror
#include "border.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/host"
	_ "github.com/libasherah/libasherah/internal/lasterror" // its C side
)

func main() {}

// version and abiVersion are those of include/asherah.h; a test compares them.
const (
	version    = C.ASHERAH_VERSION
	abiVersion = C.ASHERAH_ABI_VERSION
)

func init() {
	hooks.ThreadStart = host.LockCallbackThread
	// What is live is a few MiB, so that with Go's own 100 a busy process collects hundreds of times a second: the
	// ciphers of record keys are garbage of 1280 bytes a call. With 250 the whole library stays below 40 MiB.
	host.CollectAt(250)
}

// broken is set by a panic that may have left state shared by all calls half-changed.
var broken atomic.Bool

// status records err as the thread's last error and returns its number.
func status(err error) C.int {
	if err == nil {
		return C.ASHERAH_OK
	}
	number, message := numberOf(err), messageOf(err)
	C.lasterror_set(number, unsafeString(message), C.size_t(len(message)))
	return number
}

// numberOf returns the status of a call that ended with err: that of a function of the host which failed, or ours.
func numberOf(err error) C.int {
	var e *envelope.Error
	if errors.As(err, &e) && e.Host != 0 {
		return C.int(e.Host)
	}
	return C.int(envelope.CodeOf(err))
}

// messageOf returns an error's words for the caller. Those of an error that is not ours may say anything.
func messageOf(err error) string {
	if _, ours := err.(*envelope.Error); !ours && envelope.CodeOf(err) == envelope.Internal {
		return "internal error"
	}
	return err.Error()
}

// contain is deferred by every export: a panic stops here and becomes the status internal. shared says that the panic
// may have come from the middle of a change to state that other calls use.
func contain(result *C.int, shared bool) {
	if r := recover(); r != nil {
		*result = status(recovered(r, shared))
	}
}

// recovered turns a panic into an error. Its words go to the log hook with the stack, not to the caller: they may quote
// data.
func recovered(r any, shared bool) error {
	if shared {
		broken.Store(true)
	}
	kind := fmt.Sprintf("%T", r)
	hooks.Log(hooks.Error, "border", "recovered from a panic of type %s\n%s", kind, debug.Stack())
	return envelope.Errorf(envelope.Internal, nil, "internal error: the call was given up; please report it with the log")
}

func usable() error {
	if broken.Load() {
		return envelope.Errorf(envelope.Internal, nil, "an earlier internal error left the library in an unknown state: restart the process")
	}
	return nil
}

// Addresses come from C as numbers: a host may give anything where the length is 0, and a small number in a Go pointer
// ends the process.

// pointer turns a number from C into a pointer.
func pointer(p C.uintptr_t) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// view is n bytes of the caller's memory, for the time of the call.
func view(p C.uintptr_t, n C.size_t) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(pointer(p)), int(n))
}

// cString copies a string to C memory, to be freed. A NUL inside, from a key id that has one, would hide the rest.
func cString(s string) *C.char { return C.CString(strings.ReplaceAll(s, "\x00", " ")) }

// unsafeString is a string's bytes, which C must not change and not keep. It is not NUL-terminated.
func unsafeString(s string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(s))) }
