package envelope_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// What is no record, by class.
func TestRecordsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	good := string(encrypt(t, s))
	form := record(good).form(t)
	key, data := form.Key.Key, form.Data
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return strings.Replace(good, old, with, 1)
	}
	parent := good[strings.Index(good, `,"ParentKeyMeta"`):strings.Index(good, `},"Data"`)]
	created := fmt.Sprintf(`"Created":%d}`, form.Key.ParentKeyMeta.Created)
	text := func(key, data []byte) string {
		return canonical(intermediateKeyID, form.Key.ParentKeyMeta.Created, key, data)
	}
	for _, test := range []struct {
		name string
		text string
		want envelope.Code
	}{
		{"nothing", "", envelope.MalformedRecord},
		{"blank", " ", envelope.MalformedRecord},
		{"null", "null", envelope.MalformedRecord},
		{"array", "[" + good + "]", envelope.MalformedRecord},
		{"byte order mark", "\ufeff" + good, envelope.MalformedRecord},
		{"trailing text", good + "x", envelope.MalformedRecord},
		{"two records", good + good, envelope.MalformedRecord},
		{"trailing NUL", good + "\x00", envelope.MalformedRecord},
		{"trailing comma", good[:len(good)-1] + ",}", envelope.MalformedRecord},
		{"second Data", good[:len(good)-1] + `,"Data":"AAAA"}`, envelope.MalformedRecord},
		{"second Data, escaped", good[:len(good)-1] + `,"D\u0061ta":"AAAA"}`, envelope.MalformedRecord},
		{"second Key", good[:len(good)-1] + `,"Key":{}}`, envelope.MalformedRecord},
		{"second KeyId", replace(`{"KeyId"`, `{"KeyId":"x","KeyId"`), envelope.MalformedRecord},
		{"duplicate in an unknown member", good[:len(good)-1] + `,"X":{"a":1,"a":1}}`, envelope.MalformedRecord},
		{"not UTF-8 in an unknown member", good[:len(good)-1] + ",\"X\":\"\xff\"}", envelope.MalformedRecord},
		{"not UTF-8 in Data", replace(`"Data":"`, "\"Data\":\"\xff"), envelope.MalformedRecord},
		{"lone surrogate", replace(`"KeyId":"`, `"KeyId":"\ud800`), envelope.MalformedRecord},
		{"no Data", replace(`"Data"`, `"data"`), envelope.MalformedRecord},
		{"Data null", text(key, nil), envelope.MalformedRecord},
		{"Data a number", replace(`"Data":"`, `"Data":1,"x":"`), envelope.MalformedRecord},
		{"no Key", `{"Data":"AAAA"}`, envelope.MalformedRecord},
		{"Key null", `{"Key":null,"Data":"AAAA"}`, envelope.MalformedRecord},
		{"Key a string", `{"Key":"AAAA","Data":"AAAA"}`, envelope.MalformedRecord},
		{"no Created", replace(`"Key":{"Created":`, `"Key":{"created":`), envelope.MalformedRecord},
		{"Created a string", replace(`"Key":{"Created":`, `"Key":{"Created":"1","x":`), envelope.MalformedRecord},
		{"Created not whole", replace(`"Key":{"Created":`, `"Key":{"Created":1.5,"x":`), envelope.MalformedRecord},
		{"Created in other form", replace(`"Key":{"Created":`, `"Key":{"Created":1e9,"x":`), envelope.MalformedRecord},
		{
			"Created too large", replace(`"Key":{"Created":`, `"Key":{"Created":9223372036854775808,"x":`),
			envelope.MalformedRecord,
		},
		{
			"Created of 20 digits",
			replace(fmt.Sprintf(`"Key":{"Created":%d`, form.Key.Created),
				`"Key":{"Created":18446744073709551617`), envelope.MalformedRecord,
		},
		{"parent created of 20 digits", replace(created, `"Created":18446744073709551617}`), envelope.MalformedRecord},
		{"Created with zeros", replace(`"Key":{"Created":`, `"Key":{"Created":0`), envelope.MalformedRecord},
		{"Revoked a string", replace(`"Key":{`, `"Key":{"Revoked":"false",`), envelope.MalformedRecord},
		{"no parent", strings.Replace(good, parent, "", 1), envelope.MetadataMissing},
		{"parent null", strings.Replace(good, parent, `,"ParentKeyMeta":null`, 1), envelope.MetadataMissing},
		{"parent empty", strings.Replace(good, parent, `,"ParentKeyMeta":{}`, 1), envelope.MetadataMissing},
		{"parent a string", strings.Replace(good, parent, `,"ParentKeyMeta":"x"`, 1), envelope.MalformedRecord},
		{"parent without id", replace(`"KeyId"`, `"keyId"`), envelope.MetadataMissing},
		{"parent with an empty id", replace(`"KeyId":"`+intermediateKeyID, `"KeyId":"`), envelope.MetadataMissing},
		{"parent created 0", replace(created, `"Created":0}`), envelope.MetadataMissing},
		{"parent created -0", replace(created, `"Created":-0}`), envelope.MetadataMissing},
		{"parent created null", replace(created, `"Created":null}`), envelope.MetadataMissing},
		{"parent without created", replace(created, `"created":1}`), envelope.MetadataMissing},
		{"parent created before 1970", replace(created, `"Created":-60}`), envelope.MetadataMissing}, // there is no such key
		{"parent unknown", replace(created, `"Created":1}`), envelope.MetadataMissing},
		{"another partition", replace(intermediateKeyID, "_IK_bob_billing_shop"), envelope.PartitionMismatch},
		{"a system key", replace(intermediateKeyID, systemKeyID), envelope.PartitionMismatch},
		{"region suffix", replace(intermediateKeyID, intermediateKeyID+"_eu-west-1"), envelope.PartitionMismatch},
		{"key of 31 bytes", text(key[:59], data), envelope.MalformedRecord},
		{"key of 33 bytes", text(append(bytes.Clone(key), 0), data), envelope.MalformedRecord},
		{"no sealed key", text(nil, data), envelope.MalformedRecord},
		{"sealed value of 27 bytes", text(key, data[:27]), envelope.MalformedRecord},
		{"sealed value of 0 bytes", text(key, []byte{}), envelope.MalformedRecord},
		{"another nonce", text(key, append(bytes.Clone(data[:len(data)-1]), data[len(data)-1]^1)), envelope.Authentication},
		{"data without nonce", text(key, data[:len(data)-12]), envelope.Authentication},
		{"line end in Data", strings.Replace(good, `"Data":"`, `"Data":"\n`, 1), envelope.MalformedRecord},
		{"line ends in Data", strings.Replace(good, `"Data":"`, `"Data":"\n\n\n\n`, 1), envelope.MalformedRecord},
		{"padding inside Data", strings.Replace(good, `"Data":"`, `"Data":"AA==`, 1), envelope.MalformedRecord},
		{"URL alphabet", strings.ReplaceAll(text(key, bytes.Repeat([]byte{0xff}, 30)), "/", "_"), envelope.MalformedRecord},
		{"no padding", strings.TrimSuffix(text(key, bytes.Repeat([]byte{0xff}, 29)), `="}`) + `"}`, envelope.MalformedRecord},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the second time after another has been decrypted
				dst := bytes.Repeat([]byte{0xa5}, 200)
				_, err := s.Decrypt(background, dst, nil, []byte(test.text))
				if envelope.CodeOf(err) != test.want {
					t.Errorf("class %d (%v), want %d: %s", envelope.CodeOf(err), err, test.want, test.text)
				}
				if bytes.Contains(dst, []byte(secret)) {
					t.Error("the buffer holds plaintext")
				}
				decrypt(t, s, record(good))
			}
		})
	}
	if n := w.store.count(); n != 2 {
		t.Errorf("%d keys", n)
	}
}

