package host

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// In a Go program the constructors must leave everything to the runtime.
func TestInertInAProgram(t *testing.T) {
	ok, reasons := State()
	if ok || len(reasons) != 1 {
		t.Fatalf("State() = %v, %q, want one reason", ok, reasons)
	}
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGUSR1)
	defer signal.Stop(received)
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	select {
	case <-received:
	case <-time.After(10 * time.Second):
		t.Fatal("SIGUSR1 was not delivered")
	}
	defer func() {
		if recover() == nil {
			t.Error("a nil dereference did not panic")
		}
	}()
	var p *int
	*p = 1
}

func TestTryRuntimeSeesShrinking(t *testing.T) {
	if _, shrinks := tryRuntime(); !shrinks {
		t.Error("a test binary is linked with shrinking stacks, which was not noticed")
	}
}

func TestLockCallbackThread(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		LockCallbackThread()
		first := syscall.Gettid()
		for range 100 {
			time.Sleep(10 * time.Microsecond)
			if now := syscall.Gettid(); now != first {
				t.Errorf("moved from thread %d to %d", first, now)
				return
			}
		}
	}()
	<-done
}
