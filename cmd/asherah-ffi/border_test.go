package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Test files cannot import "C": these are the names that cgo gives to the types of the exports.
type (
	cHandle = _Ctype_uintptr_t
	cSize   = _Ctype_size_t
)

func addressOf(b []byte) cHandle { return cHandle(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// faulty panics while failing is true.
type faulty struct {
	envelope.Metastore
	failing *bool
}

func (f faulty) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	if *f.failing {
		panic("the words of a panic: secret")
	}
	return f.Metastore.LoadLatest(ctx, id)
}

// openSession returns a session, as a handle, whose metastore panics while failing is true.
func openSession(t *testing.T, failing *bool) cHandle {
	t.Helper()
	return openSessionOn(t, faulty{memory.New(), failing})
}

func openSessionOn(t *testing.T, metastore envelope.Metastore) cHandle {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	secret, err := arena.NewSecret(seccache.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	kms, err := static.New(arena, secret)
	if err != nil {
		t.Fatal(err)
	}
	factory, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: metastore, KMS: kms,
		Policy: envelope.DefaultPolicy(), OnClose: func() { _ = kms.Close() },
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := factory.Session("partition")
	if err != nil {
		t.Fatal(err)
	}
	factory.Close()
	h := live.Add(sessionHandle, session)
	t.Cleanup(func() { borderSessionFree(cHandle(h)) })
	return cHandle(h)
}

// encrypt has the export encrypt a byte and returns its status.
func encrypt(h cHandle) envelope.Code {
	plaintext, record := []byte("x"), make([]byte, 1000)
	var written cSize
	return envelope.Code(borderEncrypt(h, addressOf(plaintext), 1, addressOf(record), 1000, &written, 0))
}

func TestPanicStopsAtTheBorder(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	t.Cleanup(func() {
		if n := seccache.ReadStats().LiveSecrets; n != before {
			t.Errorf("%d live secrets, %d before", n, before)
		}
	})
	var lines []string
	hooks.SetLog(func(_ hooks.Level, _, message string) { lines = append(lines, message) }, 0, hooks.Error, true)
	defer hooks.ClearLog()

	failing, never := true, false
	h, other := openSession(t, &failing), openSession(t, &never)
	if got := encrypt(h); got != envelope.Internal {
		t.Errorf("the status is %d", got)
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "LoadLatest") || strings.Contains(lines[0], "words of a panic") {
		t.Errorf("the log has %q, not one line with the stack and without the words of the panic", lines)
	}
	// Its factory may be in any state; the others are not.
	failing = false
	if got := encrypt(h); got != envelope.Internal {
		t.Errorf("the status afterwards is %d", got)
	}
	if got := encrypt(other); got != envelope.OK {
		t.Errorf("the status of another factory is %d", got)
	}
	if broken.Load() {
		t.Error("the whole library is given up for the fault of one factory")
	}
}

func TestContain(t *testing.T) {
	defer broken.Store(false)
	result := status(nil)
	func() {
		defer contain(&result, false)
	}()
	if result != 0 || broken.Load() {
		t.Errorf("without a panic: %d, %t", result, broken.Load())
	}
	for _, fault := range []any{"words", errors.New("words"), fmt.Errorf("words %d", 1), 5} {
		func() {
			defer contain(&result, false)
			panic(fault)
		}()
		if envelope.Code(result) != envelope.Internal || broken.Load() || usable() != nil {
			t.Errorf("%v: %d, %t", fault, result, broken.Load())
		}
	}
	func() {
		defer contain(&result, true)
		var none []int
		none[len(none)]++
	}()
	if envelope.Code(result) != envelope.Internal || envelope.CodeOf(usable()) != envelope.Internal {
		t.Errorf("shared: %d, %v", result, usable())
	}
	// From now on every call is refused, but what frees and what looks.
	never := false
	h := openSession(t, &never)
	if got := encrypt(h); got != envelope.Internal {
		t.Errorf("a call is answered with %d", got)
	}
	if got := borderSessionNew(h, 0, 0); got != 0 {
		t.Errorf("a session is made: %#x", got)
	}
	if got := borderEncryptedSize(h, 10); got == 0 {
		t.Error("no size")
	}
}

func TestMessagesAreOurs(t *testing.T) {
	ours := envelope.Errorf(envelope.KMSFailed, errors.New("cause"), "the KMS failed")
	for _, c := range []struct {
		err  error
		want string
	}{
		{ours, "the KMS failed"},
		{envelope.Errorf(envelope.Internal, nil, "fault"), "fault"},
		{errors.New("dial tcp 10.0.0.1: refused"), "internal error"},
		{context.DeadlineExceeded, "internal error"},
	} {
		if got := messageOf(c.err); got != c.want {
			t.Errorf("%v: %q", c.err, got)
		}
		if got := envelope.Code(status(c.err)); got != envelope.CodeOf(c.err) {
			t.Errorf("%v: status %d", c.err, got)
		}
	}
}

func TestVersionsAreThoseOfTheHeader(t *testing.T) {
	text, err := os.ReadFile("../../include/asherah.h")
	if err != nil {
		t.Fatal(err)
	}
	find := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindSubmatch(text)
		if m == nil {
			t.Fatalf("the header has no %s", pattern)
		}
		return string(m[1])
	}
	if want := find(`#define ASHERAH_VERSION "(.*)"`); version != want {
		t.Errorf("version %s, in the header %s", version, want)
	}
	if want := find(`#define ASHERAH_ABI_VERSION (\d+)`); strconv.Itoa(abiVersion) != want {
		t.Errorf("ABI version %d, in the header %s", abiVersion, want)
	}
}

func TestGetenvSeesWhatTheProcessHasNow(t *testing.T) {
	t.Setenv("ASHERAH_BORDER_TEST", "value") // with cgo this sets C's environment too
	if v, ok := getenv("ASHERAH_BORDER_TEST"); !ok || string(v) != "value" {
		t.Errorf("%q, %t", v, ok)
	}
	t.Setenv("ASHERAH_BORDER_TEST", "")
	if v, ok := getenv("ASHERAH_BORDER_TEST"); !ok || len(v) != 0 {
		t.Errorf("%q, %t", v, ok)
	}
	for _, name := range []string{"ASHERAH_BORDER_NONE", "", "A\x00", strings.Repeat("A", 128), strings.Repeat("A", 1000)} {
		if v, ok := getenv(name); ok {
			t.Errorf("%.20q is %q", name, v)
		}
	}
}
