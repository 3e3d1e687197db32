// Package hooks carries log lines and measurements of every room to the host, if it listens.
//
// There is one log hook and one metrics hook in a process. Asynchronous ones have a bounded queue and a goroutine that
// lives while the hook is set.
package hooks

// ThreadStart, if set, is called first on each goroutine that will call a sink, which is locked to its thread. It is
// set before the first hook is.
var ThreadStart func()
