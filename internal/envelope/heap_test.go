package envelope_test

import (
	"runtime"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// bytesPerRun returns the heap bytes that a call of f allocates, on average.
func bytesPerRun(runs int, f func()) float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	f()
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(runs)
}

// In the steady state a call makes at most three allocations, those of the standard library for the data row key, and
// they do not grow with the payload.
func TestHeapPerCall(t *testing.T) {
	if raceEnabled {
		t.Log("the race detector allocates: counted without it")
		return
	}
	w := newWorld(t)
	w.policy.CacheSessions = true
	s := w.session()
	sizes := map[string]map[int]float64{"encrypt": {}, "decrypt": {}, "decrypt into one buffer": {}}
	for _, n := range []int{0, 64, 1 << 16, 1 << 20} {
		plaintext := make([]byte, n)
		text := make([]byte, s.EncryptedSize(n))
		dst, work := make([]byte, n), make([]byte, n+28)
		m, err := s.Encrypt(background, text, plaintext)
		if err != nil {
			t.Fatal(err)
		}
		r := text[:m:m]
		out := make([]byte, len(text))
		for name, f := range map[string]func() error{
			"encrypt":                 func() error { _, err := s.Encrypt(background, out, plaintext); return err },
			"decrypt":                 func() error { _, err := s.Decrypt(background, dst, work, r); return err },
			"decrypt into one buffer": func() error { _, err := s.Decrypt(background, work, nil, r); return err },
		} {
			run := func() {
				if err := f(); err != nil {
					t.Fatal(err)
				}
			}
			runs := 2000
			if n > 1<<12 {
				runs = 50
			}
			if got := testing.AllocsPerRun(runs, run); got > 3 {
				t.Errorf("%s of %d bytes: %v allocations, at most 3 are allowed", name, n, got)
			}
			sizes[name][n] = bytesPerRun(runs, run)
		}
	}
	for name, bytes := range sizes {
		// A garbage collection in between may empty the pool of scratches, which are a few hundred bytes.
		if bytes[64] == 0 || bytes[1<<20] > bytes[64]+1024 || bytes[1<<16] > bytes[64]+1024 {
			t.Errorf("%s: heap bytes a call by payload %v", name, bytes)
		}
	}
	t.Logf("heap bytes a call by payload: %v", sizes)
}

// Sessions of many partitions in turn make no more allocations than one.
func TestHeapPerCallOfManyPartitions(t *testing.T) {
	if raceEnabled {
		t.Log("the race detector allocates: counted without it")
		return
	}
	w := newWorld(t)
	f := w.factory()
	var sessions []*envelope.Session
	for i := range 100 {
		s := openSession(t, f, "p"+string(rune('A'+i)))
		encrypt(t, s)
		sessions = append(sessions, s)
	}
	out := make([]byte, 1000)
	i := 0
	if got := testing.AllocsPerRun(1000, func() {
		if _, err := sessions[i%len(sessions)].Encrypt(background, out, []byte(secret)); err != nil {
			t.Fatal(err)
		}
		i++
	}); got > 3 {
		t.Errorf("%v allocations, at most 3 are allowed", got)
	}
}
