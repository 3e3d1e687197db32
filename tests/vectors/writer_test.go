package vectors

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/seccache"
)

// writer is a factory at a place, on a clock that the test moves.
type writer struct {
	*envelope.Factory
	now time.Time
}

func newWriter(t *testing.T, p place, m envelope.Metastore, now time.Time) *writer {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	kms, err := p.openKMS(t, arena)
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{now: now}
	w.Factory, err = envelope.NewFactory(envelope.Options{
		Service: p.service, Product: p.product, Metastore: m, KMS: kms, Policy: envelope.DefaultPolicy(), Memory: arena,
		Clock: func() time.Time { return w.now }, OnClose: func() { _ = kms.Close() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func (w *writer) encrypt(t *testing.T, partition string, plaintext []byte) []byte {
	t.Helper()
	s, err := w.Session(partition)
	if err != nil {
		t.Fatalf("Session(%q): %v", partition, err)
	}
	defer s.Close()
	record, err := s.EncryptBytes(t.Context(), plaintext)
	if err != nil {
		t.Fatalf("Encrypt for %q: %v", partition, err)
	}
	if limit := s.EncryptedSize(len(plaintext)); len(record) > limit {
		t.Errorf("a record of %d bytes; EncryptedSize said %d", len(record), limit)
	}
	return record
}

// keyHex is a master key, for places that are not those of the vectors.
const keyHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// noon is written to in the middle of a minute, in a zone whose offset is no whole hour.
var noon = time.Date(2024, 3, 5, 18, 30, 47, 987654321, time.FixedZone("", 5*3600+45*60))

func readerAt(t *testing.T, p place, now time.Time) *reader {
	t.Helper()
	return &reader{place: p, master: p.masterKey(t), now: now.Unix(), precise: 60}
}

// TestWritten: what we write for every place, partition and payload of the vectors obeys the rules of README.md.
func TestWritten(t *testing.T) {
	written := 0
	for _, n := range normative {
		for _, file := range n.read(t, n.file) {
			stores := map[place]*textStore{}
			for i := range file.Cases {
				v := &file.Cases[i]
				if v.Expect != "ok" {
					continue
				}
				p := file.place(v)
				if stores[p] == nil {
					stores[p] = &textStore{suffix: p.suffix}
				}
				w := newWriter(t, p, stores[p], noon)
				text := w.encrypt(t, v.Partition, v.Plaintext)
				r := readerAt(t, p, noon)
				r.rows = stores[p].rows
				if got, err := r.read(v.Partition, text); err != nil || !bytes.Equal(got, v.Plaintext) {
					t.Errorf("%s: %s: read %d of %d bytes, %v", file.name, v.Name, len(got), len(v.Plaintext), err)
				}
				written++
			}
			for p, store := range stores {
				if system := strings.Count(fmt.Sprint(store.rows), "{_SK_"); system != 1 {
					t.Errorf("%+v has %d system keys; want 1", p, system)
				}
			}
		}
	}
	if written != 118 {
		t.Errorf("wrote %d records; the files have 118 ok cases", written)
	}
}

// awkward are ids and service names with characters that JSON or SQL treat specially.
var awkward = []string{
	"<a href='x'>&amp;</a>", "line\nfeed\r\ttab\x00nul\x1f\x7f", "\u2028\u2029\u0085", `back\slash"quote"/`, "\b\f",
	" blanks ", "🔑\U0010ffff", "e\u0301é", "\ufeffmark", "\ufffd", "_", "a_b_c", strings.Repeat("é", 5000),
}

// TestWrittenIDs: ids are escaped as canonical Go escapes them, in records and key records.
func TestWrittenIDs(t *testing.T) {
	for _, suffix := range []string{"", "us-west-2"} {
		for _, id := range awkward {
			for _, p := range []place{{"service", "product", suffix, keyHex, nil}, {id, id, suffix, keyHex, nil}} {
				store := &textStore{suffix: suffix}
				text := newWriter(t, p, store, noon).encrypt(t, id, []byte("payload"))
				r := readerAt(t, p, noon)
				r.rows = store.rows
				if got, err := r.read(id, text); err != nil || string(got) != "payload" {
					t.Errorf("partition %.40q at %.60q: %q, %v", id, p.service, got, err)
				}
				// A second process reads what the first one wrote.
				s, err := newWriter(t, p, store, noon).Session(id)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := s.DecryptBytes(t.Context(), text); err != nil || string(got) != "payload" {
					t.Errorf("partition %.40q at %.60q: Decrypt: %q, %v", id, p.service, got, err)
				}
				s.Close()
			}
		}
	}
}

// TestWrittenTimes: the times of creation are UTC, in whole seconds, and truncated to the minute for the keys that are
// kept, also before 1970 and after 2038; a new generation comes when the old one expires, and both are read.
func TestWrittenTimes(t *testing.T) {
	p := place{"service", "product", "", keyHex, nil}
	for _, start := range []time.Time{
		noon, time.Unix(119, 999_999_999), time.Unix(-1, 0), time.Unix(-3600, 1), time.Unix(1<<31-1, 0),
		time.Unix(1<<32+59, 0),
	} {
		store := &textStore{}
		w := newWriter(t, p, store, start)
		r := readerAt(t, p, start)
		first := w.encrypt(t, "p", []byte("first"))
		r.rows = store.rows
		if got, err := r.read("p", first); err != nil || string(got) != "first" {
			t.Errorf("%v: %q, %v", start, got, err)
		}
		for _, row := range store.rows {
			if row.Created != floorMinute(start) {
				t.Errorf("%v: %s was made at %d; want %d", start, row.ID, row.Created, floorMinute(start))
			}
		}

		w.now = start.Add(91 * 24 * time.Hour)
		second := w.encrypt(t, "p", []byte("second"))
		r = readerAt(t, p, w.now)
		r.rows = store.rows
		if got, err := r.read("p", second); err != nil || string(got) != "second" {
			t.Errorf("%v, second generation: %q, %v", start, got, err)
		}
		if len(store.rows) != 4 {
			t.Errorf("%v: %d keys; want two generations of two", start, len(store.rows))
		}
		s, err := w.Session("p")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.DecryptBytes(t.Context(), first); err != nil || string(got) != "first" {
			t.Errorf("%v: the first generation reads %q, %v", start, got, err)
		}
		s.Close()
	}
}

// floorMinute rounds down, before 1970 too.
func floorMinute(t time.Time) int64 {
	return t.Unix() - ((t.Unix()%60)+60)%60
}

// TestWrittenAsCanonical: what the canonical SDK wrote is what we write for the same values, byte for byte: key records
// as they are, and of records the part with the key id, where the escapes are.
func TestWrittenAsCanonical(t *testing.T) {
	rows, records := 0, 0
	for _, n := range normative {
		for _, file := range n.read(t, n.file) {
			for _, r := range file.Metastore {
				if r.Edited {
					continue
				}
				record, err := envelope.ParseKeyRecord([]byte(r.KeyRecord))
				if err != nil {
					t.Errorf("%s: %s: %v", file.name, r.ID, err)
				} else if text := record.AppendJSON(nil); string(text) != r.KeyRecord {
					t.Errorf("%s: we write %s where the canonical SDK wrote %s", file.name, text, r.KeyRecord)
				}
				rows++
			}
			if file.name != "static-partitions.json" {
				continue
			}
			for i := range file.Cases {
				v := &file.Cases[i]
				if v.Expect != "ok" {
					continue
				}
				p := file.place(v)
				ours := newWriter(t, p, &textStore{}, noon).encrypt(t, v.Partition, nil)
				if got, want := keyID(ours), keyID([]byte(v.DRR)); !bytes.Equal(got, want) {
					t.Errorf("%s: we write %s where the canonical SDK wrote %s", v.Name, got, want)
				}
				records++
			}
		}
	}
	if rows != 81 || records != 23 {
		t.Errorf("compared %d key records and %d records", rows, records)
	}
}

// keyID cuts out the JSON string of ParentKeyMeta.KeyId, as it is spelt.
func keyID(record []byte) []byte {
	_, after, _ := bytes.Cut(record, []byte(`"KeyId":`))
	before, _, _ := bytes.Cut(after, []byte(`,"Created":`))
	return before
}

// TestWrittenRevoked: a record with the mark has it first, as the canonical structure has.
func TestWrittenRevoked(t *testing.T) {
	for _, r := range []*envelope.KeyRecord{
		{Created: 60, Key: []byte{0xfb, 0xff}, Revoked: true},
		{Created: 60, Key: make([]byte, 60), Revoked: true, Parent: &envelope.KeyMeta{ID: "<_SK_&>", Created: 60}},
		{Created: -60, Key: []byte{1}},
	} {
		text := r.AppendJSON(nil)
		var read keyRecord
		if err := canonical(text, &read); err != nil {
			t.Error(err)
		}
		if read.Created != r.Created || read.Revoked != r.Revoked || !bytes.Equal(read.Key, r.Key) {
			t.Errorf("%s does not say %+v", text, r)
		}
	}
}

// TestWrittenToSQLite: the rows in the file are those that the records refer to.
func TestWrittenToSQLite(t *testing.T) {
	p := place{"service", "product", "eu-west-1", keyHex, nil}
	path := filepath.Join(t.TempDir(), "keys.db")
	m, err := rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{Path: path, Create: true, KeySuffix: p.suffix})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	w := newWriter(t, p, m, noon)
	records := map[string][]byte{}
	for _, id := range awkward {
		records[id] = w.encrypt(t, id, []byte(id))
	}
	r := readerAt(t, p, noon)
	r.rows = readRows(t, path)
	if len(r.rows) != len(awkward)+1 {
		t.Errorf("%d rows for %d partitions; want one each and the system key", len(r.rows), len(awkward))
	}
	for id, text := range records {
		if got, err := r.read(id, text); err != nil || string(got) != id {
			t.Errorf("partition %.40q: %q, %v", id, got, err)
		}
	}
}
