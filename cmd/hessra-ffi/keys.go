package main

// #include "border.h"
import "C"

import (
	"github.com/libasherah/libasherah/internal/biscuit"
	"github.com/libasherah/libasherah/internal/hessra"
)

//export hessraKeyFromText
func hessraKeyFromText(p C.uintptr_t, n C.size_t, out *C.uintptr_t) C.HessraResult {
	return made(keyHandle, p, n, hessra.InvalidKey, "the key", hessra.ParseKey, out)
}

//export hessraKeyFromFile
func hessraKeyFromFile(p C.uintptr_t, n C.size_t, out *C.uintptr_t) C.HessraResult {
	return made(keyHandle, p, n, hessra.InvalidParameter, "the path", hessra.ReadKey, out)
}

//export hessraKeyFree
func hessraKeyFree(handle C.uintptr_t) { live.Remove(keyHandle, uint64(handle)) }

//export hessraConfigNew
func hessraConfigNew(out *C.uintptr_t) C.HessraResult {
	return run(func() error { return give(configHandle, hessra.NewConfig(), out) })
}

//export hessraConfigFromFile
func hessraConfigFromFile(p C.uintptr_t, n C.size_t, out *C.uintptr_t) C.HessraResult {
	return made(configHandle, p, n, hessra.InvalidParameter, "the path", hessra.ReadConfig, out)
}

//export hessraConfigSetKey
func hessraConfigSetKey(handle, p C.uintptr_t, n C.size_t, keyHandleNumber C.uintptr_t) C.HessraResult {
	return run(func() error {
		config, err := lookUp[*hessra.Config](configHandle, handle)
		if err != nil {
			return err
		}
		id, err := text(p, n, hessra.InvalidParameter, "the key id")
		if err != nil {
			return err
		}
		key, err := lookUp[*biscuit.PublicKey](keyHandle, keyHandleNumber)
		if err != nil {
			return err
		}
		return config.SetKey(id, key)
	})
}

//export hessraConfigKey
func hessraConfigKey(handle, p C.uintptr_t, n C.size_t, out *C.uintptr_t) C.HessraResult {
	return run(func() error {
		config, err := lookUp[*hessra.Config](configHandle, handle)
		if err != nil {
			return err
		}
		id, err := text(p, n, hessra.InvalidParameter, "the key id")
		if err != nil {
			return err
		}
		key, err := config.Key(id)
		if err != nil {
			return err
		}
		return give(keyHandle, key, out)
	})
}

//export hessraConfigKeyFile
func hessraConfigKeyFile(handle C.uintptr_t, out **C.char) C.HessraResult {
	return run(func() error {
		config, err := lookUp[*hessra.Config](configHandle, handle)
		if err != nil || config.KeyFile() == "" {
			return err
		}
		return giveText(config.KeyFile(), out)
	})
}

//export hessraConfigFree
func hessraConfigFree(handle C.uintptr_t) { live.Remove(configHandle, uint64(handle)) }
