// Package lasterror links the last error of a thread, which C code keeps and reads: lasterror.h.
package lasterror

// #cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra
// #include "lasterror.h"
import "C"
