// The shadow memory of the race detector is larger than can be read.

//go:build !race

// Package remains looks for keys and plaintext in the memory of a process that has used them. The process uses the Go
// interface; tests/capi does the same with a C program and its core dump.
package remains

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type process struct {
	t     *testing.T
	pid   int
	input io.Writer
	lines *bufio.Scanner
}

// start starts this test program again with one of its tests, with the settings of the Go runtime that the library is
// linked with: a signal that preempts a goroutine would leave registers on its stack. variable is NAME=value.
func start(t *testing.T, test, variable string) *process {
	t.Helper()
	c := exec.Command("/proc/self/exe", "-test.run=^"+test+"$", "-test.timeout=2m")
	c.Env = append(os.Environ(), variable, "GODEBUG=gcshrinkstackoff=1,asyncpreemptoff=1")
	c.Stderr = os.Stderr
	input, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(2*time.Minute, func() { _ = c.Process.Kill() })
	t.Cleanup(func() {
		_ = input.Close()
		_ = c.Wait()
		stuck.Stop()
	})
	return &process{t: t, pid: c.Process.Pid, input: input, lines: bufio.NewScanner(output)}
}

func (p *process) send(b []byte) {
	p.t.Helper()
	if _, err := p.input.Write(b); err != nil {
		p.t.Fatal(err)
	}
}

// expect waits for the child's next stage.
func (p *process) expect(stage string) {
	p.t.Helper()
	var others []string
	for p.lines.Scan() {
		if p.lines.Text() == "stage "+stage {
			return
		}
		others = append(others, p.lines.Text())
	}
	p.t.Fatalf("the child has not come to stage %s: %s", stage, strings.Join(others, "\n"))
}

func (p *process) next() { p.send([]byte{'\n'}) }

func TestNothingRemains(t *testing.T) {
	master, plaintext := make([]byte, keySize), make([]byte, plaintextSize)
	rand.Read(master)
	rand.Read(plaintext)
	marker := []byte(strings.Repeat("planted ", 4))
	for i := range marker {
		marker[i] ^= 0x55
	}
	path := filepath.Join(t.TempDir(), "evidence")
	p := start(t, "TestChild", childVariable+"="+path)
	p.send(master)
	p.send(plaintext)

	p.expect("planted")
	for name, text := range map[string][]byte{"the marker": marker, "the master key": master, "the plaintext": plaintext[1024:1056]} {
		var held patterns
		held.add(name, text, patternSize)
		if found := scan(t, p.pid, &held); len(found.ordinary) < 2 {
			t.Fatalf("%s is not found while it is held: %v", name, found)
		}
	}
	p.next()

	p.expect("working")
	k := derive(t, master, plaintext, path)
	if len(k.system) != generations+1 || len(k.intermediate) != partitions*(generations+1) || len(k.record) < 100 {
		t.Fatalf("%d system keys, %d intermediate keys, %d record keys", len(k.system), len(k.intermediate), len(k.record))
	}
	look := search(t, master, plaintext, k)
	found := scan(t, p.pid, look)
	report(t, "after use", found.ordinary)
	// The search knows what the keys in use look like.
	for _, name := range []string{"master key", fmt.Sprint("system key ", generations), "intermediate key "} {
		if !strings.Contains(strings.Join(found.locked, "\n"), name) {
			t.Errorf("no %s is found in locked memory, where it is: %v", name, found.locked)
		}
	}
	live := map[string]bool{}
	for _, place := range found.locked {
		if strings.HasPrefix(place, "record key") || strings.HasPrefix(place, "plaintext") {
			t.Errorf("after use, in locked memory: %s", place)
		}
		if number, ok := strings.CutPrefix(place, "intermediate key "); ok {
			live[number[:strings.IndexAny(number, " ,")]] = true
		}
	}
	if len(live) > cached {
		t.Errorf("after use, %d intermediate keys are in locked memory, where the cache has %d", len(live), cached)
	}
	p.next()
	p.send(plaintext)

	p.expect("failed")
	look = search(t, master, plaintext, derive(t, master, plaintext, path))
	report(t, "after calls that failed", scan(t, p.pid, look).ordinary)
	p.next()

	p.expect("closed")
	found = scan(t, p.pid, look)
	report(t, "after the end", append(found.ordinary, found.locked...))
	p.next()
}

func search(t *testing.T, master, plaintext []byte, k keys) *patterns {
	look := &patterns{}
	add := func(name string, key []byte) {
		look.add(name, key, patternSize)
		for i, part := range expanded(t, key) {
			look.add(fmt.Sprintf("%s, expanded, part %d", name, i), part, patternSize)
		}
	}
	add("master key", master)
	for kind, list := range map[string][][]byte{"system": k.system, "intermediate": k.intermediate, "record": k.record} {
		for i, key := range list {
			add(fmt.Sprintf("%s key %d", kind, i), key)
		}
	}
	look.add("plaintext", plaintext, patternSize)
	return look
}

func report(t *testing.T, when string, places []string) {
	t.Helper()
	for i, place := range places {
		if i == 20 {
			t.Errorf("%s: and %d more", when, len(places)-i)
			break
		}
		t.Errorf("%s: %s", when, place)
	}
}
