// Package tds reads what clients send and writes what servers answer in the Tabular Data Stream protocol, versions 7.3,
// 7.4 and 8.0, as MS-TDS describes it. Nothing that a client sends makes it use more memory than the client sent.
package tds

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Types of packets (MS-TDS 2.2.3.1.1).
const (
	PacketBatch       = 1
	PacketRPC         = 3
	PacketReply       = 4
	PacketAttention   = 6
	PacketBulk        = 7
	PacketFedAuth     = 8
	PacketTransaction = 14
	PacketLogin       = 16
	PacketSSPI        = 17
	PacketPrelogin    = 18
)

// Bits of a packet's status (2.2.3.1.2).
const (
	statusLast      = 0x01
	statusIgnore    = 0x02
	statusReset     = 0x08
	statusResetKeep = 0x10 // reset, but keep the transaction
)

const headerSize = 8

// MaxPacket is the size of the largest packet, and DefaultPacket that of the first ones, with their headers.
const (
	MaxPacket     = 32767
	DefaultPacket = 4096
)

// Message is what a client sent in one or more packets of one type.
type Message struct {
	Type    byte
	Body    []byte
	Reset   bool // the session is to be as new before this
	Ignored bool // the client gave up while it sent this
}

// ReadMessage reads one, of at most limit bytes.
func ReadMessage(r io.Reader, limit int) (*Message, error) {
	var m Message
	for first := true; ; first = false {
		var h [headerSize]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			if !first && err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		kind, status, size := h[0], h[1], int(binary.BigEndian.Uint16(h[2:]))-headerSize
		switch {
		case first && !known(kind):
			return nil, fmt.Errorf("a packet of type %d", kind)
		case first:
			m.Type = kind
			m.Reset = status&(statusReset|statusResetKeep) != 0
		case kind != m.Type:
			return nil, fmt.Errorf("a packet of type %d inside of a message of type %d", kind, m.Type)
		}
		if size < 0 || size > MaxPacket-headerSize || len(m.Body)+size > limit {
			return nil, fmt.Errorf("a packet of %d bytes after %d", size, len(m.Body))
		}
		from := len(m.Body)
		m.Body = append(m.Body, make([]byte, size)...)
		if _, err := io.ReadFull(r, m.Body[from:]); err != nil {
			return nil, fmt.Errorf("inside of a packet: %w", err)
		}
		if status&statusLast != 0 {
			m.Ignored = status&statusIgnore != 0
			return &m, nil
		}
	}
}

func known(kind byte) bool {
	switch kind {
	case PacketBatch, PacketRPC, PacketAttention, PacketBulk, PacketFedAuth, PacketTransaction, PacketLogin, PacketSSPI,
		PacketPrelogin:
		return true
	}
	return false
}

// Writer makes packets of a reply and hands each one on when it is full. The first error stays.
type Writer struct {
	to     io.Writer
	packet []byte
	size   int
	number byte
	err    error

	// Middle, if it is set, is called once, when half of the next packet is sent. Its error ends the reply there.
	Middle func() error
}

// NewWriter writes packets of DefaultPacket bytes.
func NewWriter(to io.Writer) *Writer {
	return &Writer{to: to, size: DefaultPacket, packet: make([]byte, headerSize, DefaultPacket)}
}

// SetSize changes the size of the packets to come.
func (w *Writer) SetSize(n int) { w.size = n }

// To changes where packets go.
func (w *Writer) To(to io.Writer) { w.to = to }

// Err is the first error.
func (w *Writer) Err() error { return w.err }

func (w *Writer) write(b []byte) {
	for w.err == nil && len(b) > 0 {
		n := min(len(b), w.size-len(w.packet))
		w.packet = append(w.packet, b[:n]...)
		if b = b[n:]; len(w.packet) == w.size {
			w.send(0)
		}
	}
}

// Finish sends what is left as the last packet of the reply.
func (w *Writer) Finish() error {
	w.send(statusLast)
	w.number = 0
	return w.err
}

// Flush sends what there is without ending the reply.
func (w *Writer) Flush() error {
	if len(w.packet) > headerSize {
		w.send(0)
	}
	return w.err
}

func (w *Writer) send(status byte) {
	if w.err != nil {
		return
	}
	w.number++
	w.packet[0], w.packet[1], w.packet[6] = PacketReply, status, w.number
	binary.BigEndian.PutUint16(w.packet[2:], uint16(len(w.packet)))
	b := w.packet
	if middle := w.Middle; middle != nil {
		w.Middle = nil
		half := headerSize + (len(b)-headerSize)/2
		if _, w.err = w.to.Write(b[:half]); w.err == nil {
			w.err = middle()
		}
		b = b[half:]
	}
	if w.err == nil {
		_, w.err = w.to.Write(b)
	}
	w.packet = w.packet[:headerSize]
}

func (w *Writer) u8(v byte)    { w.write([]byte{v}) }
func (w *Writer) u16(v uint16) { w.write(binary.LittleEndian.AppendUint16(nil, v)) }
func (w *Writer) u32(v uint32) { w.write(binary.LittleEndian.AppendUint32(nil, v)) }
func (w *Writer) u64(v uint64) { w.write(binary.LittleEndian.AppendUint64(nil, v)) }
