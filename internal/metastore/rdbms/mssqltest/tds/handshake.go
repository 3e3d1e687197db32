package tds

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
)

// Handshake is a connection on which TLS shakes hands inside of pre-login packets (MS-TDS 2.2.6.5), until Plain.
type Handshake struct {
	net.Conn
	rest  []byte // of a packet
	plain bool
}

// Plain ends the wrapping: from now on TLS records stand alone.
func (h *Handshake) Plain() { h.plain = true }

func (h *Handshake) Read(p []byte) (int, error) {
	if len(h.rest) == 0 && h.plain {
		return h.Conn.Read(p)
	}
	for len(h.rest) == 0 {
		var header [headerSize]byte
		if _, err := io.ReadFull(h.Conn, header[:]); err != nil {
			return 0, err
		}
		size := int(binary.BigEndian.Uint16(header[2:])) - headerSize
		if header[0] != PacketPrelogin || size < 0 || size > MaxPacket-headerSize {
			return 0, errors.New("something else than TLS inside of pre-login packets")
		}
		h.rest = make([]byte, size)
		if _, err := io.ReadFull(h.Conn, h.rest); err != nil {
			return 0, err
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

func (h *Handshake) Write(p []byte) (int, error) {
	if h.plain {
		return h.Conn.Write(p)
	}
	written := 0
	for written < len(p) {
		n := min(len(p)-written, DefaultPacket-headerSize)
		packet := make([]byte, headerSize, headerSize+n)
		packet[0], packet[1], packet[6] = PacketPrelogin, statusLast, 1
		binary.BigEndian.PutUint16(packet[2:], uint16(headerSize+n))
		if _, err := h.Conn.Write(append(packet, p[written:written+n]...)); err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}
