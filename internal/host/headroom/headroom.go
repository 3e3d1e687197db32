// Package headroom grows the calling goroutine's stack, so that a signal handler of the host finds room on it.
//
// It is apart from package host because a package that uses cgo cannot hold Go assembler.
package headroom

// Size is the room that Reserve guarantees, in bytes.
const Size = 262144

// Reserve makes sure that at least Size bytes of the goroutine's stack are free below the caller. The frame of the
// function is that large and its body is empty: the check in its prologue makes the runtime grow the stack, nothing is
// touched or zeroed. When the room is there already it costs a call and a comparison.
func Reserve()
