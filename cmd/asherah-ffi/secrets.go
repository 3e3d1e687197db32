package main

// #include "border.h"
import "C"

import (
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/seccache"
)

//export borderSecretNew
func borderSecretNew(n C.size_t, address *C.uintptr_t) (result C.uintptr_t) {
	host.HeadRoom()
	var code C.int
	defer contain(&code, false)
	secret, err := seccache.Open(seccache.Prefer).NewSecret(int(n))
	if err != nil {
		status(envelope.Errorf(envelope.LockedMemory, err, "no memory for a secret of %d bytes can be mapped", n))
		return 0
	}
	handle := live.Add(secretHandle, secret)
	if handle == 0 {
		secret.Destroy()
		status(errTooMany)
		return 0
	}
	*address = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(secret.Bytes()))))
	return C.uintptr_t(handle)
}

//export borderSecretFree
func borderSecretFree(handle C.uintptr_t) {
	host.HeadRoom()
	var result C.int
	defer contain(&result, false)
	if secret, ok := live.Remove(secretHandle, uint64(handle)).(*seccache.Secret); ok {
		secret.Destroy()
	}
}
