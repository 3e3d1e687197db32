package envelope_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// foreignRecord is a data row record as encoding/json sees it.
type foreignRecord struct {
	Key struct {
		Created       int64
		Key           []byte
		ParentKeyMeta struct {
			KeyID   string `json:"KeyId"`
			Created int64
		}
	}
	Data []byte
}

type parts = envelope.RecordParts

func foreign(p *parts) *foreignRecord {
	r := new(foreignRecord)
	r.Key.Created, r.Key.Key, r.Data = p.Created, p.Key, p.Data
	r.Key.ParentKeyMeta.KeyID, r.Key.ParentKeyMeta.Created = p.ParentID, p.ParentCreated
	return r
}

func partsOf(r *foreignRecord) *parts {
	return &parts{
		Key: r.Key.Key, Data: r.Data, Created: r.Key.Created,
		ParentID: r.Key.ParentKeyMeta.KeyID, ParentCreated: r.Key.ParentKeyMeta.Created,
	}
}

func TestPartsAreThoseOfTheRecord(t *testing.T) {
	f := newFactory(t, nil)
	defer f.Close()
	for _, partition := range []string{
		"plain", "with \"quotes\" & <brackets>", "\x00\x01\n", "\u2028é字😀", strings.Repeat("\x1f", 3000),
	} {
		s, err := f.Session(partition)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, 1, 2, 3, 28, 1000, 1 << 20} {
			want := bytes.Repeat([]byte{7, 1, 255}, size/3+1)[:size]
			p, err := s.EncryptParts(context.Background(), want)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Key) != 60 || len(p.Data) != size+28 {
				t.Fatalf("%d bytes: key of %d, data of %d", size, len(p.Key), len(p.Data))
			}
			wantID := "_IK_" + partition + "_billing_shop"
			if p.ParentID != wantID || p.ParentCreated == 0 || p.Created < p.ParentCreated {
				t.Fatalf("created %d, parent %.40q created %d", p.Created, p.ParentID, p.ParentCreated)
			}
			record, err := json.Marshal(foreign(p))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.DecryptBytes(context.Background(), record); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, the record of the parts: %v", size, err)
			}

			if record, err = s.EncryptBytes(context.Background(), want); err != nil {
				t.Fatal(err)
			}
			var r foreignRecord
			if err := json.Unmarshal(record, &r); err != nil {
				t.Fatal(err)
			}
			for _, room := range []int{size, size + 27, size + 28, size + 100} {
				dst := make([]byte, room)
				if n, err := s.DecryptParts(context.Background(), dst, partsOf(&r)); err != nil || !bytes.Equal(dst[:n], want) {
					t.Fatalf("%d bytes into %d, the parts of a record: %v", size, room, err)
				}
			}
		}
		s.Close()
	}
}

func TestDamagedPartsAreRefused(t *testing.T) {
	f := newFactory(t, nil)
	defer f.Close()
	s, err := f.Session("partition")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, c := range map[string]struct {
		damage func(*parts)
		want   envelope.Code
	}{
		"nothing":            {func(*parts) {}, envelope.OK},
		"another time":       {func(p *parts) { p.Created = -5 }, envelope.OK}, // it is informational
		"no key":             {func(p *parts) { p.Key = nil }, envelope.MalformedRecord},
		"short key":          {func(p *parts) { p.Key = p.Key[:59] }, envelope.MalformedRecord},
		"key altered":        {func(p *parts) { p.Key[3] ^= 1 }, envelope.Authentication},
		"data altered":       {func(p *parts) { p.Data[0] ^= 1 }, envelope.Authentication},
		"data too short":     {func(p *parts) { p.Data = p.Data[:27] }, envelope.MalformedRecord},
		"no parent":          {func(p *parts) { p.ParentID = "" }, envelope.MetadataMissing},
		"parent not UTF-8":   {func(p *parts) { p.ParentID += "\xff" }, envelope.MalformedRecord},
		"parent too long":    {func(p *parts) { p.ParentID = strings.Repeat("x", 5<<20) }, envelope.MalformedRecord},
		"another partition":  {func(p *parts) { p.ParentID = "_IK_other_billing_shop" }, envelope.PartitionMismatch},
		"a key there is not": {func(p *parts) { p.ParentCreated-- }, envelope.MetadataMissing},
	} {
		p, err := s.EncryptParts(context.Background(), []byte("plaintext"))
		if err != nil {
			t.Fatal(err)
		}
		c.damage(p)
		dst := make([]byte, 100)
		n, err := s.DecryptParts(context.Background(), dst, p)
		switch {
		case envelope.CodeOf(err) != c.want || err == nil && string(dst[:n]) != "plaintext":
			t.Errorf("%s: %d, %v", name, envelope.CodeOf(err), err)
		case err != nil && bytes.Contains(dst, []byte("plain")):
			t.Errorf("%s: plaintext was left in the buffer", name)
		}
	}
	p, err := s.EncryptParts(context.Background(), []byte("plaintext"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.DecryptParts(context.Background(), make([]byte, 8), p)
	if envelope.CodeOf(err) != envelope.BufferTooSmall || n != 9 {
		t.Errorf("into a buffer too small: %d, %v", n, err)
	}
}
