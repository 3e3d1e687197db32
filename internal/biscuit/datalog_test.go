package biscuit_test

import "encoding/binary"

// Builders of what a block says, in the wire format.

// blockBuilder builds a block with its own strings.
type blockBuilder struct {
	version uint64
	symbols map[string]uint64
	first   uint64 // index of its first string
	names   []string
	body    wire
	extra   wire // scopes and keys
}

func newBlock(version uint64) *blockBuilder {
	return &blockBuilder{version: version, symbols: make(map[string]uint64), first: 1024}
}

// symbol returns the index of a string; every string is the block's own.
func (b *blockBuilder) symbol(s string) uint64 {
	index, known := b.symbols[s]
	if !known {
		index = b.first + uint64(len(b.names))
		b.symbols[s] = index
		b.names = append(b.names, s)
	}
	return index
}

func (b *blockBuilder) data() []byte {
	var w wire
	for _, s := range b.names {
		w = w.bytes(1, []byte(s))
	}
	return append(append(w.varint(3, b.version), b.body...), b.extra...)
}

func variable(n uint64) wire  { return wire(nil).varint(1, n) }
func integer(n int64) wire    { return wire(nil).varint(2, uint64(n)) }
func boolean(n uint64) wire   { return wire(nil).varint(6, n) }
func date(n uint64) wire      { return wire(nil).varint(4, n) }
func rawBytes(b []byte) wire  { return wire(nil).bytes(5, b) }
func null() wire              { return wire(nil).bytes(8, nil) }
func set(terms ...wire) wire  { return wire(nil).bytes(7, repeated(1, terms)) }
func list(terms ...wire) wire { return wire(nil).bytes(9, repeated(1, terms)) }

func repeated(number int, parts []wire) (w wire) {
	for _, p := range parts {
		w = w.bytes(number, p)
	}
	return w
}

// mapOf makes a map of keys and values in turn.
func mapOf(parts ...wire) (w wire) {
	for i := 0; i < len(parts); i += 2 {
		key := wire(nil).varint(1, 0)[:0]
		switch number, rest := parts[i][0]>>3, parts[i][1:]; number {
		case 2: // an integer
			key = append(binary.AppendUvarint(key, 1<<3), rest...)
		case 3: // a string
			key = append(binary.AppendUvarint(key, 2<<3), rest...)
		}
		w = w.bytes(1, wire(nil).bytes(1, key).bytes(2, parts[i+1]))
	}
	return wire(nil).bytes(10, w)
}

func (b *blockBuilder) text(s string) wire { return wire(nil).varint(3, b.symbol(s)) }

func (b *blockBuilder) predicate(name string, terms ...wire) wire {
	return append(wire(nil).varint(1, b.symbol(name)), repeated(2, terms)...)
}

func (b *blockBuilder) fact(name string, terms ...wire) *blockBuilder {
	b.body = b.body.bytes(4, wire(nil).bytes(1, b.predicate(name, terms...)))
	return b
}

// rule adds a rule; its body and expressions are given as parts of query.
func (b *blockBuilder) rule(head wire, parts ...wire) *blockBuilder {
	b.body = b.body.bytes(5, append(wire(nil).bytes(1, head), joined(parts)...))
	return b
}

func joined(parts []wire) (w wire) {
	for _, p := range parts {
		w = append(w, p...)
	}
	return w
}

func body(predicate wire) wire           { return wire(nil).bytes(2, predicate) }
func expression(operations ...wire) wire { return wire(nil).bytes(3, repeated(1, operations)) }

// check adds a check of one query.
func (b *blockBuilder) check(parts ...wire) *blockBuilder {
	query := append(wire(nil).bytes(1, wire(nil).varint(1, 27)), joined(parts)...)
	b.body = b.body.bytes(6, wire(nil).bytes(1, query))
	return b
}

func push(term wire) wire    { return wire(nil).bytes(1, term) }
func unary(kind int) wire    { return wire(nil).bytes(2, wire(nil).varint(1, uint64(kind))) }
func binaryOp(kind int) wire { return wire(nil).bytes(3, wire(nil).varint(1, uint64(kind))) }

func closure(params []uint64, operations ...wire) wire {
	var w wire
	for _, p := range params {
		w = w.varint(1, p)
	}
	return wire(nil).bytes(4, append(w, repeated(2, operations)...))
}
