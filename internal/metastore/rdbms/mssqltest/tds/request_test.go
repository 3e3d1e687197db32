package tds

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

func packet(kind, status byte, body string) string {
	h := []byte{kind, status, 0, 0, 0, 0, 1, 0}
	binary.BigEndian.PutUint16(h[2:], uint16(headerSize+len(body)))
	return string(h) + body
}

func TestReadMessage(t *testing.T) {
	const limit = 100
	for name, c := range map[string]struct {
		sent string
		body string
		err  string
	}{
		"one packet":   {packet(PacketBatch, statusLast, "abc"), "abc", ""},
		"two":          {packet(PacketBatch, 0, "abc") + packet(PacketBatch, statusLast, "de"), "abcde", ""},
		"an empty one": {packet(PacketAttention, statusLast, ""), "", ""},
		"to the limit": {packet(PacketBatch, statusLast, strings.Repeat("x", limit)), strings.Repeat("x", limit), ""},
		"beyond it":    {packet(PacketBatch, statusLast, strings.Repeat("x", limit+1)), "", "101 bytes"},
		"beyond, in two": {
			packet(PacketBatch, 0, strings.Repeat("x", limit)) + packet(PacketBatch, statusLast, "x"), "",
			"1 bytes after 100",
		},
		"nothing":        {"", "", "EOF"},
		"half a header":  {"\x01\x01\x00", "", "unexpected EOF"},
		"half a body":    {packet(PacketBatch, statusLast, "abc")[:10], "", "unexpected EOF"},
		"no last packet": {packet(PacketBatch, 0, "abc"), "", "unexpected EOF"},
		"another type":   {packet(PacketBatch, 0, "a") + packet(PacketRPC, statusLast, "b"), "", "inside of a message"},
		"a wrong type":   {packet(99, statusLast, ""), "", "type 99"},
		"a wrong length": {"\x01\x01\x00\x07\x00\x00\x00\x00", "", "-1 bytes"},
	} {
		m, err := ReadMessage(strings.NewReader(c.sent), limit)
		switch {
		case c.err == "" && (err != nil || string(m.Body) != c.body):
			t.Errorf("%s: %v, %v", name, m, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v; want %q", name, err, c.err)
		}
	}
	m, err := ReadMessage(strings.NewReader(packet(PacketRPC, statusLast|statusReset|statusIgnore, "")), limit)
	if err != nil || !m.Reset || !m.Ignored {
		t.Errorf("status bits: %+v, %v", m, err)
	}
}

const (
	noHeaders = "\x04\x00\x00\x00"
	unnamed   = noHeaders + "\xff\xff\x0a\x00\x00\x00\x00\x00" // sp_executesql and a parameter without a name
	maximum   = unnamed + "\xe7\xff\xff\x00\x00\x00\x00\x00"   // of the type NVARCHAR(MAX)
)

// hostile are messages that promise more than they have.
var hostile = map[string]string{
	"headers":           "\xff\xff\xff\x7f",
	"a header":          "\x0a\x00\x00\x00\xff\xff\xff\x7f\x02\x00",
	"a header of zero":  "\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"a procedure":       noHeaders + "\xfe\xff",
	"a name":            noHeaders + "\xff\xff\x0a\x00\x00\x00\x7f",
	"(MAX)":             maximum + "\xfe\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\x7f",
	"(MAX), unknown":    maximum + "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	"NTEXT":             unnamed + "\x63\xff\xff\xff\x7f\x00\x00\x00\x00\x00\xf0\xff\xff\xff",
	"NVARCHAR":          unnamed + "\xe7\x02\x00\x00\x00\x00\x00\x00\x04\x00abcd",
	"an int of 3 bytes": unnamed + "\x26\x03\x03abc",
	"a wrong type":      unnamed + "\x01",
	"a wrong date":      unnamed + "\x28\x03\xff\xff\xff",
	"a wrong time":      unnamed + "\x2a\x07\x08\xff\xff\xff\xff\xff\x00\x00\x00",
	"a wrong zone":      unnamed + "\x2b\x00\x08\x00\x00\x00\x00\x00\x00\xff\x7f",
	"a wrong datetime":  unnamed + "\x6f\x08\x08\xff\xff\xff\x7f\x00\x00\x00\x00",
	"an odd text":       unnamed + "\xe7\x08\x00\x00\x00\x00\x00\x00\x03\x00abc",
	"procedure 99":      noHeaders + "\xff\xff\x63\x00\x00\x00",
}

// TestHostileRequests: they are errors, and cost no more memory than they are long.
func TestHostileRequests(t *testing.T) {
	db := collation(t, sqltype.DefaultCollation)
	for name, body := range hostile {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := ParseRPC([]byte(body), db)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s is taken", name)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s cost %d bytes", name, used)
		}
	}
	if _, _, err := ParseBatch([]byte(noHeaders + "abc")); err == nil {
		t.Error("a batch of an odd length is taken")
	}
	for _, body := range []string{"", "\xff", "\x01\x00\x06\xff\xff\xff", "\x01\x00", "\x01\xff\xff\x00\x01\xff"} {
		if p, err := ParsePrelogin([]byte(body)); err == nil && body != "\xff" {
			t.Errorf("the pre-login %x is taken: %+v", body, p)
		}
	}
	login := make([]byte, loginSize)
	login[0] = loginSize
	if _, err := ParseLogin(login); err != nil {
		t.Errorf("an empty login: %v", err)
	}
	login[loginTexts+2] = 90 // characters of the host's name
	if _, err := ParseLogin(login); err == nil {
		t.Error("a login whose texts lie outside of it is taken")
	}
}

