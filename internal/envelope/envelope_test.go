package envelope_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/seccache"
)

func newKMS(t testing.TB) envelope.KMS {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	secret, err := arena.NewSecret(32)
	if err != nil {
		t.Fatal(err)
	}
	copy(secret.Bytes(), "thisIsAStaticMasterKeyForTesting")
	kms, err := static.New(arena, secret)
	if err != nil {
		t.Fatal(err)
	}
	return kms
}

func newFactory(t testing.TB, change func(*envelope.Options)) *envelope.Factory {
	t.Helper()
	kms := newKMS(t)
	o := envelope.Options{Service: "billing", Product: "shop", Metastore: memory.New(), KMS: kms, Policy: envelope.DefaultPolicy()}
	o.OnClose = func() { kms.(interface{ Close() error }).Close() }
	if change != nil {
		change(&o)
	}
	f, err := envelope.NewFactory(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRoundTrip(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	f := newFactory(t, nil)
	s, err := f.Session("partition")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		want := make([]byte, n)
		rand.Read(want)
		record, err := s.EncryptBytes(context.Background(), want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.DecryptBytes(context.Background(), record)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: %x, %v, want %x; record %s", n, got, err, want, record)
		}
	}
	f.Close()
	s.Close()
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Fatalf("%d live secrets, %d before", after, before)
	}
}

func BenchmarkEncrypt(b *testing.B) {
	f := newFactory(b, nil)
	defer f.Close()
	s, _ := f.Session("partition")
	defer s.Close()
	for _, size := range []int{64, 1024, 65536, 1 << 20} {
		plaintext := make([]byte, size)
		dst := make([]byte, s.EncryptedSize(size))
		out := make([]byte, size+28)
		n, err := s.Encrypt(context.Background(), dst, plaintext)
		if err != nil {
			b.Fatal(err)
		}
		record := bytes.Clone(dst[:n])
		b.Run(string(rune('0'+len(record)%10))+"enc", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Encrypt(context.Background(), dst, plaintext)
			}
		})
		b.Run(string(rune('0'+len(record)%10))+"dec", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Decrypt(context.Background(), out, nil, record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestEscapedSlashes(t *testing.T) {
	f := newFactory(t, nil)
	defer f.Close()
	s, err := f.Session("partition")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plaintext := bytes.Repeat([]byte{0xff, 0xfb, 0x00}, 100)
	for round := range 50 {
		record, err := s.EncryptBytes(context.Background(), plaintext)
		if err != nil {
			t.Fatal(err)
		}
		escaped := bytes.ReplaceAll(record, []byte("/"), []byte(`\/`))
		if n := envelope.DecryptedSize(escaped); n != len(plaintext) {
			t.Fatalf("size of a record with escapes: %d", n)
		}
		got, err := s.DecryptBytes(context.Background(), escaped)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("round %d: %v; record %s", round, err, escaped)
		}
		// The next one finds the session's last key set, and takes the short way first.
		if got, err = s.DecryptBytes(context.Background(), record); err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}
