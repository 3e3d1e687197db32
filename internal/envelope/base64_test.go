package envelope_test

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// The reference decoder takes the standard alphabet with padding and no line ends, but any trailing bits: the canonical
// SDKs do, and what they read must stay readable.
func referenceDecode(text []byte) ([]byte, bool) {
	if bytes.ContainsAny(text, "\r\n") {
		return nil, false
	}
	out, err := base64.StdEncoding.DecodeString(string(text))
	return out, err == nil
}

// guarded returns n bytes that end where a page begins which must not be touched.
func guarded(t testing.TB, n int) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	size := (n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(m) })
	if err := syscall.Mprotect(m[size+page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mprotect(m[:page], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return m[page : page+size : page+size][size-n:]
}

// sizesToTry are all small ones, and larger ones about the edges of vector code.
func sizesToTry(random *rand.Rand) (sizes []int) {
	for n := range 5001 {
		sizes = append(sizes, n)
	}
	for range 100 {
		sizes = append(sizes, random.IntN(1<<18))
	}
	return append(sizes, 1<<16-1, 1<<16, 1<<16+1, 1<<20-1, 1<<20, 1<<20+1)
}

func TestEncodeBase64(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	memory := guarded(t, envelope.Base64Len(1<<20+1))
	for _, n := range sizesToTry(random) {
		src := randomBytes(random, n)
		want := base64.StdEncoding.EncodeToString(src)
		if got := envelope.Base64Len(n); got != len(want) {
			t.Fatalf("Base64Len(%d) = %d, want %d", n, got, len(want))
		}
		// Apart, and in place: the source is the end of the destination. Both at the end of the memory there is.
		dst := memory[len(memory)-len(want):]
		if envelope.EncodeBase64(dst, src); string(dst) != want {
			t.Fatalf("%d bytes are encoded wrongly", n)
		}
		clear(dst)
		copy(dst[len(dst)-n:], src)
		if envelope.EncodeBase64(dst, dst[len(dst)-n:]); string(dst) != want {
			t.Fatalf("%d bytes are encoded wrongly in place", n)
		}
	}
}

// What is before and after the destination stays as it is.
func TestBase64StaysInBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for n := range 700 {
		src := randomBytes(random, n)
		text := base64.StdEncoding.EncodeToString(src)
		const margin = 128
		buffer := bytes.Repeat([]byte{0xa5}, margin+len(text)+margin)
		envelope.EncodeBase64(buffer[margin:margin+len(text)], src)
		checkMargins(t, "encoding", buffer, margin, margin+len(text))

		for i := range buffer {
			buffer[i] = 0xa5
		}
		got, ok := envelope.DecodeBase64(buffer[margin:margin+n], []byte(text))
		if !ok || got != n || !bytes.Equal(buffer[margin:margin+n], src) {
			t.Fatalf("%d bytes are decoded wrongly: %d %v", n, got, ok)
		}
		checkMargins(t, "decoding", buffer, margin, margin+n)

		// A destination with room to spare is not used beyond what the text decodes to.
		for i := range buffer {
			buffer[i] = 0xa5
		}
		envelope.DecodeBase64(buffer, []byte(text))
		checkMargins(t, "decoding with room", buffer, 0, n)

		// And with the page after it out of bounds, text and destination.
		if n%7 == 0 {
			dst, in := guarded(t, n), guarded(t, len(text))
			copy(in, text)
			if got, ok := envelope.DecodeBase64(dst, in); !ok || got != n || !bytes.Equal(dst, src) {
				t.Fatalf("%d bytes are decoded wrongly at the end of a page", n)
			}
		}
	}
}

func checkMargins(t *testing.T, what string, buffer []byte, from, to int) {
	t.Helper()
	for i, b := range buffer {
		if (i < from || i >= to) && b != 0xa5 {
			t.Fatalf("%s %d bytes at %d writes at %d", what, to-from, from, i)
		}
	}
}

func checkDecode(t testing.TB, text []byte) {
	t.Helper()
	want, ok := referenceDecode(text)
	buffer := bytes.Repeat([]byte{0xa5}, len(text)+64)
	size := envelope.DecodedLen(text)
	n, got := envelope.DecodeBase64(buffer, text)
	if got != ok || ok && (n != len(want) || n != size || !bytes.Equal(buffer[:n], want)) {
		t.Fatalf("decode %q: %v, %d bytes (DecodedLen %d), want %v, %d bytes", text, got, n, size, ok, len(want))
	}
	for i := max(0, size); i < len(buffer); i++ {
		if buffer[i] != 0xa5 {
			t.Fatalf("decode %q writes at %d, DecodedLen is %d", text, i, size)
		}
	}
	if size > 0 {
		if n, ok := envelope.DecodeBase64(buffer[:size-1], text); ok {
			t.Fatalf("%d bytes were decoded into %d", n, size-1)
		}
	}
}

func TestDecodeBase64(t *testing.T) {
	for _, text := range []string{
		"", "A", "AA", "AAA", "AAAA", "====", "A===", "AA==", "AAA=", "AA=A", "A=AA", "=AAA", "AA==AAAA", "AAA=AAAA",
		"AAAA====", "AAAA=AAA", "AA-_", "AA+/", "AAA\n", "AAAA\n", "AAAA\r\n\r\n", "\nAAAA\n\n\n", "AA\r\n", "AA=\n",
		"AA\n==", "AA==\n\n\n\n", "AB==", "AAB=",
		"AAAA    ", "AA\x00A", "AAA\xff", "AAAA\x80AAA", "\"AAA", "AA\\/",
	} {
		checkDecode(t, []byte(text))
	}
	random := rand.New(rand.NewPCG(3, 3))
	odd := []byte("=\r\n\x00\xff-_ \"\\A\x7f\x80+/")
	for n := range 600 {
		text := []byte(base64.StdEncoding.EncodeToString(randomBytes(random, n)))
		checkDecode(t, text)
		if len(text) == 0 {
			continue
		}
		for range 20 {
			broken := bytes.Clone(text)
			switch i := random.IntN(len(broken)); random.IntN(4) {
			case 0:
				broken[i] = odd[random.IntN(len(odd))]
			case 1:
				broken[i] = byte(random.Uint32())
			case 2:
				broken = append(broken[:i:i], append([]byte("\r\n\r\n")[:random.IntN(5)], broken[i:]...)...)
			case 3:
				broken = append(broken[:i], broken[i+1:]...)
			}
			checkDecode(t, broken)
		}
	}
	// Every position of a long text, where vector code reads.
	text := []byte(base64.StdEncoding.EncodeToString(randomBytes(random, 300)))
	for i := range text {
		for _, c := range odd {
			broken := bytes.Clone(text)
			broken[i] = c
			checkDecode(t, broken)
		}
	}
}
