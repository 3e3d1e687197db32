package secrethttp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/libasherah/libasherah/internal/seccache"
)

var errTooLarge = errors.New("the body is too large")

// message is a request as it is sent.
type message struct {
	head    []byte
	content *Body // nil: none
}

func (m *message) body() []byte {
	if m.content == nil {
		return nil
	}
	return m.content.Bytes()
}

func (m *message) destroy() {
	if m.content != nil {
		_ = m.content.Close()
	}
}

// encode reads the body of r, which it closes, and makes the head.
func (t *Transport) encode(r *http.Request) (*message, error) {
	m := &message{}
	if r.Body != nil && r.Body != http.NoBody {
		length := r.ContentLength
		if length == 0 {
			length = -1
		}
		var err error
		if m.content, err = readBody(t.Memory, r.Body, length); err != nil {
			return nil, fmt.Errorf("reading the body of a request: %w", err)
		}
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.URL.RequestURI(), host)
	header := r.Header.Clone()
	for _, ours := range []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"} {
		header.Del(ours)
	}
	if n := len(m.body()); n > 0 || r.Method != http.MethodGet && r.Method != http.MethodHead {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", n)
	}
	_ = header.Write(&head)
	head.WriteString("\r\n")
	m.head = head.Bytes()
	return m, nil
}

// Body is a body in locked memory.
type Body struct {
	secret *seccache.Secret
	bytes  []byte
	offset int
}

// Bytes returns all of the body, valid until Close. It must not be copied to ordinary memory if there are secrets in
// it.
func (b *Body) Bytes() []byte { return b.bytes }

func (b *Body) Read(p []byte) (int, error) {
	if b.offset >= len(b.bytes) {
		return 0, io.EOF
	}
	n := copy(p, b.bytes[b.offset:])
	b.offset += n
	return n, nil
}

// Close wipes the body. It may be called more than once.
func (b *Body) Close() error {
	b.bytes = nil
	b.secret.Destroy()
	return nil
}

// readBody reads and closes a body of length bytes, -1 if that is not known.
func readBody(memory *seccache.Arena, from io.ReadCloser, length int64) (*Body, error) {
	defer func() { _ = from.Close() }()
	if length > maxBody {
		return nil, errTooLarge
	}
	size := int(length) + 1 // so that the end is seen
	if length < 0 {
		size = readBuffer
	}
	body := &Body{}
	if err := body.grow(memory, size); err != nil {
		return nil, err
	}
	for {
		n, err := from.Read(body.secret.Bytes()[len(body.bytes):])
		body.bytes = body.secret.Bytes()[:len(body.bytes)+n]
		switch {
		case len(body.bytes) > maxBody:
			err = errTooLarge
		case err == io.EOF && length >= 0 && int64(len(body.bytes)) != length:
			err = io.ErrUnexpectedEOF
		case err == io.EOF:
			return body, nil
		case err == nil && len(body.bytes) == len(body.secret.Bytes()):
			err = body.grow(memory, 2*len(body.bytes))
		}
		if err != nil {
			_ = body.Close()
			return nil, err
		}
	}
}

// grow moves the body to a place of size bytes.
func (b *Body) grow(memory *seccache.Arena, size int) error {
	secret, err := memory.NewSecret(size)
	if err != nil {
		return err
	}
	n := copy(secret.Bytes(), b.bytes)
	b.secret.Destroy()
	b.secret, b.bytes = secret, secret.Bytes()[:n]
	return nil
}
