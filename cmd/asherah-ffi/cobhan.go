package main

/*
#include "border.h"
#include "cobhan.h"
*/
import "C"

import (
	"encoding/json/jsontext"
	"math"
	"sync"
	"sync/atomic"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/host"
)

// cobhanService is what one SetupJson made. It is counted like a session: whoever leaves last ends it.
type cobhanService struct {
	factory  *envelope.Factory
	overhead int64        // of a record: its size without partition id and data
	users    atomic.Int64 // one until Shutdown, and the calls in flight
	ended    chan struct{}
}

// cobhan is the state behind the Cobhan functions, of which there is one for the process.
var cobhan struct {
	setup   sync.Mutex // held while SetupJson makes a factory
	current atomic.Pointer[cobhanService]
	last    atomic.Pointer[cobhanService] // current, or the one before it was shut down
}

// enterCobhan returns the service for the time of a call, nil if there is none.
func enterCobhan() *cobhanService {
	s := cobhan.current.Load()
	if s == nil {
		return nil
	}
	for {
		n := s.users.Load()
		if n == 0 {
			return nil // it was shut down in between
		}
		if s.users.CompareAndSwap(n, n+1) {
			return s
		}
	}
}

func (s *cobhanService) leave() {
	if s.users.Add(-1) == 0 {
		s.factory.Close()
		close(s.ended)
	}
}

// cobhanContain is deferred by every export: a panic stops here and becomes the code for it.
func cobhanContain(result *C.int32_t, shared bool) {
	if r := recover(); r != nil {
		status(recovered(r, shared))
		*result = C.ASHERAH_COBHAN_PANIC
	}
}

// cobhanCode records err as the thread's last error and returns the code of the Cobhan functions for it: otherwise,
// unless it has one of its own.
func cobhanCode(err error, otherwise C.int32_t) C.int32_t {
	if err == nil {
		return C.ASHERAH_COBHAN_OK
	}
	status(err)
	switch envelope.CodeOf(err) {
	case envelope.Internal:
		return C.ASHERAH_COBHAN_PANIC
	case envelope.BufferTooSmall:
		return C.ASHERAH_COBHAN_BUFFER_TOO_SMALL
	case envelope.InvalidArgument:
		if otherwise == C.ASHERAH_COBHAN_ENCRYPT_FAILED {
			return C.ASHERAH_COBHAN_BUFFER_TOO_LARGE // the plaintext: its record could not be decrypted
		}
	}
	return otherwise
}

//export borderCobhanSetup
func borderCobhanSetup(text C.uintptr_t, n C.size_t) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, true)
	if err := usable(); err != nil {
		return cobhanCode(err, C.ASHERAH_COBHAN_PANIC)
	}
	if hooks.InSink() {
		// A log hook called during SetupJson, perhaps by this very thread, must not wait for it.
		if !cobhan.setup.TryLock() {
			return alreadyInitialized()
		}
	} else {
		cobhan.setup.Lock()
	}
	defer cobhan.setup.Unlock()
	if cobhan.current.Load() != nil {
		return alreadyInitialized()
	}
	s, err := newCobhanService(view(text, n))
	if err != nil {
		// The caller sees a number.
		hooks.Log(hooks.Error, "cobhan", "SetupJson failed: %s", messageOf(err))
		if v := jsontext.Value(view(text, n)); v.Kind() != '{' || !v.IsValid() {
			return cobhanCode(err, C.ASHERAH_COBHAN_JSON_DECODE_FAILED)
		}
		return cobhanCode(err, C.ASHERAH_COBHAN_BAD_CONFIG)
	}
	cobhan.last.Store(s)
	cobhan.current.Store(s)
	return C.ASHERAH_COBHAN_OK
}

func alreadyInitialized() C.int32_t {
	return cobhanCode(envelope.Errorf(envelope.Configuration, nil, "SetupJson was called before: call Shutdown first"),
		C.ASHERAH_COBHAN_ALREADY_INITIALIZED)
}

func newCobhanService(text []byte) (*cobhanService, error) {
	c, err := config.ParseCobhan(text)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer environment.use()()
	f, err := c.NewFactory()
	if err != nil {
		return nil, err
	}
	const probe = "p"
	session, err := f.Session(probe)
	if err != nil {
		f.Close()
		return nil, err
	}
	defer session.Close()
	s := &cobhanService{factory: f, ended: make(chan struct{})}
	s.overhead = int64(session.EncryptedSize(0)) - sealedSize(0) - int64(len(probe))
	s.users.Store(1)
	return s, nil
}

// borderCobhanShutdown returns when the calls in flight have returned. Called by a hook that one of these may be waiting
// for it does not wait.
//
//export borderCobhanShutdown
func borderCobhanShutdown() {
	host.HeadRoom()
	var result C.int
	defer contain(&result, true)
	s := cobhan.current.Swap(nil)
	if s != nil {
		s.leave()
	} else if s = cobhan.last.Load(); s == nil {
		return
	}
	if !hooks.InSink() {
		<-s.ended
	}
}

//export borderCobhanSetEnv
func borderCobhanSetEnv(text C.uintptr_t, n C.size_t) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, true)
	err := setEnvironment(view(text, n))
	if envelope.CodeOf(err) == envelope.Configuration {
		return cobhanCode(err, C.ASHERAH_COBHAN_JSON_DECODE_FAILED)
	}
	return cobhanCode(err, C.ASHERAH_COBHAN_PANIC)
}

const (
	// cobhanHeader is what a buffer has before its bytes; an estimate has room for it too.
	cobhanHeader = 8
	// escapedByte is the most characters that JSON text has for a byte of an id: \u0000.
	escapedByte = 6
	// unknownOverhead stands for the overhead of records before SetupJson: with the longest names there can be.
	unknownOverhead = 256 + 3*1024*escapedByte
)

// sealedSize is the size of n bytes, sealed and in base64.
func sealedSize(n int64) int64 { return (n + 28 + 2) / 3 * 4 }

//export borderCobhanEstimate
func borderCobhanEstimate(dataLen, partitionLen C.int32_t) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, false)
	overhead := int64(unknownOverhead)
	if s := cobhan.current.Load(); s != nil {
		overhead = s.overhead
	}
	size := cobhanHeader + overhead + escapedByte*int64(partitionLen) + sealedSize(int64(dataLen))
	if size > math.MaxInt32 {
		return cobhanCode(envelope.Errorf(envelope.InvalidArgument, nil,
			"the record would not fit into a buffer of 2^31-1 bytes"), C.ASHERAH_COBHAN_BUFFER_TOO_LARGE)
	}
	return C.int32_t(size)
}
