package main

import "encoding/binary"

// wire is a message of Protocol Buffers in the making.
type wire []byte

func (w wire) varint(number int, v uint64) wire {
	return binary.AppendUvarint(binary.AppendUvarint(w, uint64(number)<<3), v)
}

func (w wire) bytes(number int, b wire) wire {
	return append(binary.AppendUvarint(binary.AppendUvarint(w, uint64(number)<<3|2), uint64(len(b))), b...)
}

// Strings that every block knows have these numbers; a block's own ones count from 1024.
const (
	wordResource  = 2
	wordOperation = 3
	wordRight     = 4
	wordTime      = 5
	wordQuery     = 27
	own           = 1024
)

func variable(n uint64) wire { return wire(nil).varint(1, n) }
func text(n uint64) wire     { return wire(nil).varint(3, n) }

func predicate(name uint64, terms ...wire) wire {
	w := wire(nil).varint(1, name)
	for _, t := range terms {
		w = w.bytes(2, t)
	}
	return w
}

func check(parts ...wire) wire {
	query := wire(nil).bytes(1, predicate(wordQuery))
	for _, p := range parts {
		query = append(query, p...)
	}
	return wire(nil).bytes(1, query)
}

func body(p wire) wire { return wire(nil).bytes(2, p) }

// before is the expression "variable 0 < when".
func before(when int64) wire {
	push := func(term wire) wire { return wire(nil).bytes(1, wire(nil).bytes(1, term)) }
	operations := append(push(variable(0)), push(wire(nil).varint(2, uint64(when)))...)
	return wire(nil).bytes(3, append(operations, wire(nil).bytes(1, wire(nil).bytes(3, wire(nil).varint(1, 0)))...))
}

// authority is a right of marta's as Hessra's service mints it: the right, the check that the request is within it, and
// the check of the expiry.
func authority(resource, operation string, expiry int64) wire {
	w := wire(nil)
	for _, word := range []string{"marta", resource, operation, "subject"} {
		w = w.bytes(1, wire(word))
	}
	w = w.varint(3, 3).bytes(4, wire(nil).bytes(1, predicate(wordRight, text(own), text(own+1), text(own+2))))
	w = w.bytes(6, check(body(predicate(own+3, variable(0))), body(predicate(wordResource, variable(1))),
		body(predicate(wordOperation, variable(2))), body(predicate(wordRight, variable(0), variable(1), variable(2)))))
	return w.bytes(6, check(body(predicate(wordTime, variable(0))), before(expiry)))
}
