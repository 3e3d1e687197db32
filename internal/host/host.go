// Package host keeps a Go shared library from disturbing the process that loads it: signal handlers, signal masks and
// stacks stay as the host has them. docs/host-safety.md says what the package does and why.
//
// Most of it is C code that runs while the library is loaded (host.c). Its C callers use host.h; every exported Go
// function calls HeadRoom first; goroutines that call back into the host call LockCallbackThread first.
//
// The build tags host_unsafe (no measures at all) and host_no_... (without one of them) are for tests that show what
// each measure is for.
package host

/*
#cgo CFLAGS: -std=c11 -O2 -Wall -Wextra
#cgo host_unsafe CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_MASK -DHOST_NO_DISARM -DHOST_NO_DISPATCH
#cgo host_unsafe CFLAGS: -DHOST_NO_FORK_FLAG -DHOST_NO_FIRST_CALL -DHOST_NO_RESCUE
#cgo host_no_mask CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_MASK
#cgo host_no_disarm CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_DISARM
#cgo host_no_dispatch CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_DISPATCH
#cgo host_no_fork_flag CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_FORK_FLAG
#cgo host_no_first_call CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_FIRST_CALL
#cgo host_no_headroom CFLAGS: -DHOST_COMPILED_OUT_ANY
#cgo host_no_rescue CFLAGS: -DHOST_COMPILED_OUT_ANY -DHOST_NO_RESCUE
#cgo host_no_table CFLAGS: -DHOST_NO_TABLE
#include "host.h"
*/
import "C"

import "runtime"

// hostFirstCall is what host_first_call calls with all signals blocked.
//
//export hostFirstCall
func hostFirstCall() { HeadRoom() }

// LockCallbackThread binds the calling goroutine to its thread and reserves stack for the host's signal handlers. A
// goroutine of the library that calls functions of the host does this first, and stays bound until it ends: a signal
// that the host aims at the thread while it runs host code may arrive just after it came back.
func LockCallbackThread() {
	runtime.LockOSThread()
	HeadRoom()
}
