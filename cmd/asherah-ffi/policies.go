package main

/*
#include "callbacks.h"
*/
import "C"

import (
	"math"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hostcall"
)

// hostPolicy is a table of a policy.
type hostPolicy struct {
	functions *C.AsherahPolicyCallbacks // C's memory, which Release frees
	table     *hostcall.Table
}

func newHostPolicy(functions *C.AsherahPolicyCallbacks) *hostPolicy {
	p := &hostPolicy{functions: functions}
	p.table = hostcall.NewTable(p)
	return p
}

func (p *hostPolicy) Nesting() hostcall.Nesting { return currentNesting() }

func (p *hostPolicy) Release() { callHost(func() { C.border_release_policy(p.functions) }) }

// decisionNames are those of include/asherah.h.
var decisionNames = map[C.enum_border_decision]string{
	C.BORDER_IS_KEY_EXPIRED:                          "is_key_expired",
	C.BORDER_REVOKE_CHECK_PERIOD_MS:                  "revoke_check_period_ms",
	C.BORDER_CAN_CACHE_SYSTEM_KEYS:                   "can_cache_system_keys",
	C.BORDER_CAN_CACHE_INTERMEDIATE_KEYS:             "can_cache_intermediate_keys",
	C.BORDER_IS_QUEUED_ROTATION:                      "is_queued_rotation",
	C.BORDER_NOTIFY_EXPIRED_SYSTEM_KEY_ON_READ:       "notify_expired_system_key_on_read",
	C.BORDER_NOTIFY_EXPIRED_INTERMEDIATE_KEY_ON_READ: "notify_expired_intermediate_key_on_read",
	C.BORDER_TRUNCATE_SYSTEM_KEY:                     "truncate_system_key",
	C.BORDER_TRUNCATE_INTERMEDIATE_KEY:               "truncate_intermediate_key",
}

// decide asks the host. A negative answer is a failure.
func (p *hostPolicy) decide(decision C.enum_border_decision, created int64) (int64, error) {
	name := decisionNames[decision]
	if !p.table.Enter() {
		return 0, hostcall.ErrReleased()
	}
	defer p.table.Leave()
	var decided C.struct_border_decided
	callHost(func() { decided = C.border_decide(p.functions, decision, C.int64_t(created)) })
	answer := int64(decided.answer)
	switch {
	case decided.too_deep != 0:
		return 0, hostcall.TooDeep(name)
	case answer < math.MinInt32:
		return 0, envelope.Errorf(envelope.HostCallback, nil,
			"the host's %s answered %d, which is neither an answer nor a status", name, answer)
	case answer < 0:
		return 0, hostcall.Failed(name, int32(answer), nil)
	}
	return answer, nil
}

func (p *hostPolicy) decideTruth(decision C.enum_border_decision, created int64) (bool, error) {
	answer, err := p.decide(decision, created)
	if err == nil && answer > 1 {
		err = envelope.Errorf(envelope.HostCallback, nil,
			"the host's %s answered %d, which is neither 0 nor 1", decisionNames[decision], answer)
	}
	return answer == 1, err
}

func (p *hostPolicy) truncated(decision C.enum_border_decision, created int64) (int64, error) {
	answer, err := p.decide(decision, created)
	if err == nil && answer > created {
		err = envelope.Errorf(envelope.HostCallback, nil,
			"the host's %s answered %d, which is later than %d", decisionNames[decision], answer, created)
	}
	return answer, err
}

func (p *hostPolicy) decides(decision C.enum_border_decision) bool {
	return C.border_decides(p.functions, decision) != 0
}

// decisions returns the decisions that the table leaves to the host.
func (p *hostPolicy) decisions() *envelope.Decisions {
	d := &envelope.Decisions{}
	if p.decides(C.BORDER_IS_KEY_EXPIRED) {
		d.KeyExpired = func(created int64) (bool, error) { return p.decideTruth(C.BORDER_IS_KEY_EXPIRED, created) }
	}
	if p.decides(C.BORDER_REVOKE_CHECK_PERIOD_MS) {
		d.RevokeCheckInterval = func() (time.Duration, error) {
			ms, err := p.decide(C.BORDER_REVOKE_CHECK_PERIOD_MS, 0)
			return time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond, err
		}
	}
	for decision, member := range map[C.enum_border_decision]*func() (bool, error){
		C.BORDER_CAN_CACHE_SYSTEM_KEYS:                   &d.CacheSystemKeys,
		C.BORDER_CAN_CACHE_INTERMEDIATE_KEYS:             &d.CacheIntermediateKeys,
		C.BORDER_IS_QUEUED_ROTATION:                      &d.QueuedRotation,
		C.BORDER_NOTIFY_EXPIRED_SYSTEM_KEY_ON_READ:       &d.NotifyExpiredSystemKey,
		C.BORDER_NOTIFY_EXPIRED_INTERMEDIATE_KEY_ON_READ: &d.NotifyExpiredIntermediateKey,
	} {
		if p.decides(decision) {
			*member = func() (bool, error) { return p.decideTruth(decision, 0) }
		}
	}
	for decision, member := range map[C.enum_border_decision]*func(int64) (int64, error){
		C.BORDER_TRUNCATE_SYSTEM_KEY:       &d.TruncateSystemKey,
		C.BORDER_TRUNCATE_INTERMEDIATE_KEY: &d.TruncateIntermediateKey,
	} {
		if p.decides(decision) {
			*member = func(created int64) (int64, error) { return p.truncated(decision, created) }
		}
	}
	return d
}
