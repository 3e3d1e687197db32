package hessra_test

import (
	"testing"

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

var measured = []string{"ed25519_root_ok", "p256_root_ok", "chain_complete_ok", "forty_blocks_ok", "identity_delegated_ok"}

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
			b.ReportAllocs()
			for b.Loop() {
				token, err := hessra.ParseToken(c.Token)
				if err == nil {
					err = token.Verify(key, r)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
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
			b.ReportAllocs()
			for b.Loop() {
				if err := token.Verify(key, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParse reads a token without judging it.
func BenchmarkParse(b *testing.B) {
	for _, name := range measured {
		c := named(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := hessra.ParseToken(c.Token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
