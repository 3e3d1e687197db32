package secrethttp

import (
	"crypto/tls"
	"unsafe"
)

// openedRecord is the last record that c has opened.
func openedRecord(c *tls.Conn) []byte {
	input := unsafe.Add(unsafe.Pointer(c), opened.input)
	return *(*[]byte)(unsafe.Add(input, opened.bytes))
}