// TestTypesNotTaken: a type that the stand-in does not know is an error of the server, not of the protocol.
func TestTypesNotTaken(t *testing.T) {
	db := collation(t, sqltype.DefaultCollation)
	for _, token := range []byte{
		tokMoney, tokMoneyN, tokSmallMoney, tokDecimalN, tokNumericN, tokVariant, tokUDT,
		tokXML, tokTable,
	} {
		body := unnamed + string([]byte{token}) + "\x00\x00\x00\x00"
		var e *sqltype.Error
		if _, _, err := ParseRPC([]byte(body), db); !errors.As(err, &e) || e.Number != 50000 {
			t.Errorf("type %#x: %v", token, err)
		}
	}
}

// FuzzMessage: whatever comes as a message is read or refused.
func FuzzMessage(f *testing.F) {
	for _, body := range hostile {
		f.Add(packet(PacketRPC, statusLast, body))
	}
	f.Add(packet(PacketBatch, statusLast, noHeaders+"s\x00e\x00l\x00"))
	f.Add(packet(PacketLogin, statusLast, string(append([]byte{loginSize}, make([]byte, loginSize)...))))
	f.Add(packet(PacketPrelogin, statusLast, "\x01\x00\x06\x00\x01\xff\x01"))
	f.Add(packet(PacketTransaction, statusLast, noHeaders+"\x05\x00\x02\x00"))
	db := collation(f, "Latin1_General_100_CI_AS_SC_UTF8")
	f.Fuzz(func(t *testing.T, sent string) {
		r := strings.NewReader(sent)
		for {
			m, err := ReadMessage(r, 1<<16)
			if err != nil {
				return
			}
			switch m.Type {
			case PacketRPC:
				calls, _, err := ParseRPC(m.Body, db)
				if err == nil {
					sendBack(t, calls)
				}
			case PacketBatch:
				_, _, _ = ParseBatch(m.Body)
			case PacketLogin:
				_, _ = ParseLogin(m.Body)
			case PacketPrelogin:
				_, _ = ParsePrelogin(m.Body)
			case PacketTransaction:
				_, _ = ParseTransaction(m.Body)
			}
		}
	})
}

// sendBack writes what was read as a row.
func sendBack(t *testing.T, calls []RPC) {
	w := NewWriter(io.Discard)
	for _, call := range calls {
		var columns []Column
		var row []any
		for _, p := range call.Params {
			if p.Type.Kind == sqltype.Null {
				p.Type.Kind = sqltype.Int
			}
			columns, row = append(columns, Column{Name: p.Name, Type: p.Type, Nullable: true}), append(row, p.Value)
		}
		w.Row(w.Columns(columns, false), row, true)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

func TestHandshakeWraps(t *testing.T) {
	var wire bytes.Buffer
	h := &Handshake{Conn: pipe{r: strings.NewReader(packet(PacketPrelogin, statusLast, "abc") + packet(PacketPrelogin, 0,
		"de") + "plain"), w: &wire}}
	got := make([]byte, 5)
	if _, err := io.ReadFull(h, got); err != nil || string(got) != "abcde" {
		t.Fatalf("%q, %v", got, err)
	}
	long := strings.Repeat("x", DefaultPacket)
	if _, err := io.WriteString(h, long); err != nil {
		t.Fatal(err)
	}
	if want := packet(PacketPrelogin, statusLast, long[headerSize:]) + packet(PacketPrelogin, statusLast,
		long[:headerSize]); wire.String() != want {
		t.Errorf("written: %d bytes, want %d", wire.Len(), len(want))
	}
	h.Plain()
	if _, err := io.ReadFull(h, got); err != nil || string(got) != "plain" {
		t.Errorf("behind the handshake: %q, %v", got, err)
	}
	wrong := &Handshake{Conn: pipe{r: strings.NewReader(packet(PacketBatch, statusLast, "abc")), w: &wire}}
	if _, err := wrong.Read(got); err == nil {
		t.Error("a batch is taken inside of the handshake")
	}
}
