package seccache

import "sync/atomic"

var stats struct {
	liveSecrets, lockedBytes, unlockedBytes, lockFailures, damagedCanaries, heapCiphers, evictions atomic.Int64
	warned                                                                                         atomic.Bool
	refused                                                                                        atomic.Int64 // when it was last told, Unix nanoseconds
}

// Stats counts what this process's arenas and caches hold and have seen.
type Stats struct {
	LiveSecrets     int64 // slots in use
	LockedBytes     int64 // bytes of locked slabs
	UnlockedBytes   int64 // bytes of slabs that could not or should not be locked
	LockFailures    int64 // refusals of the operating system
	DamagedCanaries int64 // slots whose neighbourhood was overwritten
	HeapCiphers     int64 // ciphers in use that could not be moved to a slot, see NewAEAD
	Evictions       int64 // entries that caches dropped for their size or age
}

// ReadStats returns the counts at this moment.
func ReadStats() Stats {
	return Stats{
		LiveSecrets:     stats.liveSecrets.Load(),
		LockedBytes:     stats.lockedBytes.Load(),
		UnlockedBytes:   stats.unlockedBytes.Load(),
		LockFailures:    stats.lockFailures.Load(),
		DamagedCanaries: stats.damagedCanaries.Load(),
		HeapCiphers:     stats.heapCiphers.Load(),
		Evictions:       stats.evictions.Load(),
	}
}
