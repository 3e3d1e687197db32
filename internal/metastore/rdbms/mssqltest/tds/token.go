package tds

import (
	"encoding/binary"
	"strconv"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// Numbers of tokens (MS-TDS 2.2.7).
const (
	tokenReturnStatus = 0x79
	tokenColumns      = 0x81
	tokenError        = 0xaa
	tokenInfo         = 0xab
	tokenReturnValue  = 0xac
	tokenLoginAck     = 0xad
	tokenFeatures     = 0xae
	tokenRow          = 0xd1
	tokenShortRow     = 0xd2
	tokenEnv          = 0xe3
	tokenDone         = 0xfd
	tokenDoneProc     = 0xfe
	tokenDoneInProc   = 0xff
)

// Bits of the status in DONE.
const (
	DoneMore        = 0x01
	DoneError       = 0x02
	DoneTransaction = 0x04
	DoneCount       = 0x10
	DoneAttention   = 0x20
)

// Kinds of changes to the environment (2.2.7.9).
const (
	envDatabase   = 1
	envLanguage   = 2
	envPacketSize = 4
	envCollation  = 7
	envBegin      = 8
	envCommit     = 9
	envRollback   = 10
	envPartner    = 13
	envReset      = 18
	envRouting    = 20
)

func (w *Writer) shortText(s string) {
	b := sqltype.AppendUTF16(nil, s)
	b = b[:min(len(b), 2*255)]
	w.u8(byte(len(b) / 2))
	w.write(b)
}

func (w *Writer) longText(s string) {
	b := sqltype.AppendUTF16(nil, s)
	w.u16(uint16(len(b) / 2))
	w.write(b)
}

// collect makes a token whose length comes before it.
func (w *Writer) collect(token byte, f func(*Writer)) {
	inner := &Writer{size: 1 << 30}
	f(inner)
	w.u8(token)
	w.u16(uint16(len(inner.packet)))
	w.write(inner.packet)
}

// maxMessage bounds the text of an error, so that its token fits its length.
const maxMessage = 4000

// Message writes an error, or information if its class is 10 or less.
func (w *Writer) Message(e *sqltype.Error, server, procedure string) {
	token := byte(tokenError)
	if e.Class <= 10 {
		token = tokenInfo
	}
	text := sqltype.UTF16(e.Message)
	w.collect(token, func(w *Writer) {
		w.u32(uint32(e.Number))
		w.write([]byte{e.State, e.Class})
		w.longText(sqltype.FromUTF16(text[:min(len(text), maxMessage)]))
		w.shortText(server)
		w.shortText(procedure)
		w.u32(1)
	})
}

func (w *Writer) textChange(kind byte, now, before string) {
	w.collect(tokenEnv, func(w *Writer) {
		w.u8(kind)
		w.shortText(now)
		w.shortText(before)
	})
}

// Database tells the database of the session.
func (w *Writer) Database(now, before string) { w.textChange(envDatabase, now, before) }

// Language tells the session's language.
func (w *Writer) Language(now string) { w.textChange(envLanguage, now, "") }

// PacketSize tells the size of packets from the next message on.
func (w *Writer) PacketSize(now, before int) {
	w.textChange(envPacketSize, strconv.Itoa(now), strconv.Itoa(before))
}

// Partner tells the failover partner.
func (w *Writer) Partner(name string) { w.textChange(envPartner, name, "") }

// Collation tells the database's collation.
func (w *Writer) Collation(c *sqltype.Collation) {
	wire := c.Wire()
	w.collect(tokenEnv, func(w *Writer) {
		w.write([]byte{envCollation, 5})
		w.write(wire[:])
		w.u8(0)
	})
}

func (w *Writer) transaction(kind byte, now, before uint64) {
	w.collect(tokenEnv, func(w *Writer) {
		w.u8(kind)
		for _, id := range []uint64{now, before} {
			if id == 0 {
				w.u8(0)
				continue
			}
			w.u8(8)
			w.u64(id)
		}
	})
}

// Begun, Committed and RolledBack tell about transactions.
func (w *Writer) Begun(id uint64)      { w.transaction(envBegin, id, 0) }
func (w *Writer) Committed(id uint64)  { w.transaction(envCommit, 0, id) }
func (w *Writer) RolledBack(id uint64) { w.transaction(envRollback, 0, id) }

// ResetDone confirms that the session is as new.
func (w *Writer) ResetDone() {
	w.collect(tokenEnv, func(w *Writer) { w.write([]byte{envReset, 0, 0}) })
}

// Route sends the client to another server.
func (w *Writer) Route(host string, port int) {
	name := sqltype.AppendUTF16(nil, host)
	w.collect(tokenEnv, func(w *Writer) {
		w.u8(envRouting)
		w.u16(uint16(1 + 2 + 2 + len(name)))
		w.u8(0) // TCP
		w.u16(uint16(port))
		w.u16(uint16(len(name) / 2))
		w.write(name)
		w.u16(0)
	})
}

// LoginAck accepts a login in a version of the protocol.
func (w *Writer) LoginAck(version uint32) {
	w.collect(tokenLoginAck, func(w *Writer) {
		w.u8(1) // T-SQL
		w.write(binary.BigEndian.AppendUint32(nil, version))
		w.shortText("Microsoft SQL Server")
		w.write([]byte{16, 0, 1000 >> 8, 1000 & 0xff})
	})
}

// FeatureAck accepts UTF-8, the one feature that there is.
func (w *Writer) FeatureAck(utf8 bool) {
	w.u8(tokenFeatures)
	if utf8 {
		w.u8(FeatureUTF8)
		w.u32(1)
		w.u8(1)
	}
	w.u8(featureEnd)
}

// Scope says which DONE is meant: of a batch, of a procedure, or of a statement in one.
type Scope byte

// The three of them.
const (
	Batch       Scope = tokenDone
	Procedure   Scope = tokenDoneProc
	InProcedure Scope = tokenDoneInProc
)

// Done ends a statement or a request.
func (w *Writer) Done(scope Scope, status, command uint16, count int64) {
	w.u8(byte(scope))
	w.u16(status)
	w.u16(command)
	w.u64(uint64(count))
}

// ReturnStatus is a procedure's own number.
func (w *Writer) ReturnStatus(n int32) {
	w.u8(tokenReturnStatus)
	w.u32(uint32(n))
}

// ReturnInt is the value of an output parameter of the type int.
func (w *Writer) ReturnInt(ordinal int, name string, v int32) {
	w.u8(tokenReturnValue)
	w.u16(uint16(ordinal))
	w.shortText(name)
	w.u8(1) // an output parameter
	w.u32(0)
	w.u16(0)
	w.typeInfo(sqltype.Type{Kind: sqltype.Int}, true)
	w.value(int64(v), sqltype.Type{Kind: sqltype.Int}, true)
}
