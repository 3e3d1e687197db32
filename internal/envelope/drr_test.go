package envelope_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// awkward are partition ids that JSON writers disagree about.
var awkward = []string{
	"alice", "<script>&amp;", "a\"b", `a\b`, "tab\tnewline\ncr\r", "\x00\x01\x1f", "\x7f", "\u2028\u2029",
	"\u00e9\u0301", "🔐🦊", "a/b", "%s%d", "\u0085\u00a0", "\ufeff", "\ufffd", "日本語", "\U0010ffff", "'", "`", " ",
	strings.Repeat("x", 300), strings.Repeat("\u2028", 100),
}

// A record is, byte for byte, what encoding/json makes of the canonical struct with the same content.
func TestRecordTextIsCanonical(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	for _, partition := range awkward {
		s := openSession(t, f, partition)
		for n := range 70 {
			text, err := s.EncryptBytes(background, make([]byte, n))
			if err != nil {
				t.Fatal(err)
			}
			form := record(text).form(t)
			want := canonical("_IK_"+partition+"_billing_shop", form.Key.ParentKeyMeta.Created, form.Key.Key, form.Data)
			want = strings.Replace(want, "1700000000", fmt.Sprint(form.Key.Created), 1)
			if string(text) != want {
				t.Fatalf("partition %q:\n%s\nwant\n%s", partition, text, want)
			}
			if form.Key.Created != w.clock.seconds() || len(form.Key.Key) != 60 || len(form.Data) != n+28 {
				t.Fatalf("partition %q: %+v", partition, form)
			}
		}
	}
}

// No two records have a data row key, a nonce or a ciphertext in common.
func TestRecordsAreFresh(t *testing.T) {
	s := newWorld(t).session()
	seen := map[string]bool{}
	for range 1000 {
		form := encrypt(t, s).form(t)
		for _, part := range [][]byte{
			form.Key.Key[:32], form.Key.Key[48:], form.Data[:len(secret)],
			form.Data[len(form.Data)-12:],
		} {
			if seen[string(part)] {
				t.Fatalf("%x comes twice", part)
			}
			seen[string(part)] = true
		}
	}
}

func payloadSizes() (sizes []int) {
	for n := range 1001 {
		sizes = append(sizes, n)
	}
	for _, n := range []int{1 << 16, 1 << 20} {
		for d := -3; d <= 3; d++ {
			sizes = append(sizes, n+d)
		}
	}
	return sizes
}

// Sizes are as promised, every way to pass buffers works, and what is too small by one byte is told the size needed.
func TestSizesAndBuffers(t *testing.T) {
	for _, partition := range []string{"alice", "\u2028<\""} {
		w := newWorld(t)
		f := w.factory()
		s := openSession(t, f, partition)
		for _, n := range payloadSizes() {
			plaintext := bytes.Repeat([]byte{byte(n), 0x5a, byte(n >> 8)}, n/3+1)[:n]
			bound := s.EncryptedSize(n)
			text, err := s.EncryptBytes(background, plaintext)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > bound || len(text) < bound-40 {
				t.Fatalf("%d bytes: the record has %d, EncryptedSize is %d", n, len(text), bound)
			}
			dst := guarded32(len(text))
			if m, err := s.Encrypt(background, dst.bytes, plaintext); err != nil || m != len(text) {
				t.Fatalf("%d bytes into a buffer of exactly the record's size: %d, %v", n, m, err)
			}
			dst.check(t, "encrypt")
			if got, err := s.DecryptBytes(background, dst.bytes); err != nil || !bytes.Equal(got, plaintext) {
				t.Fatalf("%d bytes: %v", n, err)
			}
			m, err := s.Encrypt(background, dst.bytes[:len(text)-1], plaintext)
			if envelope.CodeOf(err) != envelope.BufferTooSmall || m != len(text) {
				t.Fatalf("%d bytes into a buffer too small by one: %d, %v", n, m, err)
			}

			if got := envelope.DecryptedSize(text); got != n {
				t.Fatalf("DecryptedSize is %d, want %d", got, n)
			}
			fresh := openSession(t, f, partition) // without the short way of a session that has decrypted
			for _, s := range []*envelope.Session{s, fresh} {
				exact, work := guarded32(n), guarded32(n+28)
				if m, err := s.Decrypt(background, exact.bytes, work.bytes, text); err != nil || m != n ||
					!bytes.Equal(exact.bytes, plaintext) {
					t.Fatalf("%d bytes into exact buffers: %d, %v", n, m, err)
				}
				exact.check(t, "decrypt")
				work.check(t, "decrypt, work")
				if m, err := s.Decrypt(background, work.bytes, nil, text); err != nil || m != n ||
					!bytes.Equal(work.bytes[:n], plaintext) {
					t.Fatalf("%d bytes into one buffer: %d, %v", n, m, err)
				}
				work.check(t, "decrypt into one")
				_, err = s.Decrypt(background, exact.bytes, work.bytes[:n+27], text)
				wantCode(t, err, envelope.InvalidArgument)
				if n > 0 {
					m, err := s.Decrypt(background, exact.bytes[:n-1], work.bytes, text)
					if envelope.CodeOf(err) != envelope.BufferTooSmall || m != n {
						t.Fatalf("%d bytes into a buffer too small by one: %d, %v", n, m, err)
					}
				}
			}
			fresh.Close()
		}
	}
}

