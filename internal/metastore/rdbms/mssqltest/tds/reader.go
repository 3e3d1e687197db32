package tds

import (
	"encoding/binary"
	"errors"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

var errShort = errors.New("the message ends too early")

// reader takes a message apart. After the first error everything is zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.fail(errShort)
	}
	if r.err != nil {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

func (r *reader) u8() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if b := r.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// text reads n UTF-16 units.
func (r *reader) text(n int) string { return sqltype.DecodeUTF16(r.bytes(2 * n)) }

// shortText reads B_VARCHAR.
func (r *reader) shortText() string { return r.text(int(r.u8())) }