// Every bit of every byte, every length: an error of a sensible class or the same plaintext, and none left behind after
// an error.
func TestDamagedRecords(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s := openSession(t, f, partition)
	good := encrypt(t, s)
	sensible := map[envelope.Code]bool{
		envelope.MalformedRecord: true, envelope.Authentication: true,
		envelope.MetadataMissing: true, envelope.PartitionMismatch: true,
	}
	classes := map[envelope.Code]int{}
	try := func(what string, text []byte) {
		t.Helper()
		dst, work := make([]byte, len(secret)), make([]byte, len(text))
		size := envelope.DecryptedSize(text)
		n, err := s.Decrypt(background, dst, work, text)
		switch {
		case err == nil && string(dst[:n]) != secret:
			t.Fatalf("%s: plaintext %q: %s", what, dst[:n], text)
		case err == nil && size != n:
			t.Fatalf("%s: DecryptedSize %d, %d bytes decrypted", what, size, n)
		case err != nil && !sensible[envelope.CodeOf(err)] &&
			(envelope.CodeOf(err) != envelope.BufferTooSmall || n != size || n <= len(dst)):
			t.Fatalf("%s: class %d, %d: %v: %s", what, envelope.CodeOf(err), n, err, text)
		case err != nil && (bytes.Contains(dst, []byte(secret[:8])) || bytes.Contains(work, []byte(secret[:8]))):
			t.Fatalf("%s: plaintext is left behind", what)
		}
		classes[envelope.CodeOf(err)]++
	}
	for i := range good {
		for bit := range 8 {
			damaged := []byte(good)
			damaged[i] ^= 1 << bit
			try(fmt.Sprintf("bit %d of byte %d", bit, i), damaged)
		}
		try(fmt.Sprintf("cut to %d", i), []byte(good[:i]))
		try(fmt.Sprintf("without byte %d", i), []byte(good[:i]+good[i+1:]))
		try(fmt.Sprintf("byte %d twice", i), []byte(good[:i+1]+good[i:]))
	}
	random := rand.New(rand.NewPCG(5, 5))
	for range 20000 {
		damaged := []byte(good)
		for range 1 + random.IntN(4) {
			damaged[random.IntN(len(damaged))] = byte(random.Uint32())
		}
		try("random", damaged)
	}
	for code := range sensible {
		if classes[code] == 0 {
			t.Errorf("no damage gave class %d: %v", code, classes)
		}
	}
	decrypt(t, s, good)
}

// The authenticated parts: each byte of the sealed key and of the data counts.
func TestEveryByteIsAuthenticated(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	form := encrypt(t, s).form(t)
	meta := form.Key.ParentKeyMeta
	for part, b := range map[string][]byte{"key": form.Key.Key, "data": form.Data} {
		for i := range b {
			for bit := range 8 {
				b[i] ^= 1 << bit
				dst := bytes.Repeat([]byte{0xa5}, len(form.Data))
				_, err := s.Decrypt(background, dst, nil, []byte(canonical(meta.KeyId, meta.Created, form.Key.Key, form.Data)))
				if envelope.CodeOf(err) != envelope.Authentication || bytes.Contains(dst, []byte(secret[:4])) {
					t.Fatalf("%s, bit %d of byte %d: %v, buffer %q", part, bit, i, err, dst)
				}
				b[i] ^= 1 << bit
			}
		}
	}
	decrypt(t, s, record(canonical(meta.KeyId, meta.Created, form.Key.Key, form.Data)))
}
