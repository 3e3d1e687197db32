// Command hessra-ffi is the shared library libhessra: build it with -buildmode=c-shared or c-archive, best by
// `make build`, which adds what the library needs from the linker. The contract is include/hessra.h.
//
// The public symbols are C functions (the .c files here): they check what can be checked without Go, own the thread's
// last error, and cross into Go once. The exports on the Go side look up the handle, convert, make one call into
// internal/hessra, and convert back.
package main

/*
#cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra -fvisibility=hidden
#cgo CFLAGS: -I${SRCDIR}/../../include -I${SRCDIR}/../../internal/host -I${SRCDIR}/../../internal/lasterror
#include <stdlib.h>

#include "border.h"
*/
import "C"

import (
	"errors"
	"unicode/utf8"
	"unsafe"

	"github.com/libasherah/libasherah/internal/handles"
	"github.com/libasherah/libasherah/internal/hessra"
	"github.com/libasherah/libasherah/internal/host"
	_ "github.com/libasherah/libasherah/internal/lasterror" // its C side
)

func main() {}

const version = C.HESSRA_VERSION

// Every backend of a PostgreSQL server has a heap of its own.
func init() { host.CollectAt(50) }

const (
	keyHandle    handles.Type = 1
	configHandle handles.Type = 2
	tokenHandle  handles.Type = 3
)

var handleNames = map[handles.Type]string{keyHandle: "key", configHandle: "configuration", tokenHandle: "token"}

// live has every handle that was given out and not freed.
var live = handles.New()

func lookUp[T any](kind handles.Type, handle C.uintptr_t) (T, error) {
	if object, found := live.Find(kind, uint64(handle)); found {
		return object.(T), nil
	}
	var none T
	return none, parameter("the " + handleNames[kind] + " handle is NULL, freed, or no " + handleNames[kind])
}

// give makes a handle for an object and stores it where C wants it.
func give(kind handles.Type, object any, out *C.uintptr_t) error {
	handle := live.Add(kind, object)
	if handle == 0 {
		return &hessra.Error{Code: hessra.Memory, Message: "there are too many handles"}
	}
	*out = C.uintptr_t(handle)
	return nil
}

// giveText makes a copy of a text that C owns.
func giveText(text string, out **C.char) error {
	// Not C.CString, which ends the process when memory is short.
	copied := (*C.char)(C.calloc(C.size_t(len(text)+1), 1))
	if copied == nil {
		return &hessra.Error{Code: hessra.Memory, Message: "memory is short"}
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(copied)), len(text)), text)
	*out = copied
	return nil
}

// made gives a handle for what make makes of a text of the caller's.
func made[T any](kind handles.Type, p C.uintptr_t, n C.size_t, wrong hessra.Code, what string,
	make func(string) (T, error), out *C.uintptr_t,
) C.HessraResult {
	return run(func() error {
		given, err := text(p, n, wrong, what)
		if err != nil {
			return err
		}
		object, err := make(given)
		if err != nil {
			return err
		}
		return give(kind, object, out)
	})
}

func parameter(message string) error {
	return &hessra.Error{Code: hessra.InvalidParameter, Message: message}
}

// run does a call and returns its result, with the words of a failure as the thread's last error. A panic stops here;
// what calls share is changed by nothing that can panic.
func run(work func() error) (result C.HessraResult) {
	host.HeadRoom()
	defer func() {
		if recover() != nil {
			result = record(hessra.Unknown, "internal error: the call was given up; please report it")
		}
	}()
	err := work()
	if err == nil {
		return C.HESSRA_SUCCESS
	}
	var e *hessra.Error
	if !errors.As(err, &e) {
		return record(hessra.Unknown, "internal error")
	}
	return record(e.Code, e.Error())
}

func record(code hessra.Code, message string) C.HessraResult {
	C.lasterror_set(C.int(code), (*C.char)(unsafe.Pointer(unsafe.StringData(message))), C.size_t(len(message)))
	return C.HessraResult(code)
}

// Addresses come from C as numbers: a small number in a Go pointer ends the process.

// text copies n bytes of the caller's memory. One that is too long, or no UTF-8, is answered with code.
func text(p C.uintptr_t, n C.size_t, code hessra.Code, what string) (string, error) {
	if n > C.BORDER_MAX_TEXT {
		return "", &hessra.Error{Code: code, Reason: reasonOf(code), Message: what + " is longer than 1 MiB"}
	}
	copied := C.GoStringN(*(**C.char)(unsafe.Pointer(&p)), C.int(n))
	if !utf8.ValidString(copied) {
		return "", &hessra.Error{Code: code, Reason: reasonOf(code), Message: what + " is not UTF-8"}
	}
	return copied, nil
}

func reasonOf(code hessra.Code) string {
	if code == hessra.InvalidToken {
		return "format"
	}
	return ""
}
