package envelope_test

import (
	"testing"
)

// What a policy of the host's costs on top, in Go, with cached keys. Compare with BenchmarkEncrypt.
func BenchmarkHost(b *testing.B) {
	w := newWorld(b)
	w.decide()
	s := w.session()
	plaintext := make([]byte, 64)
	dst := make([]byte, s.EncryptedSize(len(plaintext)))
	n, err := s.Encrypt(background, dst, plaintext)
	if err != nil {
		b.Fatal(err)
	}
	record := append([]byte(nil), dst[:n]...)
	for name, do := range map[string]func() error{
		"enc": func() error { _, err := s.Encrypt(background, dst, plaintext); return err },
		"dec": func() error { _, err := s.Decrypt(background, dst, nil, record); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
