package host

// #include "host.h"
import "C"

import (
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/libasherah/libasherah/internal/host/headroom"
)

// unblocked are the signals that Go's threads do not block: faults, those that cannot be blocked (9, 19), and the two
// that glibc keeps for itself (32, 33).
const unblocked uint64 = 1<<(7-1) | 1<<(8-1) | 1<<(9-1) | 1<<(11-1) | 1<<(19-1) | 1<<(32-1) | 1<<(33-1)

const sigurg = 23 // the Go runtime's signal for asynchronous preemption

// State tells whether every measure is in force. If not, reasons has a sentence for each that is not. The first call
// tries the runtime's behaviour out, at the cost of two garbage collections; the answer does not change later.
func State() (ok bool, reasons []string) {
	reasons = findState()
	return len(reasons) == 0, reasons
}

var findState = sync.OnceValue(func() []string {
	findings := C.host_findings()
	if findings&C.HOST_NOT_SHARED != 0 {
		return []string{"not built as a shared library: the measures for the host are off"}
	}
	var reasons []string
	if findings&C.HOST_COMPILED_OUT != 0 {
		reasons = append(reasons, "test build: measures for the host are compiled out")
	}
	if findings&C.HOST_TABLE_NOT_FOUND != 0 {
		reasons = append(reasons, "the Go runtime's signal table was not found: the host's signal handlers were "+
			"restored after the start instead of being left alone")
	}
	if findings&C.HOST_WRONG_ORDER != 0 {
		reasons = append(reasons, "the constructors ran in the wrong order: the host's signal handlers were changed")
	}
	blocked, shrinks := tryRuntime()
	switch missing := ^unblocked &^ blocked; missing {
	case 0:
	case 1 << (sigurg - 1):
		reasons = append(reasons, "asynchronous preemption is on "+blame("asyncpreemptoff"))
	default:
		reasons = append(reasons, fmt.Sprintf("the library's threads leave %d of the host's signals unblocked, "+
			"the first of them %d", bits.OnesCount64(missing), bits.TrailingZeros64(missing)+1))
	}
	if shrinks {
		reasons = append(reasons, "goroutine stacks shrink "+blame("gcshrinkstackoff"))
	}
	return reasons
})

// blame says how a runtime setting of the library came to be undone.
func blame(setting string) string {
	if strings.Contains(os.Getenv("GODEBUG"), setting+"=") {
		return fmt.Sprintf("(GODEBUG of the process sets %s)", setting)
	}
	return fmt.Sprintf("(the library was linked without -X runtime.godebugDefault=%s=1)", setting)
}

// tryRuntime returns the signals that a thread of the runtime blocks, and whether a collection moves a large stack that
// is hardly used.
func tryRuntime() (blocked uint64, shrinks bool) {
	var done sync.WaitGroup
	done.Go(func() {
		blocked = uint64(C.host_blocked_signals())
		headroom.Reserve()
		var local byte
		before := address(&local)
		// A stack that is in use at a bad moment is marked by the first collection and shrunk later.
		runtime.GC()
		runtime.GC()
		shrinks = address(&local) != before
	})
	done.Wait()
	return blocked, shrinks
}

//go:noinline
func address(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }
