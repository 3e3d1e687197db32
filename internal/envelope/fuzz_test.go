package envelope_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"strconv"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// FuzzRecord holds the short ways to read a record against the general one. A record whose key and data are base64,
// which is what matters later, is the same by each way that accepts it; and what is written as canonical writers do is
// accepted by all.
func FuzzRecord(f *testing.F) {
	key, data := make([]byte, 60), make([]byte, 40)
	good := canonical(intermediateKeyID, 1767355200, key, data)
	f.Add([]byte(good))
	f.Add([]byte(canonical("_IK_\u2028<_billing_shop", 1, key, data)))
	f.Add([]byte(canonical(intermediateKeyID, -1, key, nil)))
	for _, change := range rewrite {
		f.Add([]byte(change(good)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		general, err := envelope.ParseRecord(text)
		if err == nil {
			checkDecode(t, general.Key)
			checkDecode(t, general.Data)
		}
		check := func(way string, fast envelope.Parts, ok bool) {
			if !ok || !isBase64(fast.Key) || !isBase64(fast.Data) {
				return
			}
			if err != nil {
				t.Fatalf("%s accepts what the general reader refuses (%v): %q", way, err, text)
			}
			if !bytes.Equal(fast.Key, general.Key) || !bytes.Equal(fast.Data, general.Data) {
				t.Fatalf("%s finds other parts: %q", way, text)
			}
			if way == "scanRecord" &&
				(!bytes.Equal(fast.ParentID, general.ParentID) || fast.ParentCreated != general.ParentCreated) {
				t.Fatalf("%s finds another parent: %q", way, text)
			}
		}
		fast, ok := envelope.ScanRecord(text)
		check("scanRecord", fast, ok)
		id, created := intermediateKeyID, int64(1767355200)
		if err == nil {
			id, created = string(general.ParentID), general.ParentCreated
		}
		of, okOf := envelope.ScanRecordOf(text, id, created)
		check("scanRecordOf", of, okOf)
		if okOf && isBase64(of.Key) && isBase64(of.Data) &&
			(string(general.ParentID) != id || general.ParentCreated != created) {
			t.Fatalf("scanRecordOf takes a record for one of %s created %d: %q", id, created, text)
		}

		size := envelope.DecryptedSize(text)
		if ok && !(isBase64(fast.Key) && isBase64(fast.Data)) {
			return // the size is what the text's length says; decrypting refuses it
		}
		if err != nil && size != -1 {
			t.Fatalf("DecryptedSize of what is no record is %d: %q", size, text)
		}
		if err != nil {
			return
		}
		if decoded := envelope.DecodedLen(general.Data); size != max(-1, decoded-28) {
			t.Fatalf("DecryptedSize is %d where the data have %d bytes: %q", size, decoded, text)
		}
		// Written again as canonical writers do, it takes the short ways, if its id is of printable ASCII.
		rawKey, okKey := referenceDecode(general.Key)
		rawData, okData := referenceDecode(general.Data)
		if !okKey || !okData || len(rawKey) != 60 {
			return
		}
		again := []byte(canonical(id, created, rawKey, rawData))
		if of, ok := envelope.ScanRecordOf(again, id, created); !ok ||
			string(of.Data) != base64.StdEncoding.EncodeToString(rawData) {
			t.Fatalf("scanRecordOf refuses %s", again)
		}
		if fast, ok := envelope.ScanRecord(again); ok != (created > 0 && created < 1e18 && plainID(general.ParentID)) {
			t.Fatalf("scanRecord says %v of %s", ok, again)
		} else if ok && (fast.ParentCreated != created || string(fast.ParentID) != id) {
			t.Fatalf("scanRecord finds another parent in %s", again)
		}
	})
}

func isBase64(text []byte) bool {
	_, ok := referenceDecode(text)
	return ok
}

// plainID says that encoding/json writes an id as it is and scanRecord takes it.
func plainID(id []byte) bool {
	for _, c := range id {
		if c < 0x20 || c > 0x7e || bytes.IndexByte([]byte(`"\<>&`), c) >= 0 {
			return false
		}
	}
	return true
}

// referenceKeyRecord reads a key record by encoding/json/v2, which refuses duplicate members and invalid UTF-8 and
// distinguishes letter case, with the rules of presence and of null written out.
func referenceKeyRecord(text []byte) (*envelope.KeyRecord, bool) {
	var form struct {
		Created jsontext.Value `json:"Created"`
		Key     *string        `json:"Key"`
		Revoked *bool          `json:"Revoked"`
		Parent  *struct {
			KeyID   *string        `json:"KeyId"`
			Created jsontext.Value `json:"Created"`
		} `json:"ParentKeyMeta"`
	}
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '{' || jsonv2.Unmarshal(text, &form) != nil || form.Key == nil {
		return nil, false
	}
	created, err := strconv.ParseInt(string(form.Created), 10, 64)
	if err != nil {
		return nil, false
	}
	key, ok := referenceDecode([]byte(*form.Key))
	if !ok {
		return nil, false
	}
	r := &envelope.KeyRecord{Created: created, Key: key, Revoked: form.Revoked != nil && *form.Revoked}
	if form.Parent != nil {
		created, err := strconv.ParseInt(string(form.Parent.Created), 10, 64)
		if err != nil || created == 0 || form.Parent.KeyID == nil || *form.Parent.KeyID == "" {
			return nil, false
		}
		r.Parent = &envelope.KeyMeta{ID: *form.Parent.KeyID, Created: created}
	}
	return r, true
}

// FuzzKeyRecord holds the reader of key records against a reference, and what it writes against what it reads.
func FuzzKeyRecord(f *testing.F) {
	for _, text := range keyRecordTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkKeyRecord(t, text) })
}

