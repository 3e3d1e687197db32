package main

// #include "border.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
)

func session(handle C.uintptr_t) (*envelope.Session, error) {
	if err := usable(); err != nil {
		return nil, err
	}
	return lookUp[*envelope.Session](sessionHandle, uint64(handle))
}

func callContext(flags C.uint32_t) context.Context {
	switch flags {
	case 0:
		return context.Background()
	case C.ASHERAH_ONLY_IF_CACHED:
		return envelope.OnlyCached
	case C.BORDER_NESTED:
		return envelope.Nested
	default:
		return envelope.NestedOnlyCached
	}
}

//export borderEncrypt
func borderEncrypt(handle, data C.uintptr_t, n C.size_t, out C.uintptr_t, capacity C.size_t, written *C.size_t, flags C.uint32_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, false)
	s, err := session(handle)
	if err != nil {
		return status(err)
	}
	if err := readable(s, int(n)); err != nil {
		return status(err)
	}
	size, err := s.Encrypt(callContext(flags), view(out, capacity), view(data, n))
	return finish(size, err, written)
}

// readable refuses n bytes of plaintext whose record would be too long for decryption.
func readable(s *envelope.Session, n int) error {
	if n > C.ASHERAH_MAX_INPUT/2 && s.EncryptedSize(n) > C.ASHERAH_MAX_INPUT {
		return envelope.Errorf(envelope.InvalidArgument, nil, "the record would be longer than ASHERAH_MAX_INPUT, and not be decrypted again")
	}
	return nil
}

//export borderDecrypt
func borderDecrypt(handle, record C.uintptr_t, n C.size_t, out C.uintptr_t, capacity C.size_t, work C.uintptr_t, workSize C.size_t, written *C.size_t, flags C.uint32_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, false)
	s, err := session(handle)
	if err != nil {
		return status(err)
	}
	size, err := s.Decrypt(callContext(flags), view(out, capacity), view(work, workSize), view(record, n))
	return finish(size, err, written)
}

// finish reports the size of a result, or the size needed.
func finish(size int, err error, written *C.size_t) C.int {
	if err == nil {
		*written = C.size_t(size)
		return C.ASHERAH_OK
	}
	if envelope.CodeOf(err) == envelope.BufferTooSmall {
		*written = C.size_t(size)
	}
	return status(err)
}

//export borderEncryptedSize
func borderEncryptedSize(handle C.uintptr_t, n C.size_t) C.size_t {
	host.HeadRoom()
	s, err := lookUp[*envelope.Session](sessionHandle, uint64(handle))
	if err != nil {
		return 0
	}
	return C.size_t(s.EncryptedSize(int(n)))
}

//export borderDecryptedSize
func borderDecryptedSize(record C.uintptr_t, n C.size_t) (size C.size_t) {
	host.HeadRoom()
	defer func() { _ = recover() }()
	return C.size_t(max(0, envelope.DecryptedSize(view(record, n))))
}

// borderBatch fills the results whose status is OK.
//
//export borderBatch
func borderBatch(handle C.uintptr_t, inputs *C.AsherahSlice, count C.size_t, results *C.AsherahResult, flags C.uint32_t, decrypting C.int) {
	host.HeadRoom()
	ctx := callContext(flags)
	s, err := session(handle)
	failed := false
	in, out := unsafe.Slice(inputs, int(count)), unsafe.Slice(results, int(count))
	for i := range out {
		r := &out[i]
		if r.status != C.ASHERAH_OK {
			failed = true
			continue
		}
		var itemErr error
		if itemErr = err; itemErr == nil {
			itemErr = batchItem(ctx, s, &in[i], r, decrypting != 0)
		}
		if itemErr == nil {
			continue
		}
		r.status = C.int32_t(numberOf(itemErr))
		if !failed { // the message is that of the first failure
			status(itemErr)
		}
		failed = true
	}
}

func batchItem(ctx context.Context, s *envelope.Session, in *C.AsherahSlice, r *C.AsherahResult, decrypting bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = recovered(p, false)
		}
	}()
	buffer := unsafe.Slice((*byte)(unsafe.Pointer(r.buffer.data)), int(r.buffer.capacity))
	// The address may be anything where the length is 0, so it is read as a number.
	input := view(*(*C.uintptr_t)(unsafe.Pointer(&in.data)), in.len)
	var n int
	if decrypting {
		n, err = s.Decrypt(ctx, buffer, nil, input)
	} else {
		if err = readable(s, len(input)); err == nil {
			n, err = s.Encrypt(ctx, buffer, input)
		}
	}
	r.buffer.len = C.size_t(n)
	return err
}
