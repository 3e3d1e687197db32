// Package callback is the KMS whose functions the host supplies.
package callback

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hostcall"
	"github.com/libasherah/libasherah/internal/seccache"
)

var _ envelope.KMS = (*KMS)(nil)

// Functions are those of the host. Each calls the host on the thread where it finds itself, and may be called by many
// goroutines at a time.
type Functions interface {
	hostcall.Host
	EncryptKey(n hostcall.Nesting, key []byte, created int64, revoked bool) hostcall.Reply
	// DecryptKey puts a result that is not longer than key there, and the reply's result is the part of key in use. A
	// longer one is elsewhere.
	DecryptKey(n hostcall.Nesting, blob []byte, created int64, revoked bool, key []byte) hostcall.Reply
}

// KMS asks functions of the host. Keys are given to them in locked memory, and come back in it.
type KMS struct {
	table     *hostcall.Table
	functions Functions
	limit     time.Duration
	memory    *seccache.Arena
}

// New makes a KMS.
func New(functions Functions) *KMS {
	return &KMS{table: hostcall.NewTable(functions), functions: functions, memory: seccache.Open(seccache.Prefer)}
}

// With returns the same KMS, each call of which may take so long (0 is no limit), with its keys in this arena.
func (k *KMS) With(limit time.Duration, memory *seccache.Arena) *KMS {
	other := *k
	other.limit, other.memory = limit, memory
	return &other
}

// Release ends the KMS and all that With made of it. When the last call under way has returned, the host is told. It
// does not wait for that.
func (k *KMS) Release() { k.table.Close() }

// EncryptKey wraps a 32-byte key.
func (k *KMS) EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error) {
	const name = "encrypt_key"
	if n := len(key.Bytes()); n != seccache.KeySize {
		return nil, envelope.Errorf(envelope.KMSFailed, nil,
			"a key of %d bytes cannot be wrapped; it must have %d", n, seccache.KeySize)
	}
	call := hostcall.Call{Name: name, Limit: k.limit}
	if k.limit > 0 {
		// A call that is given up goes on reading the key when the caller's is wiped.
		own, err := k.newSecret()
		if err != nil {
			return nil, err
		}
		copy(own.Bytes(), key.Bytes())
		key, call.End = own, own.Destroy
	}
	call.Run = func(n hostcall.Nesting) hostcall.Reply {
		return k.functions.EncryptKey(n, key.Bytes(), created, revoked)
	}
	reply, err := k.table.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	defer reply.Discard()
	if err := reply.Failure(name, 0); err != nil {
		return nil, err
	}
	if len(reply.Result) == 0 {
		return nil, envelope.Errorf(envelope.HostCallback, nil, "the host's %s answered 0 and gave no wrapped key", name)
	}
	return bytes.Clone(reply.Result), nil
}

// DecryptKey unwraps what EncryptKey returned.
func (k *KMS) DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool) (*seccache.Secret, error) {
	const name = "decrypt_key"
	if len(blob) == 0 {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil, "a wrapped system key is empty")
	}
	var key *seccache.Secret
	var noMemory error
	taken := false
	reply, err := k.table.Do(ctx, hostcall.Call{Name: name, Limit: k.limit, Run: func(n hostcall.Nesting) hostcall.Reply {
		if key, noMemory = k.newSecret(); noMemory != nil {
			return hostcall.Reply{}
		}
		reply := k.functions.DecryptKey(n, blob, created, revoked, key.Bytes())
		rest := reply
		reply.Free = func() {
			rest.Discard()
			if !taken {
				key.Destroy()
			}
		}
		return reply
	}})
	if err != nil {
		return nil, err
	}
	defer reply.Discard()
	if noMemory != nil {
		return nil, noMemory
	}
	if err := reply.Failure(name, 0); err != nil {
		return nil, err
	}
	if n := len(reply.Result); n != seccache.KeySize {
		return nil, envelope.Errorf(envelope.HostCallback, nil,
			"the host's %s answered 0 and gave a key of %d bytes, not %d", name, n, seccache.KeySize)
	}
	taken = true
	return key, nil
}

func (k *KMS) newSecret() (*seccache.Secret, error) {
	secret, err := k.memory.NewSecret(seccache.KeySize)
	if errors.Is(err, seccache.ErrLockedMemory) {
		return nil, envelope.Errorf(envelope.LockedMemory, err, "%v", err)
	}
	return secret, err
}
