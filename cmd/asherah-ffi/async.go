package main

/*
#include <stdlib.h>
#include "border.h"
*/
import "C"

import (
	"context"
	"time"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/seccache"
)

// async runs the asynchronous calls.
var async pool

// asyncCall is a task of the pool.
type asyncCall struct {
	session    *envelope.Session // its own reference
	input      C.AsherahBuffer   // owned
	output     C.AsherahBuffer   // the result
	err        error             // or the failure
	decrypting bool
	until      time.Time // zero: for ever
	handle     uint64    // 0: none

	callback, userData C.uintptr_t
	withStatus         bool // an AsherahResultFn, not an AsherahCompletionFn
}

//export borderAsync
func borderAsync(handle, data C.uintptr_t, n C.size_t, decrypting C.int, callback, userData C.uintptr_t, withStatus C.int, place *C.uintptr_t) (result C.int) {
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
	call := &asyncCall{
		session: own, decrypting: decrypting != 0,
		callback: callback, userData: userData, withStatus: withStatus != 0,
	}
	call.input.data = (*C.uint8_t)(pointer(data))
	call.input.len, call.input.capacity = n, n+1
	if limit := own.Timeout(); limit > 0 {
		call.until = time.Now().Add(limit)
	}
	if err := call.start(place); err != nil {
		own.Close()
		return status(err)
	}
	return C.ASHERAH_OK
}

// start hands the call to the pool, and puts its handle where place is, before the callback can come.
func (c *asyncCall) start(place *C.uintptr_t) error {
	j := &job{task: c}
	if place != nil {
		if c.handle = live.Add(callHandle, j); c.handle == 0 {
			return errTooMany
		}
		*place = C.uintptr_t(c.handle)
	}
	if async.add(j) {
		return nil
	}
	if place != nil {
		live.Remove(callHandle, c.handle)
		*place = 0
	}
	return envelope.Errorf(envelope.QueueFull, nil, "%d asynchronous calls are waiting already: try again later", maxWaiting)
}

//export borderCallCancel
func borderCallCancel(handle C.uintptr_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	j, err := lookUp[*job](callHandle, uint64(handle))
	if err == nil && !async.cancel(j) {
		err = errNoHandle(callHandle)
	}
	return status(err)
}

func (c *asyncCall) deadline() time.Time { return c.until }

func (c *asyncCall) try() (done bool) {
	c.err = c.compute(envelope.OnlyCached)
	return envelope.CodeOf(c.err) != envelope.WouldBlock
}

func (c *asyncCall) ask(ctx context.Context) {
	within, stop := ctx, context.CancelFunc(func() {})
	if !c.until.IsZero() {
		within, stop = context.WithDeadline(ctx, c.until)
	}
	defer stop()
	c.err = c.compute(within)
	if ctx.Err() != nil && waited(c.err) {
		c.err = errCallCancelled
	}
}

// waited says that a call failed while it waited for metastore or KMS.
func waited(err error) bool {
	switch envelope.CodeOf(err) {
	case envelope.MetastoreFailed, envelope.KMSFailed, envelope.TimedOut, envelope.HostCallback, envelope.Cancelled:
		return true
	}
	return false
}

var (
	errCallCancelled = envelope.Errorf(envelope.Cancelled, nil, "the call was cancelled")
	errCallExpired   = envelope.Errorf(envelope.TimedOut, nil, "the time limit passed while the call waited for others that ask the metastore or the KMS")
)

// finish calls back, when the call holds nothing any more but its result.
func (c *asyncCall) finish(why error) {
	switch why {
	case errCancelled:
		c.err = errCallCancelled
	case errExpired:
		c.err = errCallExpired
	}
	c.release()
	if c.err == nil {
		c.callBack(C.ASHERAH_OK, nil)
		freeBuffer(&c.output)
		return
	}
	message := cString(messageOf(c.err))
	c.callBack(numberOf(c.err), message)
	C.free(unsafe.Pointer(message))
}

func (c *asyncCall) release() {
	defer func() {
		if r := recover(); r != nil {
			c.err = recovered(r, true)
			freeBuffer(&c.output)
		}
	}()
	if c.handle != 0 {
		live.Remove(callHandle, c.handle)
	}
	freeBuffer(&c.input)
	c.session.Close()
}

func (c *asyncCall) callBack(status C.int, message *C.char) {
	if c.withStatus {
		C.border_call_result(*(*C.AsherahResultFn)(unsafe.Pointer(&c.callback)), c.userData, C.int32_t(status), c.output.data, c.output.len, message)
	} else {
		C.border_call_completion(*(*C.AsherahCompletionFn)(unsafe.Pointer(&c.callback)), c.userData, c.output.data, c.output.len, message)
	}
}

// compute fills output, in C memory, with the result.
func (c *asyncCall) compute(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = recovered(r, false)
		}
		if err != nil {
			freeBuffer(&c.output)
		}
	}()
	input := unsafe.Slice((*byte)(unsafe.Pointer(c.input.data)), int(c.input.len))
	capacity := c.session.EncryptedSize(len(input))
	if c.decrypting {
		capacity = max(0, envelope.DecryptedSize(input)) + seccache.Overhead
	}
	c.output.data = (*C.uint8_t)(C.border_alloc(C.size_t(capacity)))
	if c.output.data == nil {
		return envelope.Errorf(envelope.Internal, nil, "out of memory")
	}
	c.output.capacity = C.size_t(capacity)
	buffer := unsafe.Slice((*byte)(unsafe.Pointer(c.output.data)), capacity)
	var n int
	if c.decrypting {
		n, err = c.session.Decrypt(ctx, buffer, nil, input)
	} else {
		n, err = c.session.Encrypt(ctx, buffer, input)
	}
	c.output.len = C.size_t(n)
	return err
}

// freeBuffer frees a buffer whose struct is not in C memory.
func freeBuffer(b *C.AsherahBuffer) {
	C.border_free(unsafe.Pointer(b.data), b.capacity)
	*b = C.AsherahBuffer{}
}
