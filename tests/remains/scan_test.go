//go:build !race

package remains

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// patternSize is the length of what is searched for: half a key, or a round key.
const patternSize = 16

// patterns finds many strings at once. At every byte of the memory the first three bytes are looked up in begins, few of
// which are set, and then the first eight in names.
type patterns struct {
	begins [1 << 24]bool
	names  map[uint64][]pattern
}

type pattern struct {
	text []byte
	name string
}

// add adds every part of text that begins at a multiple of step.
func (p *patterns) add(name string, text []byte, step int) {
	if p.names == nil {
		p.names = map[uint64][]pattern{}
	}
	for at := 0; at+patternSize <= len(text); at += step {
		part := text[at : at+patternSize]
		head := binary.LittleEndian.Uint64(part)
		p.begins[head&(1<<24-1)] = true
		p.names[head] = append(p.names[head], pattern{part, fmt.Sprintf("%s at %d", name, at)})
	}
}

// find calls found with the place and the name of every pattern in memory.
func (p *patterns) find(memory []byte, found func(at int, name string)) {
	for at := 0; at+patternSize <= len(memory); at++ {
		head := binary.LittleEndian.Uint64(memory[at:])
		if !p.begins[head&(1<<24-1)] {
			continue
		}
		for _, candidate := range p.names[head] {
			if bytes.Equal(memory[at:at+patternSize], candidate.text) {
				found(at, candidate.name)
			}
		}
	}
}

// region is a writable mapping of a process.
type region struct {
	low, high uint64
	name      string
	locked    bool // and left out of dumps: a slab
}

func regions(t *testing.T, pid int) (list []region) {
	t.Helper()
	smaps, err := os.Open(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer smaps.Close()
	writable := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		var r region
		var mode, rest string
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s %s", &r.low, &r.high, &mode, &rest); n == 4 {
			if fields := strings.Fields(lines.Text()); len(fields) > 5 {
				r.name = strings.Join(fields[5:], " ")
			}
			if writable = strings.HasPrefix(mode, "rw"); writable {
				list = append(list, r)
			}
		} else if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && writable {
			names := strings.Fields(flags)
			list[len(list)-1].locked = slices.Contains(names, "lo") && slices.Contains(names, "dd")
		}
	}
	return list
}

// places are where patterns were found, in ordinary memory and in slabs.
type places struct{ ordinary, locked []string }

// scan searches all writable memory of a process.
func scan(t *testing.T, pid int, p *patterns) (found places) {
	t.Helper()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	buffer := make([]byte, 1<<20)
	read := 0
	for _, r := range regions(t, pid) {
		for at := r.low; at < r.high; {
			n := min(uint64(len(buffer)), r.high-at)
			if _, err := mem.ReadAt(buffer[:n], int64(at)); err != nil {
				t.Fatalf("%s at %x: %v", r.name, at, err)
			}
			read += int(n)
			p.find(buffer[:n], func(offset int, name string) {
				place := fmt.Sprintf("%s: %x in %s", name, at+uint64(offset), nameOf(r))
				if r.locked {
					found.locked = append(found.locked, place)
				} else {
					found.ordinary = append(found.ordinary, place)
				}
			})
			if at += n; at < r.high {
				at -= patternSize // what lies across the end of the buffer
			}
		}
	}
	if read < 1<<20 {
		t.Fatalf("only %d bytes of memory were searched", read)
	}
	return found
}

func nameOf(r region) string {
	if r.name == "" {
		return fmt.Sprintf("%x-%x", r.low, r.high)
	}
	return r.name
}
