package main

/*
#include <stdlib.h>
#include "border.h"
*/
import "C"

import (
	"context"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/seccache"
)

// maxWaiting bounds the asynchronous calls that wait for a worker.
const maxWaiting = 1024

// idleTime is how long a worker waits for work before it ends.
const idleTime = 10 * time.Second

type asyncCall struct {
	session    *envelope.Session // its own reference
	input      C.AsherahBuffer   // owned
	callback   C.uintptr_t
	userData   C.uintptr_t
	decrypting bool
}

var async struct {
	sync.Mutex
	queue   chan asyncCall
	workers int
}

func init() { async.queue = make(chan asyncCall, maxWaiting) }

//export borderAsync
func borderAsync(handle, data C.uintptr_t, n C.size_t, callback, userData C.uintptr_t, decrypting C.int) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	s, err := session(handle)
	if err != nil {
		return status(err)
	}
	own, err := s.Clone()
	if err != nil {
		return status(err)
	}
	if err := readable(own, int(n)); decrypting == 0 && err != nil {
		own.Close()
		return status(err)
	}
	call := asyncCall{session: own, callback: callback, userData: userData, decrypting: decrypting != 0}
	call.input.data = (*C.uint8_t)(pointer(data))
	call.input.len, call.input.capacity = n, n+1
	if !submit(call) {
		own.Close()
		return status(envelope.Errorf(envelope.QueueFull, nil, "%d asynchronous calls are waiting already: try again later", maxWaiting))
	}
	return C.ASHERAH_OK
}

func submit(call asyncCall) bool {
	async.Lock()
	defer async.Unlock()
	select {
	case async.queue <- call:
	default:
		return false
	}
	if async.workers < max(2, runtime.GOMAXPROCS(0)) {
		async.workers++
		go work()
	}
	return true
}

// work runs calls until there are none for a while. The thread is the goroutine's own and ends with it.
func work() {
	host.LockCallbackThread()
	idle := time.NewTimer(idleTime)
	defer idle.Stop()
	for {
		select {
		case call := <-async.queue:
			call.run()
			idle.Reset(idleTime)
		case <-idle.C:
			async.Lock()
			if len(async.queue) == 0 {
				async.workers--
				async.Unlock()
				return
			}
			async.Unlock()
			idle.Reset(idleTime)
		}
	}
}

func (c *asyncCall) run() {
	var output C.AsherahBuffer
	err := c.compute(&output)
	if err == nil {
		C.border_call_completion(completion(c.callback), c.userData, output.data, output.len, nil)
		C.asherah_buffer_free(&output)
		return
	}
	message := cString(messageOf(err))
	C.border_call_completion(completion(c.callback), c.userData, nil, 0, message)
	C.free(unsafe.Pointer(message))
}

// compute fills output, in C memory, with the result, and ends what the call holds.
func (c *asyncCall) compute(output *C.AsherahBuffer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = recovered(r, true)
		}
		if err != nil {
			C.asherah_buffer_free(output)
		}
	}()
	defer c.session.Close()
	defer C.asherah_buffer_free(&c.input)
	return c.fill(output)
}

func (c *asyncCall) fill(output *C.AsherahBuffer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = recovered(r, false)
		}
	}()
	input := unsafe.Slice((*byte)(unsafe.Pointer(c.input.data)), int(c.input.len))
	capacity := c.session.EncryptedSize(len(input))
	if c.decrypting {
		capacity = max(0, envelope.DecryptedSize(input)) + seccache.Overhead
	}
	output.data = (*C.uint8_t)(C.border_alloc(C.size_t(capacity)))
	if output.data == nil {
		return envelope.Errorf(envelope.Internal, nil, "out of memory")
	}
	output.capacity = C.size_t(capacity)
	buffer := unsafe.Slice((*byte)(unsafe.Pointer(output.data)), capacity)
	var n int
	if c.decrypting {
		n, err = c.session.Decrypt(context.Background(), buffer, nil, input)
	} else {
		n, err = c.session.Encrypt(context.Background(), buffer, input)
	}
	output.len = C.size_t(n)
	return err
}

func completion(callback C.uintptr_t) C.AsherahCompletionFn {
	return *(*C.AsherahCompletionFn)(unsafe.Pointer(&callback))
}