func checkKeyRecord(t *testing.T, text []byte) {
	t.Helper()
	r, err := envelope.ParseKeyRecord(text)
	want, ok := referenceKeyRecord(text)
	if (err == nil) != ok {
		t.Fatalf("%v, the reference says %v: %q", err, ok, text)
	}
	if err != nil {
		if c := envelope.CodeOf(err); c != envelope.MalformedRecord && c != envelope.MetadataMissing {
			t.Fatalf("class %d: %v: %q", c, err, text)
		}
		return
	}
	if !sameRecord(r, want) {
		t.Fatalf("%+v, the reference has %+v: %q", r, want, text)
	}
	again, err := envelope.ParseKeyRecord(r.AppendJSON([]byte("x"))[1:])
	if err != nil || !sameRecord(again, r) {
		t.Fatalf("%+v, %v after writing %+v as %s", again, err, r, r.AppendJSON(nil))
	}
}

func sameRecord(a, b *envelope.KeyRecord) bool {
	return a.ID == b.ID && a.Created == b.Created && bytes.Equal(a.Key, b.Key) && a.Revoked == b.Revoked &&
		(a.Parent == nil) == (b.Parent == nil) && (a.Parent == nil || *a.Parent == *b.Parent)
}

// keyRecordTexts are key records and what looks like one.
var keyRecordTexts = []string{
	`{"Created":1767355200,"Key":"AAAA","ParentKeyMeta":{"KeyId":"_SK_billing_shop","Created":1767355200}}`,
	`{"Revoked":true,"Created":1767355200,"Key":"AAAA"}`,
	`{"Revoked":false,"Created":-60,"Key":""}`,
	`{"Created":0,"Key":"AAA=","Revoked":null,"ParentKeyMeta":null}`,
	" {\n\"Key\" : \"AA==\" , \"Created\" : 1 }\r\n",
	`{"Created":1,"Key":"AB=="}`,
	`{"Created":1,"Key":"A\u0041A\/"}`,
	`{"Created":1,"Key":"A\nAAA"}`,
	`{"Created":1,"Key":"AAAA","X":{"a":[1,2,{"b":null}]}}`,
	`{"Created":1,"Key":"AAAA","X":{"a":1,"a":2}}`,
	`{"Created":1,"Key":"AAAA","Key":"AAAA"}`,
	`{"Created":1,"Key":"AAAA","K\u0065y":"AAAA"}`,
	`{"created":1,"key":"AAAA"}`,
	`{"Created":1,"Key":null}`,
	`{"Created":null,"Key":"AAAA"}`,
	`{"Created":"1","Key":"AAAA"}`,
	`{"Created":1.0,"Key":"AAAA"}`,
	`{"Created":1e3,"Key":"AAAA"}`,
	`{"Created":-0,"Key":"AAAA"}`,
	`{"Created":9223372036854775807,"Key":"AAAA"}`,
	`{"Created":9223372036854775808,"Key":"AAAA"}`,
	`{"Created":1,"Key":["A"]}`,
	`{"Created":1,"Key":"AAAA","Revoked":1}`,
	`{"Created":1,"Key":"AAAA","ParentKeyMeta":{}}`,
	`{"Created":1,"Key":"AAAA","ParentKeyMeta":{"KeyId":"","Created":1}}`,
	`{"Created":1,"Key":"AAAA","ParentKeyMeta":{"KeyId":"\u2028<","Created":1}}`,
	`{"Created":1,"Key":"AAAA","ParentKeyMeta":{"KeyId":"x","Created":0}}`,
	`{"Created":1,"Key":"AAAA","ParentKeyMeta":[]}`,
	`{"Created":1,"Key":"AAAA","ParentKeyMeta":{"KeyId":"\ud800","Created":1}}`,
	"{\"Created\":1,\"Key\":\"AAAA\",\"X\":\"\xff\"}",
	"\ufeff{\"Created\":1,\"Key\":\"AAAA\"}",
	`{"Created":1,"Key":"AAAA"}{}`,
	`{"Created":1,"Key":"AAAA"} x`,
	`{"Created":1,"Key":"AAAA",}`,
	`[{"Created":1,"Key":"AAAA"}]`,
	`null`, ``, ` `, `{`, `{}`, `"x"`,
}

func TestKeyRecords(t *testing.T) {
	accepted := 0
	for _, text := range keyRecordTexts {
		checkKeyRecord(t, []byte(text))
		if _, err := envelope.ParseKeyRecord([]byte(text)); err == nil {
			accepted++
		}
	}
	if accepted != 11 {
		t.Errorf("%d texts were accepted, want 11", accepted)
	}
	// What is written is what canonical Go writes.
	for want, r := range map[string]*envelope.KeyRecord{
		`{"Created":1767355200,"Key":"AP+/"}`: {
			ID: "x", Created: 1767355200,
			Key: []byte{0, 255, 191},
		},
		`{"Revoked":true,"Created":-60,"Key":""}`: {
			Created: -60, Key: []byte{},
			Revoked: true,
		},
		`{"Created":1,"Key":"AA==","ParentKeyMeta":{"KeyId":"\u003c\u2028é","Created":2}}`: {
			Created: 1, Key: []byte{0},
			Parent: &envelope.KeyMeta{ID: "<\u2028é", Created: 2},
		},
	} {
		if got := string(r.AppendJSON(nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
