package main

/*
#include "callbacks.h"
*/
import "C"

import (
	"context"
	"io"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/metastore/callback"
	"github.com/libasherah/libasherah/internal/seccache"
)

// closing returns what closes a part that was made from a configuration.
func closing(part any) func() {
	return func() {
		if closer, ok := part.(io.Closer); ok {
			config.Close(closer)
		}
	}
}

//export borderMetastoreNew
func borderMetastoreNew(text C.uintptr_t, n C.size_t) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		c, err := config.ParseJSONFor(view(text, n), config.Metastore)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		m, err := c.OpenMetastore()
		if err != nil {
			return 0, err
		}
		handle, err := share(metastoreHandle, &sharedMetastore{
			part: m, client: envelope.NewMetastoreClient(m), close: closing(m),
		})
		if err != nil {
			closing(m)()
		}
		return handle, err
	})
	return result
}

//export borderMetastoreFromCallbacks
func borderMetastoreFromCallbacks(table *C.AsherahMetastoreCallbacks) (result C.uintptr_t) {
	host.HeadRoom()
	handleResult(&result, func() (uint64, error) {
		m, err := callback.New(hostMetastore{table})
		if err != nil {
			return 0, err
		}
		return share(metastoreHandle, &sharedMetastore{
			part: m, client: envelope.NewMetastoreClient(m), close: m.Release,
			limited:   func(limit time.Duration, _ *seccache.Arena) envelope.Metastore { return m.WithTimeout(limit) },
			onCallers: table.flags&C.ASHERAH_CALLBACKS_ANY_THREAD == 0,
		})
	})
	return result
}

//export borderMetastoreFree
func borderMetastoreFree(handle C.uintptr_t) {
	host.HeadRoom()
	unshare[*sharedMetastore](metastoreHandle, handle)
}

// onMetastore has call use the metastore of a handle.
func onMetastore(result *C.int, handle C.uintptr_t, call func(*envelope.MetastoreClient) error) {
	defer contain(result, false)
	if err := usable(); err != nil {
		*result = status(err)
		return
	}
	s, err := use[*sharedMetastore](metastoreHandle, handle)
	if err != nil {
		*result = status(err)
		return
	}
	defer s.leave()
	*result = status(call(s.client))
}

// keyID is an id given by the host.
func keyID(id C.uintptr_t, n C.size_t) (string, error) {
	text := view(id, n)
	if !utf8.Valid(text) {
		return "", envelope.Errorf(envelope.InvalidArgument, nil, "the key id is not UTF-8")
	}
	return string(text), nil
}

//export borderMetastoreLoad
func borderMetastoreLoad(handle, id C.uintptr_t, n C.size_t, created C.int64_t, latest C.int,
	out *C.AsherahBuffer,
) (result C.int) {
	host.HeadRoom()
	onMetastore(&result, handle, func(m *envelope.MetastoreClient) error {
		id, err := keyID(id, n)
		if err != nil {
			return err
		}
		var r *envelope.KeyRecord
		if latest != 0 {
			r, err = m.LoadLatest(context.Background(), id)
		} else {
			r, err = m.Load(context.Background(), id, int64(created))
		}
		if r == nil || err != nil {
			return err
		}
		return fill(out, r.AppendJSON(nil))
	})
	return result
}

//export borderMetastoreStore
func borderMetastoreStore(handle, id C.uintptr_t, n C.size_t, created C.int64_t, record C.uintptr_t, size C.size_t,
	stored *C.int32_t,
) (result C.int) {
	host.HeadRoom()
	onMetastore(&result, handle, func(m *envelope.MetastoreClient) error {
		id, err := keyID(id, n)
		if err != nil {
			return err
		}
		r, err := envelope.ParseKeyRecord(view(record, size))
		if err != nil {
			return err
		}
		if r.Created != int64(created) {
			return envelope.Errorf(envelope.InvalidArgument, nil,
				"the record's Created is %d, the argument %d", r.Created, created)
		}
		r.ID = id
		done, err := m.Store(context.Background(), r)
		*stored = truth(done)
		return err
	})
	return result
}

//export borderMetastoreKeySuffix
func borderMetastoreKeySuffix(handle C.uintptr_t, out *C.AsherahBuffer) (result C.int) {
	host.HeadRoom()
	onMetastore(&result, handle, func(m *envelope.MetastoreClient) error { return fill(out, []byte(m.KeySuffix())) })
	return result
}

// fill puts a copy of data into a buffer of the host's.
func fill(out *C.AsherahBuffer, data []byte) error {
	if C.border_fill(out, unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data))) != C.ASHERAH_OK {
		return envelope.Errorf(envelope.Internal, nil, "out of memory")
	}
	return nil
}
