// The shadow memory of the race detector is larger than can be read.

//go:build !race

package secrethttp

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/libasherah/libasherah/internal/seccache"
)

// found counts the places in this process's memory where 16 bytes of text are, outside of the mapping that text is in.
func found(t *testing.T, text []byte) (count int) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	own := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(text))))
	buffer, read := make([]byte, 1<<20), 0
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		var low, high uint64
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &low, &high, &mode); err != nil || !strings.HasPrefix(mode, "rw") ||
			low <= own && own < high {
			continue
		}
		for at := low; at < high; at += uint64(len(buffer)) {
			n := min(uint64(len(buffer)), high-at)
			if _, err := mem.ReadAt(buffer[:n], int64(at)); err != nil {
				continue // a mapping that has gone meanwhile
			}
			read += int(n)
			for part := 0; part+16 <= len(text); part += 16 {
				count += bytes.Count(buffer[:n], text[part:part+16])
			}
		}
	}
	if read < 1<<20 {
		t.Fatalf("only %d bytes were searched", read)
	}
	return count
}

// TestPieces: a body that TLS gets in pieces leaves nothing behind, and one that it gets whole does.
func TestPieces(t *testing.T) {
	done := make(chan struct{})
	// The server reads the head of a request and no more: nothing of the body is opened in this process.
	s := serve(t, true, func(http.ResponseWriter, *http.Request) { <-done })
	defer close(done)
	tr := s.transport(t)
	target, _ := url.Parse(s.URL)
	// With the head of a record this fills a slot of Go's heap to the last byte: TLS has to move it to seal it.
	const size = 512 - 5
	for _, step := range []int{0, piece} {
		secret, err := tr.Memory.NewSecret(size)
		if err != nil {
			t.Fatal(err)
		}
		defer secret.Destroy()
		random, err := seccache.Open(seccache.Prefer).NewSecret(size/2 + 1)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = rand.Read(random.Bytes())
		for i, b := range random.Bytes() {
			copy(secret.Bytes()[2*i:], []byte{"0123456789abcdef"[b>>4], "0123456789abcdef"[b&15]})
		}
		random.Destroy()
		c, err := tr.connection(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.tls.Write([]byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 507\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		runtime.GC() // twice, so that TLS has no buffer left from before
		runtime.GC()
		if step == 0 {
			_, err = c.tls.Write(secret.Bytes())
		} else {
			err = c.send(&message{content: &Body{bytes: secret.Bytes()}})
		}
		if err != nil {
			t.Fatal(err)
		}
		switch n := found(t, secret.Bytes()); {
		case step == 0 && n == 0:
			t.Error("nothing is found after a write of the whole: this test sees nothing")
		case step > 0 && n > 0:
			t.Errorf("%d places after a write in pieces", n)
		}
		tr.release(c, false)
	}
}
