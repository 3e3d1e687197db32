package vectors

import (
	"bytes"
	"io"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
)

// normative are the files whose cases are required and need no AWS, with the numbers of the table in README.md.
var normative = []struct {
	file       string
	ok, errors int
	read       func(*testing.T, string) []*file
}{
	{"static-payloads.json", 18, 0, readOne},
	{"static-partitions.json", 23, 5, readOne},
	{"static-region-suffix.json", 8, 6, readOne},
	{"static-rotation.json", 9, 4, readOne},
	{"static-revoked.json", 13, 0, readOne},
	{"static-record-shapes.json", 15, 0, readOne},
	{"static-negative.json", 4, 101, readOne},
	{"static-csharp.json", 12, 0, readOne},
	{"dynamodb-wire.json", 16, 10, readScenarios},
}

func readOne(t *testing.T, name string) []*file { return []*file{readFile(t, name)} }

// newFactory makes everything that a case needs. The error is the KMS's or the factory's.
func newFactory(t *testing.T, p place, m envelope.Metastore) (*envelope.Factory, error) {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	kms, err := p.openKMS(t, arena)
	if err != nil {
		return nil, err
	}
	f, err := envelope.NewFactory(envelope.Options{
		Service: p.service, Product: p.product, Metastore: m, KMS: kms, Policy: envelope.DefaultPolicy(),
		Memory: arena, OnClose: func() { _ = kms.Close() },
	})
	if err != nil {
		_ = kms.Close()
	}
	return f, err
}

// closingKMS is a KMS that has to be closed.
type closingKMS interface {
	envelope.KMS
	io.Closer
}

func (p place) openKMS(t *testing.T, arena *seccache.Arena) (closingKMS, error) {
	t.Helper()
	if p.aws != nil {
		return p.aws.open(t, arena)
	}
	master := p.masterKey(t)
	secret, err := arena.NewSecret(len(master))
	if err != nil {
		return nil, err
	}
	copy(secret.Bytes(), master)
	k, err := static.New(arena, secret)
	if err != nil {
		return nil, err
	}
	return k, nil
}

func decrypt(t *testing.T, f *envelope.Factory, v *vector) ([]byte, error) {
	t.Helper()
	s, err := f.Session(v.Partition)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.DecryptBytes(t.Context(), []byte(v.DRR))
}

// decryptFresh runs a case as README.md says: with a factory and a session of its own.
func decryptFresh(t *testing.T, p place, m envelope.Metastore, v *vector) ([]byte, error) {
	t.Helper()
	f, err := newFactory(t, p, m)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decrypt(t, f, v)
}

// check compares a result with what the case, or our decision about it, expects.
func check(t *testing.T, v *vector, expect string, plaintext []byte, err error) {
	t.Helper()
	switch expect {
	case "ok":
		if err != nil || !bytes.Equal(plaintext, v.Plaintext) {
			t.Errorf("%s: %d bytes, %v; want the %d bytes of the vector", v.Name, len(plaintext), err, len(v.Plaintext))
		}
	case "error":
		if code := envelope.CodeOf(err); err == nil || plaintext != nil || code == envelope.Internal {
			t.Errorf("%s: %d bytes of plaintext, %v (class %d); want an error and no plaintext", v.Name, len(plaintext), err,
				code)
		}
	default:
		t.Errorf("%s: unknown expectation %q", v.Name, expect)
	}
}

// opener puts rows in a metastore with a suffix.
type opener func(t *testing.T, rows []row, suffix string) envelope.Metastore

// metastores makes one for each suffix that the cases of a file ask for.
func metastores(t *testing.T, f *file, open opener) map[string]envelope.Metastore {
	t.Helper()
	made := map[string]envelope.Metastore{}
	for i := range f.Cases {
		if suffix := f.place(&f.Cases[i]).suffix; made[suffix] == nil {
			made[suffix] = open(t, f.Metastore, suffix)
		}
	}
	return made
}

// TestNormative runs every required case that needs no AWS on every store. None is skipped: the numbers are counted.
func TestNormative(t *testing.T) {
	for store, open := range stores {
		t.Run(store, func(t *testing.T) {
			before := seccache.ReadStats().LiveSecrets
			for _, n := range normative {
				count := map[string]int{}
				for _, f := range n.read(t, n.file) {
					made := metastores(t, f, open)
					t.Run(f.name, func(t *testing.T) {
						for i := range f.Cases {
							v := &f.Cases[i]
							if !v.normative() {
								t.Errorf("%s is informational", v.Name)
							}
							expect := v.Expect
							if v.CacheDependent {
								expect = "error"
							}
							p := f.place(v)
							plaintext, err := decryptFresh(t, p, made[p.suffix], v)
							check(t, v, expect, plaintext, err)
							count[v.Expect]++
						}
					})
				}
				if count["ok"] != n.ok || count["error"] != n.errors || len(count) > 2 {
					t.Errorf("%s: ran %v; want %d ok and %d error", n.file, count, n.ok, n.errors)
				}
			}
			if after := seccache.ReadStats().LiveSecrets; after != before {
				t.Errorf("%d secrets are left", after-before)
			}
		})
	}
}

// TestWarm runs the cases of a file through one factory for all, several times, so that most find their keys, or other
// cases' keys, in the caches. Nothing may come out otherwise.
func TestWarm(t *testing.T) {
	for _, n := range normative {
		for _, file := range n.read(t, n.file) {
			made := metastores(t, file, stores["text"])
			factories := map[place]*envelope.Factory{}
			for range 3 {
				for i := range file.Cases {
					v := &file.Cases[i]
					p := file.place(v)
					f := factories[p]
					if f == nil {
						var err error
						if f, err = newFactory(t, p, made[p.suffix]); err != nil {
							check(t, v, v.Expect, nil, err)
							continue
						}
						factories[p] = f
					}
					plaintext, err := decrypt(t, f, v)
					check(t, v, v.Expect, plaintext, err)
				}
			}
			for _, f := range factories {
				f.Close()
			}
		}
	}
}

// TestWarmAfterEncryption: a session that has the latest key of its partition in its cache refuses what a fresh one
// refuses.
func TestWarmAfterEncryption(t *testing.T) {
	for _, n := range normative {
		for _, file := range n.read(t, n.file) {
			made := metastores(t, file, stores["memory"])
			for i := range file.Cases {
				v := &file.Cases[i]
				if v.Partition == "" {
					continue // no session
				}
				p := file.place(v)
				f, err := newFactory(t, p, made[p.suffix])
				if err != nil {
					continue // no master key, no session
				}
				s, err := f.Session(v.Partition)
				if err != nil {
					check(t, v, v.Expect, nil, err)
					f.Close()
					continue
				}
				// Fails where the latest system key of the place is spoilt: the caches are then as warm as they get.
				_, _ = s.EncryptBytes(t.Context(), []byte("warm"))
				plaintext, err := s.DecryptBytes(t.Context(), []byte(v.DRR))
				check(t, v, v.Expect, plaintext, err)
				s.Close()
				f.Close()
			}
		}
	}
}
