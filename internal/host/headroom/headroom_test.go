package headroom

import (
	"testing"
	"unsafe"
)

// address returns where the caller's frame is. A stack that grows moves.
//
//go:noinline
func address(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }

// use consumes n KiB of stack.
//
//go:noinline
func use(n int) byte {
	var page [1024]byte
	if n > 0 {
		page[n%1024] = use(n - 1)
	}
	return page[(n+1)%1024]
}

func TestReserveGrowsTheStackOnce(t *testing.T) {
	moves := make(chan [3]bool)
	go func() {
		var local byte
		fresh := address(&local)
		Reserve()
		grown := address(&local)
		Reserve()
		again := address(&local)
		use(Size / 1024 * 3 / 4)
		used := address(&local)
		moves <- [3]bool{fresh != grown, grown != again, again != used}
	}()
	got := <-moves
	if !got[0] {
		t.Error("the first Reserve did not grow the stack of a new goroutine")
	}
	if got[1] {
		t.Error("the second Reserve moved the stack")
	}
	if got[2] {
		t.Error("using three quarters of the room moved the stack")
	}
}

func BenchmarkReserve(b *testing.B) {
	for range b.N {
		Reserve()
	}
}
