// Guest is a small shared library on internal/host. The tests of host safety load it into C and .NET programs.
package main

/*
#cgo CFLAGS: -std=c11 -O2 -Wall -Wextra -I${SRCDIR}/../../../internal/host
#include "guest.h"

static inline void call(uintptr_t fn, uintptr_t user_data) { ((GuestFn)fn)((void *)user_data); }
*/
import "C"

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/libasherah/libasherah/internal/host"
)

func main() {}

var sink atomic.Pointer[[]byte]

//export goNoop
func goNoop() { host.HeadRoom() }

//export goAlloc
func goAlloc(kib uint32) {
	host.HeadRoom()
	for range kib / 4 {
		piece := make([]byte, 4096)
		sink.Store(&piece)
	}
	runtime.GC()
}

//export goBlock
func goBlock(ms uint32) {
	host.HeadRoom()
	deadline := time.Now().Add(time.Duration(ms) * time.Millisecond)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for time.Now().Before(deadline) {
			runtime.GC()
		}
	}()
	<-done
}

//export goSpin
func goSpin(ms uint32) {
	host.HeadRoom()
	deadline := time.Now().Add(time.Duration(ms) * time.Millisecond)
	x := uint64(1)
	for time.Now().Before(deadline) {
		for range 10000 {
			x = x*6364136223846793005 + 1442695040888963407
		}
	}
	if x == 0 {
		sink.Store(nil)
	}
}

//export goCallback
func goCallback(fn, userData uintptr, count uint32) {
	host.HeadRoom()
	for range count {
		C.call(C.uintptr_t(fn), C.uintptr_t(userData))
	}
}

// callbackThreads is how many threads of the library call back at most; further requests wait.
const callbackThreads = 4

type request struct {
	fn, userData uintptr
	count        uint32
	done         chan struct{}
}

var (
	requests = make(chan request)
	started  sync.Once
)

func serve() {
	host.LockCallbackThread()
	for r := range requests {
		for range r.count {
			C.call(C.uintptr_t(r.fn), C.uintptr_t(r.userData))
		}
		close(r.done)
	}
}

//export goCallbackAsync
func goCallbackAsync(fn, userData uintptr, count uint32) {
	host.HeadRoom()
	started.Do(func() {
		for range callbackThreads {
			go serve()
		}
	})
	r := request{fn, userData, count, make(chan struct{})}
	requests <- r
	<-r.done
}

//export goFault
func goFault() (caught C.int) {
	host.HeadRoom()
	defer func() {
		if recover() != nil {
			caught = 1
		}
	}()
	var at *int
	*at = 1
	return 0
}

//export goState
func goState(out unsafe.Pointer, capacity C.size_t) {
	host.HeadRoom()
	text := "ok"
	if ok, reasons := host.State(); !ok {
		text = "degraded: " + strings.Join(reasons, "; ")
	}
	to := unsafe.Slice((*byte)(out), int(capacity))
	to[copy(to[:capacity-1], text)] = 0
}
