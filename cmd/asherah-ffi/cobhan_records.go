package main

/*
#include "border.h"
#include "cobhan.h"
*/
import "C"

import (
	"encoding/json"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/host"
)

// inCobhanSession has call do its work with a session of the partition. failed is the code where there is no other.
func inCobhanSession(id C.uintptr_t, idLen C.size_t, failed C.int32_t, call func(*envelope.Session) error) C.int32_t {
	if err := usable(); err != nil {
		return cobhanCode(err, failed)
	}
	service := enterCobhan()
	if service == nil {
		return cobhanCode(envelope.Errorf(envelope.ClosedHandle, nil, "there is no factory: call SetupJson first"),
			C.ASHERAH_COBHAN_NOT_INITIALIZED)
	}
	defer service.leave()
	session, err := service.factory.Session(string(view(id, idLen)))
	if err != nil {
		return cobhanCode(err, C.ASHERAH_COBHAN_GET_SESSION_FAILED)
	}
	defer session.Close()
	if err = call(session); err != nil {
		hooks.Log(hooks.Debug, "cobhan", "a call failed: %s", messageOf(err))
	}
	return cobhanCode(err, failed)
}

//export borderCobhanEncryptJSON
func borderCobhanEncryptJSON(id C.uintptr_t, idLen C.size_t, data C.uintptr_t, n C.size_t,
	out C.uintptr_t, capacity C.size_t, written *C.size_t,
) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, false)
	return inCobhanSession(id, idLen, C.ASHERAH_COBHAN_ENCRYPT_FAILED, func(s *envelope.Session) error {
		if err := readable(s, int(n)); err != nil {
			return err
		}
		size, err := s.Encrypt(callContext(0), view(out, capacity), view(data, n))
		*written = C.size_t(size)
		return err
	})
}

//export borderCobhanDecryptJSON
func borderCobhanDecryptJSON(id C.uintptr_t, idLen C.size_t, data C.uintptr_t, n C.size_t,
	out C.uintptr_t, capacity C.size_t, written *C.size_t,
) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, false)
	record := view(data, n)
	result = inCobhanSession(id, idLen, C.ASHERAH_COBHAN_DECRYPT_FAILED, func(s *envelope.Session) error {
		dst := view(out, capacity)
		var work []byte
		if bound := len(record) / 4 * 3; len(dst) < bound {
			work = make([]byte, bound)
		}
		size, err := s.Decrypt(callContext(0), dst, work, record)
		*written = C.size_t(size)
		return err
	})
	if result == C.ASHERAH_COBHAN_DECRYPT_FAILED && !decodes(record) {
		return C.ASHERAH_COBHAN_JSON_DECODE_FAILED
	}
	return result
}

// decodes says whether a text that could not be decrypted is JSON with members of the right types, which the code tells
// apart from other failures.
func decodes(text []byte) bool {
	var record struct {
		Key *struct {
			Created       int64
			Key           []byte
			ParentKeyMeta *struct {
				KeyID   string `json:"KeyId"`
				Created int64
			}
		}
		Data []byte
	}
	return json.Unmarshal(text, &record) == nil
}

//export borderCobhanEncrypt
func borderCobhanEncrypt(id C.uintptr_t, idLen C.size_t, data C.uintptr_t, n C.size_t,
	parts *C.struct_cobhan_parts,
) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, false)
	return inCobhanSession(id, idLen, C.ASHERAH_COBHAN_ENCRYPT_FAILED, func(s *envelope.Session) error {
		if err := readable(s, int(n)); err != nil {
			return err
		}
		p, err := s.EncryptParts(callContext(0), view(data, n))
		if err != nil {
			return err
		}
		return putParts(parts, p)
	})
}

// putParts writes all parts, or none if one does not fit.
func putParts(out *C.struct_cobhan_parts, p *envelope.RecordParts) error {
	for _, part := range []struct {
		name           string
		size, capacity int
	}{
		{"encrypted data", len(p.Data), int(out.data_len)},
		{"encrypted key", len(p.Key), int(out.key_len)},
		{"parent key id", len(p.ParentID), int(out.parent_id_len)},
	} {
		if part.size > part.capacity {
			return envelope.Errorf(envelope.BufferTooSmall, nil,
				"the buffer for the %s has %d bytes, %d are needed", part.name, part.capacity, part.size)
		}
	}
	out.data_len = C.size_t(copy(view(out.data, out.data_len), p.Data))
	out.key_len = C.size_t(copy(view(out.key, out.key_len), p.Key))
	out.parent_id_len = C.size_t(copy(view(out.parent_id, out.parent_id_len), p.ParentID))
	out.created, out.parent_created = C.int64_t(p.Created), C.int64_t(p.ParentCreated)
	return nil
}

//export borderCobhanDecrypt
func borderCobhanDecrypt(id C.uintptr_t, idLen C.size_t, parts *C.struct_cobhan_parts,
	out C.uintptr_t, capacity C.size_t, written *C.size_t,
) (result C.int32_t) {
	host.HeadRoom()
	defer cobhanContain(&result, false)
	return inCobhanSession(id, idLen, C.ASHERAH_COBHAN_DECRYPT_FAILED, func(s *envelope.Session) error {
		size, err := s.DecryptParts(callContext(0), view(out, capacity), &envelope.RecordParts{
			Key: view(parts.key, parts.key_len), Data: view(parts.data, parts.data_len),
			Created: int64(parts.created), ParentCreated: int64(parts.parent_created),
			ParentID: string(view(parts.parent_id, parts.parent_id_len)),
		})
		*written = C.size_t(size)
		return err
	})
}
