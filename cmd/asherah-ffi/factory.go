package main

// #include "border.h"
import "C"

import (
	"sync"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
)

var errTooMany = envelope.Errorf(envelope.InvalidArgument, nil, "too many handles are open")

func newFactory(c *config.Config) (handle uint64, err error) {
	f, err := c.NewFactory()
	if err != nil {
		return 0, err
	}
	if handle = live.Add(factoryHandle, f); handle == 0 {
		f.Close()
		return 0, errTooMany
	}
	return handle, nil
}

// handleResult records err, if there is one, and returns the handle. A panic makes it 0.
func handleResult(result *C.uintptr_t, make func() (uint64, error)) {
	var code C.int
	defer contain(&code, true)
	if err := usable(); err != nil {
		status(err)
		return
	}
	defer environment.use()()
	handle, err := make()
	if err != nil {
		status(err)
		return
	}
	*result = C.uintptr_t(handle)
}

//export borderFactoryNew
func borderFactoryNew(text C.uintptr_t, n C.size_t) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		c, err := config.ParseJSON(view(text, n))
		if err != nil {
			return 0, err
		}
		defer c.Close()
		return newFactory(c)
	})
	return result
}

// applied is the configuration that takes the place of the environment, if there is one.
var applied struct {
	sync.Mutex
	config *config.Config
}

//export borderApplyConfig
func borderApplyConfig(text C.uintptr_t, n C.size_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	if err := usable(); err != nil {
		return status(err)
	}
	var c *config.Config
	if text != 0 {
		var err error
		if c, err = config.ParseJSON(view(text, n)); err != nil {
			return status(err)
		}
	}
	applied.Lock()
	c, applied.config = applied.config, c
	applied.Unlock()
	if c != nil {
		c.Close()
	}
	return C.ASHERAH_OK
}

// appliedFactory makes a factory from the applied configuration, 0 if there is none. The lock is not held meanwhile: a
// metastore may be slow, and a log hook may apply another configuration.
func appliedFactory() (handle uint64, err error) {
	for {
		applied.Lock()
		c := applied.config
		applied.Unlock()
		if c == nil {
			return 0, nil
		}
		handle, err = newFactory(c)
		if envelope.CodeOf(err) != envelope.ClosedHandle {
			return handle, err
		}
		// It has been replaced in between.
	}
}

//export borderFactoryFromEnv
func borderFactoryFromEnv() (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		if handle, err := appliedFactory(); handle != 0 || err != nil {
			return handle, err
		}
		c, err := config.FromEnv(lookUpEnvironment)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		return newFactory(c)
	})
	return result
}

//export borderFactoryFree
func borderFactoryFree(handle C.uintptr_t) {
	host.HeadRoom()
	var result C.int
	defer contain(&result, true)
	if f, ok := live.Remove(factoryHandle, uint64(handle)).(*envelope.Factory); ok {
		f.Close()
	}
}

//export borderSessionNew
func borderSessionNew(factory, id C.uintptr_t, n C.size_t) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		f, err := lookUp[*envelope.Factory](factoryHandle, uint64(factory))
		if err != nil {
			return 0, err
		}
		s, err := f.Session(string(view(id, n)))
		if err != nil {
			return 0, err
		}
		handle := live.Add(sessionHandle, s)
		if handle == 0 {
			s.Close()
			return 0, errTooMany
		}
		return handle, nil
	})
	return result
}

//export borderSessionFree
func borderSessionFree(handle C.uintptr_t) {
	host.HeadRoom()
	var result C.int
	defer contain(&result, true)
	if s, ok := live.Remove(sessionHandle, uint64(handle)).(*envelope.Session); ok {
		s.Close()
	}
}
