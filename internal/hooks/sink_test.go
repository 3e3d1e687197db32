package hooks

import "testing"

// A hook that calls the library is told from the call that waits for it, also on the thread of a hook that was replaced.
func TestInSink(t *testing.T) {
	reset(t)
	if InSink() {
		t.Error("in a sink without a hook")
	}
	inside, leave := make(chan bool), make(chan struct{})
	SetLog(func(Level, string, string) {
		ClearLog()
		inside <- InSink()
		<-leave
	}, 0, Info, true)
	go Log(Info, "room", "x")
	if !<-inside {
		t.Error("not in a sink, in one")
	}
	if InSink() {
		t.Error("in a sink while another thread is")
	}
	close(leave)
	eventually(t, "no sink runs", func() bool { return sinks.synchronous.Load() == 0 })
	sinks.mu.Lock()
	defer sinks.mu.Unlock()
	if len(sinks.threads) != 0 {
		t.Errorf("threads are left: %v", sinks.threads)
	}
}
