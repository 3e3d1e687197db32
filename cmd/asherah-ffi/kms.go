package main

/*
#include "callbacks.h"
*/
import "C"

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/kms/callback"
	"github.com/libasherah/libasherah/internal/seccache"
)

//export borderKmsNew
func borderKmsNew(text C.uintptr_t, n C.size_t) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		c, err := config.ParseJSONFor(view(text, n), config.KMS)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		k, err := c.OpenKMS()
		if err != nil {
			return 0, err
		}
		handle, err := share(kmsHandle, &sharedKMS{part: k, client: envelope.NewKMSClient(k), close: closing(k)})
		if err != nil {
			closing(k)()
		}
		return handle, err
	})
	return result
}

//export borderKmsFromCallbacks
func borderKmsFromCallbacks(table *C.AsherahKmsCallbacks) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		k := callback.New(hostKMS{table})
		return share(kmsHandle, &sharedKMS{
			part: k, client: envelope.NewKMSClient(k), close: k.Release,
			limited:   func(limit time.Duration, memory *seccache.Arena) envelope.KMS { return k.With(limit, memory) },
			onCallers: table.flags&C.ASHERAH_CALLBACKS_ANY_THREAD == 0,
		})
	})
	return result
}

//export borderKmsFree
func borderKmsFree(handle C.uintptr_t) {
	host.HeadRoom()
	unshare[*sharedKMS](kmsHandle, handle)
}

// onKMS has call use the KMS of a handle.
func onKMS(result *C.int, handle C.uintptr_t, call func(*envelope.KMSClient) error) {
	defer contain(result, false)
	if err := usable(); err != nil {
		*result = status(err)
		return
	}
	s, err := use[*sharedKMS](kmsHandle, handle)
	if err != nil {
		*result = status(err)
		return
	}
	defer s.leave()
	*result = status(call(s.client))
}

//export borderKmsEncryptKey
func borderKmsEncryptKey(handle, key C.uintptr_t, n C.size_t, created C.int64_t, revoked C.int32_t,
	out *C.AsherahBuffer,
) (result C.int) {
	host.HeadRoom()
	onKMS(&result, handle, func(k *envelope.KMSClient) error {
		if n != seccache.KeySize {
			return envelope.Errorf(envelope.InvalidArgument, nil, "the key has %d bytes, not %d", n, seccache.KeySize)
		}
		secret, err := seccache.Open(seccache.Prefer).NewSecret(seccache.KeySize)
		if err != nil {
			return err
		}
		defer secret.Destroy()
		copy(secret.Bytes(), view(key, n))
		blob, err := k.EncryptKey(context.Background(), secret, int64(created), revoked != 0)
		if err != nil {
			return err
		}
		return fill(out, blob)
	})
	return result
}

//export borderKmsDecryptKey
func borderKmsDecryptKey(handle, blob C.uintptr_t, n C.size_t, created C.int64_t, revoked C.int32_t,
	out *C.AsherahBuffer,
) (result C.int) {
	host.HeadRoom()
	onKMS(&result, handle, func(k *envelope.KMSClient) error {
		key, err := k.DecryptKey(context.Background(), view(blob, n), int64(created), revoked != 0)
		if err != nil {
			return err
		}
		defer key.Destroy()
		return fill(out, key.Bytes())
	})
	return result
}