// margins is a buffer whose surroundings show writes beyond it. The capacity reaches into them, as that of a slice of a
// larger buffer does.
type margins struct{ all, bytes []byte }

func guarded32(n int) margins {
	all := bytes.Repeat([]byte{0xa5}, 32+n+32)
	return margins{all, all[32 : 32+n]}
}

func (m margins) check(t *testing.T, what string) {
	t.Helper()
	for i, b := range m.all {
		if (i < 32 || i >= 32+len(m.bytes)) && b != 0xa5 {
			t.Fatalf("%s into %d bytes writes at %d", what, len(m.bytes), i-32)
		}
	}
}

// rewrite are the ways in which other writers put the same record. Each is read as the canonical one is, cold and warm.
var rewrite = map[string]func(r string) string{
	"escaped slashes": func(r string) string { return strings.ReplaceAll(r, "/", `\/`) },
	"escaped letters": func(r string) string {
		return strings.Replace(r, `"Data":"`,
			`"Data":"\u0041\u0041\u0041\u0041`, 1)
	},
	"white space":     func(r string) string { return " {\n\t" + r[1:len(r)-1] + " }\r\n" },
	"trailing member": func(r string) string { return r[:len(r)-1] + `,"X":"y"}` },
	"trailing object": func(r string) string { return r[:len(r)-1] + `,"X":{"Data":"AAAA"}}` },
	"trailing number": func(r string) string { return r[:len(r)-1] + `,"X":1}` },
	"leading member":  func(r string) string { return `{"X":[1,{"Key":2}],` + r[1:] },
	"member of the key": func(r string) string {
		return strings.Replace(r, `{"Created"`, `{"Revoked":false,"Created"`,
			1)
	},
	"member of the parent": func(r string) string { return strings.Replace(r, `{"KeyId"`, `{"X":null,"KeyId"`, 1) },
	"escaped name":         func(r string) string { return strings.Replace(r, `"Data"`, `"D\u0061ta"`, 1) },
	"escaped id":           func(r string) string { return strings.Replace(r, `"_IK_`, `"\u005fIK_`, 1) },
	"space before a colon": func(r string) string { return strings.Replace(r, `"Data":`, `"Data" : `, 1) },
	"data first": func(r string) string {
		i := strings.Index(r, `,"Data":`)
		return `{` + r[i+1:len(r)-1] + `,` + r[1:i] + `}`
	},
}

func TestRecordsOfOtherWriters(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s := openSession(t, f, partition)
	for n := range 200 {
		plaintext := bytes.Repeat([]byte{0xff, byte(n)}, n)[:n]
		text, err := s.EncryptBytes(background, plaintext)
		if err != nil {
			t.Fatal(err)
		}
		for name, change := range rewrite {
			changed := []byte(change(string(text)))
			if name == "escaped letters" {
				// Four characters more, so three bytes: the data does not authenticate, but it is well-formed.
				wantCode(t, tryDecrypt(s, record(changed)), envelope.Authentication)
				continue
			}
			if got := envelope.DecryptedSize(changed); got != n {
				t.Fatalf("%s: DecryptedSize is %d, want %d: %s", name, got, n, changed)
			}
			cold := openSession(t, f, partition)
			decryptExact(t, name+", cold", cold, changed, plaintext)
			// After one under the same key the session takes its short way first.
			if _, err := cold.DecryptBytes(background, text); err != nil {
				t.Fatal(err)
			}
			decryptExact(t, name+", warm", cold, changed, plaintext)
			cold.Close()
		}
	}
}

// decryptExact decrypts into buffers of exactly the sizes needed, as a caller of the C functions may.
func decryptExact(t *testing.T, name string, s *envelope.Session, text, want []byte) {
	t.Helper()
	dst, work := make([]byte, len(want)), make([]byte, len(want)+seccache.Overhead)
	n, err := s.Decrypt(background, dst, work, text)
	if err != nil || n != len(want) || !bytes.Equal(dst, want) {
		t.Fatalf("%s: %d bytes, %v; want %d: %s", name, n, err, len(want), text)
	}
}
