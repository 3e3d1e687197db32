//go:build !host_unsafe && !host_no_headroom

package host

import "github.com/libasherah/libasherah/internal/host/headroom"

// HeadRoom grows the calling goroutine's stack, once, so that a signal handler of the host that runs on it finds
// headroom.Size bytes. It comes first in every exported function and costs some nanoseconds.
func HeadRoom() { headroom.Reserve() }
