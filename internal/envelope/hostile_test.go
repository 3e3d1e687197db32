package envelope_test

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// A row of the parent key that cannot be understood is no absence: no key is made.
func TestDamagedParentMintsNothing(t *testing.T) {
	_, damaged := envelope.ParseKeyRecord([]byte(`{"Created":1,"Key":"AAAA","ParentKeyMeta":{}}`))
	if damaged == nil {
		t.Fatal("the damaged row is read")
	}
	w := newWorld(t)
	encrypt(t, w.session())
	records := w.store.count()
	w.store.failing("Load SK", damaged)
	s := w.session()
	w.clock.advance(61 * time.Second)
	if err := tryEncrypt(s); err == nil || w.store.count() != records {
		t.Errorf("encrypt: %v; %d records, %d before", err, w.store.count(), records)
	}
}

// After a fault in the middle of a look-up nothing of the factory works, cached keys or not.
func TestPoisonedFactoryRefusesCachedKeys(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	warm := openSession(t, f, "warm")
	record := encrypt(t, warm)
	w.store.fail(func(context.Context, call) error { panic("fault") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the fault did not reach the caller")
			}
		}()
		_ = tryEncrypt(openSession(t, f, "cold"))
	}()
	w.store.fail(nil)
	if code := envelope.CodeOf(tryEncrypt(warm)); code != envelope.Internal {
		t.Errorf("encryption answers %d", code)
	}
	if _, err := warm.DecryptBytes(context.Background(), []byte(record)); envelope.CodeOf(err) != envelope.Internal {
		t.Errorf("decryption answers %v", err)
	}
}

// A record of another partition costs no memory and no long message, however long the id it names.
func TestLongForeignID(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	record := []byte(encrypt(t, s))
	const long = 32 << 20
	plain := bytes.Replace(record, []byte(`"KeyId":"`), []byte(`"KeyId":"`+strings.Repeat("A", long)), 1)
	escaped := bytes.Replace(record, []byte(`"KeyId":"`), []byte(`"KeyId":"\u0041`+strings.Repeat("A", long)), 1)
	for name, text := range map[string][]byte{"plain": plain, "escaped": escaped} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.Decrypt(context.Background(), make([]byte, 1024), nil, text)
		runtime.ReadMemStats(&after)
		if err == nil || len(err.Error()) > 1000 {
			t.Fatalf("%s: error of %d bytes", name, len(err.Error()))
		}
		if name == "plain" && after.TotalAlloc-before.TotalAlloc > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, after.TotalAlloc-before.TotalAlloc)
		}
	}
}
