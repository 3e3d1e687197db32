package secrethttp

import (
	"bytes"
	"crypto/tls"
	"reflect"
	"unsafe"
)

// A tls.Conn opens a record in place and hands it out through a bytes.Reader named input, which is the only way to the
// opened record. opened says where that reader is in a tls.Conn and its bytes are in it, found out when the program
// starts; where the standard library has them elsewhere, what TLS has opened stays until the next record.
var opened = func() (where struct {
	input, bytes uintptr
	known        bool
},
) {
	input, found := reflect.TypeFor[tls.Conn]().FieldByName("input")
	if !found || input.Type != reflect.TypeFor[bytes.Reader]() {
		return where
	}
	content, found := input.Type.FieldByName("s")
	if !found || content.Type != reflect.TypeFor[[]byte]() {
		return where
	}
	where.input, where.bytes, where.known = input.Offset, content.Offset, true
	return where
}()

// wipeOpened overwrites the last record that c has opened, if all of it has been read or it is not wanted any more.
// Nobody may be reading from c.
func wipeOpened(c *tls.Conn, unread bool) {
	if !opened.known {
		return
	}
	input := (*bytes.Reader)(unsafe.Add(unsafe.Pointer(c), opened.input))
	if unread || input.Len() == 0 {
		clear(*(*[]byte)(unsafe.Add(unsafe.Pointer(input), opened.bytes)))
	}
}
