package hooks

import "syscall"

// threadID identifies the thread, on which the caller has locked its goroutine.
func threadID() int { return syscall.Gettid() }
