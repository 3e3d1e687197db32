package tds

import (
	"io"
	"net"
)

// pipe is a connection of which only Read and Write are used.
type pipe struct {
	net.Conn
	r io.Reader
	w io.Writer
}

func (p pipe) Read(b []byte) (int, error)  { return p.r.Read(b) }
func (p pipe) Write(b []byte) (int, error) { return p.w.Write(b) }
