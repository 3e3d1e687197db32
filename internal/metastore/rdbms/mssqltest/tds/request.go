package tds

import (
	"errors"
	"fmt"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// headers skips ALL_HEADERS and returns the transaction that they name, 0 for none.
func (r *reader) headers() (transaction uint64) {
	total := int(r.u32())
	if r.err == nil && (total < 4 || total-4 > len(r.rest)) {
		r.fail(errors.New("headers longer than the request"))
	}
	inner := &reader{rest: r.bytes(total - 4)}
	for r.err == nil && len(inner.rest) > 0 {
		size := int(inner.u32())
		if size < 6 || size-4 > len(inner.rest) {
			r.fail(errors.New("a header longer than all headers"))
			break
		}
		body := &reader{rest: inner.bytes(size - 4)}
		if body.u16() == 2 {
			transaction = body.u64()
			if body.err != nil {
				r.fail(body.err)
			}
		}
	}
	return transaction
}

// ParseBatch reads SQLBatch.
func ParseBatch(body []byte) (text string, transaction uint64, err error) {
	r := &reader{rest: body}
	transaction = r.headers()
	if r.err == nil && len(r.rest)%2 != 0 {
		r.fail(errors.New("a batch of an odd number of bytes"))
	}
	text = r.text(len(r.rest) / 2)
	return text, transaction, r.err
}

// RPC is the call of a procedure.
type RPC struct {
	Procedure string
	NoColumns bool // the client knows them already
	Params    []RPCParam
}

// RPCParam is an argument of one.
type RPCParam struct {
	Name    string // with its @
	Type    sqltype.Type
	Value   any
	Output  bool
	Default bool
}

// procedures by number (MS-TDS 2.2.6.6).
var procedures = map[uint16]string{
	1: "sp_cursor", 2: "sp_cursoropen", 3: "sp_cursorprepare", 4: "sp_cursorexecute", 5: "sp_cursorprepexec",
	6: "sp_cursorunprepare",
	7: "sp_cursorfetch", 8: "sp_cursoroption", 9: "sp_cursorclose", 10: "sp_executesql", 11: "sp_prepare",
	12: "sp_execute",
	13: "sp_prepexec", 14: "sp_prepexecrpc", 15: "sp_unprepare",
}

// ParseRPC reads RPCRequest: one call or several. db is the database's collation. An error of the type *sqltype.Error
// is the server's, who does not know a type of data; others are those of the protocol.
func ParseRPC(body []byte, db *sqltype.Collation) (calls []RPC, transaction uint64, err error) {
	r := &reader{rest: body}
	transaction = r.headers()
	for r.err == nil {
		call, more := r.rpc(db)
		calls = append(calls, call)
		if !more {
			break
		}
	}
	return calls, transaction, r.err
}

// Between two calls stands one of these, where a parameter's length of name would stand.
const (
	nextCall       = 0xff
	nextCallNoExec = 0xfe
	nextCallOld    = 0x80
)

func (r *reader) rpc(db *sqltype.Collation) (call RPC, more bool) {
	if size := r.u16(); size == 0xffff {
		number := r.u16()
		name, ok := procedures[number]
		if !ok && r.err == nil {
			r.fail(fmt.Errorf("the procedure number %d", number))
		}
		call.Procedure = name
	} else {
		call.Procedure = r.text(int(size))
	}
	call.NoColumns = r.u16()&0x0002 != 0
	for r.err == nil && len(r.rest) > 0 {
		if r.rest[0] == nextCall || r.rest[0] == nextCallNoExec || r.rest[0] == nextCallOld {
			r.u8()
			return call, len(r.rest) > 0
		}
		call.Params = append(call.Params, r.param(db))
	}
	return call, false
}

func (r *reader) param(db *sqltype.Collation) (p RPCParam) {
	p.Name = r.shortText()
	status := r.u8()
	p.Output, p.Default = status&1 != 0, status&2 != 0
	if status&8 != 0 {
		r.fail(sqltype.Unsupported("encrypted parameters"))
	}
	ti, t := r.typeInfo(db)
	p.Type = t
	if r.err == nil {
		p.Value = r.value(ti, t)
	}
	return p
}

// Requests to the transaction manager (2.2.6.9).
const (
	TransactionBegin    = 5
	TransactionPromote  = 6
	TransactionCommit   = 7
	TransactionRollback = 8
	TransactionSave     = 9
)

// TransactionRequest asks for the begin or end of a transaction.
type TransactionRequest struct {
	Kind  uint16
	Begin bool // another one, after a commit or rollback
}

// ParseTransaction reads TransMgrReq.
func ParseTransaction(body []byte) (*TransactionRequest, error) {
	r := &reader{rest: body}
	r.headers()
	q := &TransactionRequest{Kind: r.u16()}
	switch q.Kind {
	case TransactionBegin:
		r.u8() // isolation level
		r.text(int(r.u8()))
	case TransactionCommit, TransactionRollback:
		r.text(int(r.u8()))
		q.Begin = r.u8()&1 != 0
	}
	return q, r.err
}
