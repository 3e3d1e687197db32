package config

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// scanner searches the memory of this process, as a core dump would show it. What it needs itself, the patterns among
// it, is in pages of its own that it leaves out.
type scanner struct {
	t       *testing.T
	private []byte // patterns and texts of the test
	used    int
	window  []byte // where memory is read to
	mem     *os.File
}

const windowSize = 1 << 20

func newScanner(t *testing.T) *scanner {
	t.Helper()
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	s := &scanner{t: t, private: pages(t, 1<<16), window: pages(t, windowSize), mem: mem}
	t.Cleanup(func() { _ = mem.Close() })
	return s
}

func pages(t *testing.T, size int) []byte {
	t.Helper()
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(b) })
	return b
}

// alloc returns private memory.
func (s *scanner) alloc(size int) []byte {
	b := s.private[s.used : s.used+size : s.used+size]
	s.used += size
	return b
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// find returns the addresses where the pattern, which is private, is in writable memory.
func (s *scanner) find(pattern []byte) []uintptr {
	s.t.Helper()
	return s.findAll(map[string][]byte{"": pattern})[""]
}

// findAll is find for several patterns in one pass.
func (s *scanner) findAll(patterns map[string][]byte) map[string][]uintptr {
	s.t.Helper()
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		s.t.Fatal(err)
	}
	defer maps.Close()
	regions := 0
	found := map[string][]uintptr{}
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var low, high uintptr
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &low, &high, &mode); err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(mode, "rw") {
			regions++
			for _, part := range s.outside(low, high) {
				s.findIn(part[0], part[1], patterns, found)
			}
		}
	}
	if regions < 3 {
		s.t.Fatalf("only %d regions of memory", regions)
	}
	return found
}

// outside cuts the scanner's own pages out of a region, into which the kernel may have merged them.
func (s *scanner) outside(low, high uintptr) [][2]uintptr {
	parts := [][2]uintptr{{low, high}}
	for _, own := range [][]byte{s.private, s.window} {
		from, to := addressOf(own), addressOf(own)+uintptr(len(own))
		var rest [][2]uintptr
		for _, p := range parts {
			if to <= p[0] || p[1] <= from {
				rest = append(rest, p)
				continue
			}
			if p[0] < from {
				rest = append(rest, [2]uintptr{p[0], from})
			}
			if to < p[1] {
				rest = append(rest, [2]uintptr{to, p[1]})
			}
		}
		parts = rest
	}
	return parts
}

func (s *scanner) findIn(low, high uintptr, patterns map[string][]byte, found map[string][]uintptr) {
	for at := low; at < high; at += windowSize - 128 { // overlaps by more than a pattern
		n, _ := s.mem.ReadAt(s.window[:min(windowSize, int(high-at))], int64(at))
		for name, pattern := range patterns {
			for offset := 0; ; {
				i := bytes.Index(s.window[offset:n], pattern)
				if i < 0 {
					break
				}
				if a := at + uintptr(offset+i); !slices.Contains(found[name], a) {
					found[name] = append(found[name], a)
				}
				offset += i + 1
			}
		}
	}
}
