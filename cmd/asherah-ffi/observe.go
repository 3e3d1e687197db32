package main

/*
#include <stdlib.h>
#include "border.h"
*/
import "C"

import (
	"encoding/json"
	"time"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/handles"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/hostcall"
	"github.com/libasherah/libasherah/internal/seccache"
)

// maxQueue bounds the queue of a hook, in lines.
const maxQueue = 1 << 20

//export borderSetLogHook
func borderSetLogHook(callback, userData C.uintptr_t, capacity C.size_t, minimum C.int32_t, synchronous C.int) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	switch {
	case callback == 0:
		hooks.ClearLog()
	case minimum < C.ASHERAH_LOG_TRACE || minimum > C.ASHERAH_LOG_OFF:
		return status(envelope.Errorf(envelope.InvalidArgument, nil, "the log level %d is none of 0 to 5", minimum))
	case capacity > maxQueue:
		return status(envelope.Errorf(envelope.InvalidArgument, nil, "the queue capacity is more than %d", maxQueue))
	default:
		hooks.SetLog(func(level hooks.Level, target, message string) {
			t, m := cString(target), cString(message)
			defer C.free(unsafe.Pointer(t))
			defer C.free(unsafe.Pointer(m))
			C.border_call_log(*(*C.AsherahLogFn)(unsafe.Pointer(&callback)), userData, C.int32_t(level), t, m)
		}, int(capacity), hooks.Level(minimum), synchronous != 0)
	}
	return C.ASHERAH_OK
}

//export borderSetMetricsHook
func borderSetMetricsHook(callback, userData C.uintptr_t, capacity C.size_t, synchronous C.int) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	switch {
	case callback == 0:
		hooks.ClearMetrics()
	case capacity > maxQueue:
		return status(envelope.Errorf(envelope.InvalidArgument, nil, "the queue capacity is more than %d", maxQueue))
	default:
		hooks.SetMetrics(func(m hooks.MetricType, d time.Duration, name string) {
			n := cString(name)
			defer C.free(unsafe.Pointer(n))
			C.border_call_metrics(*(*C.AsherahMetricsFn)(unsafe.Pointer(&callback)), userData, C.int32_t(m), C.uint64_t(d), n)
		}, int(capacity), synchronous != 0)
	}
	return C.ASHERAH_OK
}

//export borderDropped
func borderDropped(metrics C.int) C.uint64_t {
	host.HeadRoom()
	if metrics != 0 {
		return C.uint64_t(hooks.MetricsDropped())
	}
	return C.uint64_t(hooks.LogDropped())
}

// statistics is the form of asherah_stats, described in include/asherah.h.
type statistics struct {
	Version         string `json:"version"`
	ABIVersion      int    `json:"abi_version"`
	LiveSecrets     int64  `json:"live_secrets"`
	LockedBytes     int64  `json:"locked_bytes"`
	UnlockedBytes   int64  `json:"unlocked_bytes"`
	LockFailures    int64  `json:"lock_failures"`
	DamagedCanaries int64  `json:"damaged_canaries"`
	HeapCiphers     int64  `json:"heap_ciphers"`
	Handles         struct {
		Factories  int64 `json:"factories"`
		Sessions   int64 `json:"sessions"`
		Metastores int64 `json:"metastores"`
		KMS        int64 `json:"kms"`
		Calls      int64 `json:"calls"`
		Secrets    int64 `json:"secrets"`
	} `json:"handles"`
	Async struct {
		Waiting int `json:"waiting"`
		Running int `json:"running"`
	} `json:"async"`
	Callbacks struct {
		Running   int64 `json:"running"`
		Abandoned int64 `json:"abandoned"`
		TimedOut  int64 `json:"timed_out"`
	} `json:"callbacks"`
	Caches struct {
		SystemKeys       int64 `json:"system_keys"`
		IntermediateKeys int64 `json:"intermediate_keys"`
		Sessions         int64 `json:"sessions"`
		Evictions        int64 `json:"evictions"`
	} `json:"caches"`
	Host struct {
		State   string   `json:"state"`
		Reasons []string `json:"reasons"`
	} `json:"host"`
	LogDropped     uint64 `json:"log_dropped"`
	MetricsDropped uint64 `json:"metrics_dropped"`
	Warnings       uint64 `json:"warnings"`
}

//export borderStats
func borderStats(out *C.AsherahBuffer) (result C.int) {
	host.HeadRoom()
	defer contain(&result, false)
	memory := seccache.ReadStats()
	s := statistics{
		Version: version, ABIVersion: abiVersion,
		LiveSecrets: memory.LiveSecrets, LockedBytes: memory.LockedBytes, UnlockedBytes: memory.UnlockedBytes,
		LockFailures: memory.LockFailures, DamagedCanaries: memory.DamagedCanaries, HeapCiphers: memory.HeapCiphers,
		LogDropped: hooks.LogDropped(), MetricsDropped: hooks.MetricsDropped(), Warnings: hooks.Warnings(),
	}
	for kind, count := range map[handles.Type]*int64{
		factoryHandle: &s.Handles.Factories, sessionHandle: &s.Handles.Sessions,
		metastoreHandle: &s.Handles.Metastores, kmsHandle: &s.Handles.KMS,
		callHandle: &s.Handles.Calls, secretHandle: &s.Handles.Secrets,
	} {
		*count = live.Live(kind)
	}
	s.Async.Waiting, s.Async.Running = async.counts()
	calls := hostcall.ReadStats()
	s.Callbacks.Running, s.Callbacks.Abandoned, s.Callbacks.TimedOut = calls.Running, calls.Abandoned, calls.TimedOut
	s.Caches.Evictions = memory.Evictions
	s.Caches.SystemKeys, s.Caches.IntermediateKeys, s.Caches.Sessions = envelope.CacheCounts()
	s.Host.State, s.Host.Reasons = "ok", []string{}
	if ok, reasons := host.State(); !ok {
		s.Host.State, s.Host.Reasons = "degraded", reasons
	}
	text, err := json.Marshal(s)
	if err != nil {
		return status(err)
	}
	return C.border_fill(out, unsafe.Pointer(unsafe.SliceData(text)), C.size_t(len(text)))
}
