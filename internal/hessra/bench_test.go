package hessra_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/hessra"
)

// named returns a case of the vectors.
func named(t testing.TB, name string) *vectorCase {
	t.Helper()
	cases := vectorCases(t)
	for i := range cases {
		if cases[i].Name == name {
			return &cases[i]
		}
	}
	t.Fatalf("no case %s", name)
	return nil
}

// measure runs a function as often as a benchmark wants, and reports the time of the processor that it takes as well,
// which does not grow where the machine is busy.
func measure(b *testing.B, do func() error) {
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

var measured = []string{
	"ed25519_root_ok", "p256_root_ok", "chain_complete_ok", "forty_blocks_ok",
	"identity_delegated_ok",
}

// BenchmarkWhole parses a token, judges its signatures and decides.
func BenchmarkWhole(b *testing.B) {
	for _, name := range measured {
		c := named(b, name)
		key, err := hessra.ParseKey(c.PublicKey)
		if err != nil {
			b.Fatal(err)
		}
		r := c.request()
		b.Run(name, func(b *testing.B) {
			measure(b, func() error {
				token, err := hessra.ParseToken(c.Token)
				if err != nil {
					return err
				}
				return token.Verify(key, r)
			})
		})
	}
}

// BenchmarkAgain decides on a token whose signatures are known to hold.
func BenchmarkAgain(b *testing.B) {
	for _, name := range measured {
		c := named(b, name)
		key, err := hessra.ParseKey(c.PublicKey)
		if err != nil {
			b.Fatal(err)
		}
		token, err := hessra.ParseToken(c.Token)
		if err != nil {
			b.Fatal(err)
		}
		r := c.request()
		b.Run(name, func(b *testing.B) {
			measure(b, func() error { return token.Verify(key, r) })
		})
	}
}

// BenchmarkParse reads a token without judging it.
func BenchmarkParse(b *testing.B) {
	for _, name := range measured {
		c := named(b, name)
		b.Run(name, func(b *testing.B) {
			measure(b, func() error {
				_, err := hessra.ParseToken(c.Token)
				return err
			})
		})
	}
}
