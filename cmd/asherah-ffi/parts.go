package main

/*
#include "callbacks.h"
*/
import "C"

import (
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/handles"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/seccache"
)

// shared is a metastore or a KMS that has a handle of its own. It lives while it has users: its handle, calls on that,
// and factories.
type shared[Part, Client any] struct {
	part   Part
	client Client // for calls on the handle
	close  func()
	users  atomic.Int64

	// For one that is the host's: the same with a time limit for each of its calls (0: none) and memory for its keys, and
	// whether calls without limit are made on threads only that call the library.
	limited   func(limit time.Duration, memory *seccache.Arena) Part
	onCallers bool
}

// within returns the part as a factory uses it.
func (s *shared[Part, Client]) within(limit time.Duration, memory *seccache.Arena) Part {
	if s.limited == nil {
		return s.part
	}
	return s.limited(limit, memory)
}

// enter counts a user unless the last one has left.
func (s *shared[Part, Client]) enter() bool {
	for {
		n := s.users.Load()
		if n == 0 {
			return false
		}
		if s.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *shared[Part, Client]) leave() {
	if s.users.Add(-1) == 0 {
		s.close()
	}
}

type (
	sharedMetastore = shared[envelope.Metastore, *envelope.MetastoreClient]
	sharedKMS       = shared[envelope.KMS, *envelope.KMSClient]
)

// share makes a handle for a part.
func share[Part, Client any](kind handles.Type, s *shared[Part, Client]) (uint64, error) {
	s.users.Store(1)
	if handle := live.Add(kind, s); handle != 0 {
		return handle, nil
	}
	return 0, errTooMany
}

// use returns what a handle of a part stands for, with its caller counted as a user.
func use[S interface{ enter() bool }](kind handles.Type, handle C.uintptr_t) (S, error) {
	s, err := lookUp[S](kind, uint64(handle))
	if err == nil && !s.enter() {
		err = errNoHandle(kind)
	}
	return s, err
}

// unshare ends the handle of a part.
func unshare[S interface{ leave() }](kind handles.Type, handle C.uintptr_t) {
	var result C.int
	defer contain(&result, true)
	if s, ok := live.Remove(kind, uint64(handle)).(S); ok {
		s.leave()
	}
}

// parts are what a factory does not make itself.
type parts struct {
	metastore *sharedMetastore
	kms       *sharedKMS
	policy    *hostPolicy
}

func (p *parts) leave() {
	if p.metastore != nil {
		p.metastore.leave()
	}
	if p.kms != nil {
		p.kms.leave()
	}
}

// needs says what the configuration of a factory must have.
func (p *parts) needs() config.Needs {
	needs := config.Identity
	if p.metastore == nil {
		needs |= config.Metastore
	}
	if p.kms == nil {
		needs |= config.KMS
	}
	return needs
}

// onCallersOnly says that a function of the host may be called only on threads that call the library.
func (p *parts) onCallersOnly() bool {
	return p.policy != nil || p.metastore != nil && p.metastore.onCallers || p.kms != nil && p.kms.onCallers
}

// useParts returns what two handles stand for, of which either may be 0.
func useParts(metastore, kms C.uintptr_t) (*parts, error) {
	p := &parts{}
	if metastore != 0 {
		s, err := use[*sharedMetastore](metastoreHandle, metastore)
		if err != nil {
			return nil, err
		}
		p.metastore = s
	}
	if kms != 0 {
		s, err := use[*sharedKMS](kmsHandle, kms)
		if err != nil {
			p.leave()
			return nil, err
		}
		p.kms = s
	}
	return p, nil
}

// factory makes a factory on p, which it leaves when it is closed.
func (p *parts) factory(c *config.Config) (uint64, error) {
	limit := c.CallbackTimeout()
	settings := config.Parts{SyncRefresh: limit == 0 && p.onCallersOnly()}
	if p.metastore != nil {
		settings.Metastore = p.metastore.within(limit, c.Memory())
	}
	if p.kms != nil {
		settings.KMS = p.kms.within(limit, c.Memory())
	}
	if p.policy != nil {
		settings.Decisions = p.policy.decisions()
	}
	made := true
	settings.OnClose = func() {
		p.leave()
		if p.policy != nil && made {
			p.policy.table.Close()
		}
	}
	f, err := c.NewFactoryOn(settings)
	if err != nil {
		p.leave()
		return 0, err
	}
	handle := live.Add(factoryHandle, f)
	if handle == 0 {
		made = false // the host's policy is not released where no handle is made
		f.Close()
		return 0, errTooMany
	}
	return handle, nil
}

//export borderFactoryNewOn
func borderFactoryNewOn(text C.uintptr_t, n C.size_t, metastore, kms C.uintptr_t,
	policy *C.AsherahPolicyCallbacks,
) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		p, err := useParts(metastore, kms)
		if err != nil {
			return 0, err
		}
		c, err := config.ParseJSONFor(view(text, n), p.needs())
		if err != nil {
			p.leave()
			return 0, err
		}
		defer c.Close()
		if policy != nil {
			p.policy = newHostPolicy(policy)
		}
		return p.factory(c)
	})
	return result
}
