package hostcall

import "sync/atomic"

var counts struct{ running, abandoned, timedOut atomic.Int64 }

// Stats counts the calls of functions of the host, of all tables of the process. Those of policies are not among them.
type Stats struct {
	Running   int64 // somebody waits for them
	Abandoned int64 // nobody waits for them any more, and they have not returned yet
	TimedOut  int64 // given up since the start for their time limit
}

// ReadStats returns the counts at this moment.
func ReadStats() Stats {
	return Stats{counts.running.Load(), counts.abandoned.Load(), counts.timedOut.Load()}
}
