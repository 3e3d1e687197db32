package host

import (
	"os"
	"runtime/debug"
)

// CollectAt sets the growth of the Go heap, in percent of what is live, that starts a garbage collection, unless the
// host sets GOGC. A heap with little that is live grows to this percentage of 4 MiB.
func CollectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
