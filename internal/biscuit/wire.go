package biscuit

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxDepth bounds how deep messages and groups nest.
const maxDepth = 100

// The wire types of protocol buffers.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireGroup   = 3
	wireEnd     = 4
	wireFixed32 = 5
)

// message is an encoded message whose fields have yet to be read. It aliases the token; reading allocates nothing.
type message struct {
	data  []byte
	depth int
}

// field is one field of a message: varint for wire type wireVarint, data for wireBytes.
type field struct {
	number uint32
	typ    uint8
	varint uint64
	data   []byte
	depth  int // of a message in data
}

// more reports whether fields are left.
func (m *message) more() bool { return len(m.data) > 0 }

// next reads a field.
func (m *message) next() (f field, err error) {
	key, err := m.varint()
	if err != nil {
		return f, err
	}
	if key > 1<<32-1 || key>>3 == 0 {
		return f, errorf(Format, "the token has a field without a valid number")
	}
	f.number, f.typ, f.depth = uint32(key>>3), uint8(key&7), m.depth+1
	switch f.typ {
	case wireVarint:
		f.varint, err = m.varint()
	case wireFixed64:
		_, err = m.take(8)
	case wireFixed32:
		_, err = m.take(4)
	case wireBytes:
		var n uint64
		if n, err = m.varint(); err == nil {
			f.data, err = m.take(n)
		}
	case wireGroup:
		err = m.skipGroup(f.number)
	default:
		err = errorf(Format, "the token has a field of no known wire type")
	}
	return f, err
}

// varint reads a variable-length integer of at most 64 bits.
func (m *message) varint() (uint64, error) {
	if len(m.data) > 0 && m.data[0] < 0x80 {
		v := uint64(m.data[0])
		m.data = m.data[1:]
		return v, nil
	}
	v, n := binary.Uvarint(m.data)
	if n <= 0 {
		return 0, errorf(Format, "the token has a number that is cut short or too long")
	}
	m.data = m.data[n:]
	return v, nil
}

func (m *message) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.data)) {
		return nil, errorf(Format, "the token has a field that reaches past its end")
	}
	taken := m.data[:n:n]
	m.data = m.data[n:]
	return taken, nil
}

// skipGroup passes over a group. Nothing here has groups; those in unknown fields are skipped as other unknown fields.
func (m *message) skipGroup(number uint32) error {
	open := []uint32{number}
	for len(open) > 0 {
		if m.depth+len(open) > maxDepth {
			return tooDeep()
		}
		key, err := m.varint()
		if err != nil {
			return err
		}
		n := uint32(key >> 3)
		if key > 1<<32-1 || n == 0 {
			return errorf(Format, "the token has a field without a valid number")
		}
		switch key & 7 {
		case wireGroup:
			open = append(open, n)
			continue
		case wireEnd:
			if n != open[len(open)-1] {
				return errorf(Format, "the token has a group that ends as another one")
			}
			open = open[:len(open)-1]
			continue
		case wireVarint:
			_, err = m.varint()
		case wireFixed64:
			_, err = m.take(8)
		case wireFixed32:
			_, err = m.take(4)
		case wireBytes:
			var size uint64
			if size, err = m.varint(); err == nil {
				_, err = m.take(size)
			}
		default:
			err = errorf(Format, "the token has a field of no known wire type")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// counts is how many fields of each number a message has; no message that is read here has numbers above 10.
type counts [11]int

// counts returns how many fields of each number are left to read, so that lists are allocated at their size. What it
// cannot read ends the count; reading reports it.
func (m message) counts() (n counts) {
	for m.more() {
		f, err := m.next()
		if err != nil {
			return n
		}
		if int(f.number) < len(n) {
			n[f.number]++
		}
	}
	return n
}

func (f *field) want(typ uint8) error {
	if f.typ != typ {
		return errorf(Format, "the token has a field of another wire type than its number says")
	}
	return nil
}

// number64 returns the value of an integer field, number32 its lower half, as readers of protocol buffers do.
func (f *field) number64() (uint64, error) { return f.varint, f.want(wireVarint) }

func (f *field) number32() (uint32, error) { return uint32(f.varint), f.want(wireVarint) }

func (f *field) bytes() ([]byte, error) { return f.data, f.want(wireBytes) }

func (f *field) text() (string, error) {
	if err := f.want(wireBytes); err != nil {
		return "", err
	}
	if !utf8.Valid(f.data) {
		return "", errorf(Format, "the token has a string that is not UTF-8")
	}
	return string(f.data), nil
}

func (f *field) message() (message, error) {
	if err := f.want(wireBytes); err != nil {
		return message{}, err
	}
	if f.depth > maxDepth {
		return message{}, tooDeep()
	}
	return message{f.data, f.depth}, nil
}

// merged is a message that may be in several fields of one number: their contents count together, as the format has it.
type merged struct {
	message
	present bool
	own     bool // data is a copy
}

// add adds what is in a field. Copies take room: messages that nest, each in two parts, are copied at each level.
func (m *merged) add(f *field, left *room) error {
	more, err := f.message()
	switch {
	case err != nil:
		return err
	case !m.present:
		m.message, m.present = more, true
		return nil
	case len(more.data) == 0:
		return nil
	case !m.own:
		if err := left.take(len(m.data), 1); err != nil {
			return err
		}
		m.data, m.own = m.data[:len(m.data):len(m.data)], true
	}
	if err := left.take(len(more.data), 1); err != nil {
		return err
	}
	m.data = append(m.data, more.data...)
	return nil
}

func tooDeep() error {
	return errorf(Format, "the token nests messages more than %d deep", maxDepth)
}
