package main

// #include "border.h"
// #include <string.h>
import "C"

import (
	"encoding/json"
	"unsafe"

	"github.com/libasherah/libasherah/internal/biscuit"
	"github.com/libasherah/libasherah/internal/hessra"
)

//export hessraTokenParse
func hessraTokenParse(p C.uintptr_t, n C.size_t, out *C.uintptr_t) C.HessraResult {
	return made(tokenHandle, p, n, hessra.InvalidToken, "the token", hessra.ParseToken, out)
}

//export hessraTokenFree
func hessraTokenFree(handle C.uintptr_t) { live.Remove(tokenHandle, uint64(handle)) }

//export hessraTokenAuthorize
func hessraTokenAuthorize(token, key C.uintptr_t, kind C.uint32_t, texts *C.struct_border_text, flags C.uint32_t,
	now C.int64_t,
) C.HessraResult {
	return run(func() error {
		t, err := lookUp[*hessra.Token](tokenHandle, token)
		if err != nil {
			return err
		}
		k, err := lookUp[*biscuit.PublicKey](keyHandle, key)
		if err != nil {
			return err
		}
		request, err := requestOf(kind, unsafe.Slice(texts, C.BORDER_TEXTS), flags, now)
		if err != nil {
			return err
		}
		return t.Verify(k, request)
	})
}

func requestOf(kind C.uint32_t, texts []C.struct_border_text, flags C.uint32_t, now C.int64_t) (*hessra.Request, error) {
	if flags&^(C.HESSRA_NOW_SET|C.HESSRA_SUBJECT_IN_DOMAIN) != 0 {
		return nil, parameter("the request has an unknown flag")
	}
	r := &hessra.Request{
		Kind: hessra.Kind(kind), Now: int64(now), NowGiven: flags&C.HESSRA_NOW_SET != 0,
		SubjectInDomain: flags&C.HESSRA_SUBJECT_IN_DOMAIN != 0,
	}
	var nodes *string
	for _, member := range []struct {
		index int
		name  string
		to    **string
	}{
		{C.BORDER_SUBJECT, "the subject", &r.Subject},
		{C.BORDER_RESOURCE, "the resource", &r.Resource},
		{C.BORDER_OPERATION, "the operation", &r.Operation},
		{C.BORDER_DOMAIN, "the domain", &r.Domain},
		{C.BORDER_PREFIX, "the prefix", &r.Prefix},
		{C.BORDER_IDENTITY, "the identity", &r.Identity},
		{C.BORDER_SERVICE_NODES, "the list of service nodes", &nodes},
		{C.BORDER_COMPONENT, "the component", &r.Component},
	} {
		given := texts[member.index]
		if given.data == 0 {
			continue
		}
		copied, err := text(given.data, given.len, hessra.InvalidParameter, member.name)
		if err != nil {
			return nil, err
		}
		*member.to = &copied
	}
	if nodes == nil {
		return r, nil
	}
	var err error
	r.ServiceNodes, err = hessra.ParseServiceNodes([]byte(*nodes))
	return r, err
}

//export hessraTokenRevocationIDs
func hessraTokenRevocationIDs(token C.uintptr_t, out **C.char) C.HessraResult {
	return tell(token, out, func(t *hessra.Token) any { return t.RevocationIDs() })
}

//export hessraTokenDescribe
func hessraTokenDescribe(token C.uintptr_t, out **C.char) C.HessraResult {
	return tell(token, out, func(t *hessra.Token) any { return t.Describe() })
}

// tell gives C a text with something of a token as JSON.
func tell(token C.uintptr_t, out **C.char, of func(*hessra.Token) any) C.HessraResult {
	return run(func() error {
		t, err := lookUp[*hessra.Token](tokenHandle, token)
		if err != nil {
			return err
		}
		text, err := json.Marshal(of(t))
		if err != nil {
			return err
		}
		return giveText(string(text), out)
	})
}
