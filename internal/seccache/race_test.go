//go:build race

package seccache

// raceEnabled says that allocations cannot be counted, since the race detector makes its own.
const raceEnabled = true
