package callback

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hostcall"
	"github.com/libasherah/libasherah/internal/kms/kmstest"
	"github.com/libasherah/libasherah/internal/seccache"
)

// functions are those of a host with a master key. answer, if it is there, answers in their place.
type functions struct {
	aead     cipher.AEAD
	answer   func(key []byte) (hostcall.Reply, bool)
	releases atomic.Int64
	calls    atomic.Int64
	discards atomic.Int64
}

func newFunctions(letter byte) *functions {
	block, err := aes.NewCipher(bytes.Repeat([]byte{letter}, 32))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return &functions{aead: aead}
}

func (f *functions) Nesting() hostcall.Nesting { return hostcall.Nesting{} }

func (f *functions) Release() { f.releases.Add(1) }

func (f *functions) reply(key []byte, compute func() hostcall.Reply) hostcall.Reply {
	f.calls.Add(1)
	r, answered := hostcall.Reply{}, false
	if f.answer != nil {
		r, answered = f.answer(key)
	}
	if !answered {
		r = compute()
	}
	r.Free = func() { f.discards.Add(1) }
	return r
}

func (f *functions) EncryptKey(_ hostcall.Nesting, key []byte, _ int64, _ bool) hostcall.Reply {
	return f.reply(key, func() hostcall.Reply { return hostcall.Reply{Result: f.aead.Seal(nil, nil, key, nil)} })
}

func (f *functions) DecryptKey(_ hostcall.Nesting, blob []byte, _ int64, _ bool, key []byte) hostcall.Reply {
	return f.reply(key, func() hostcall.Reply {
		result, err := f.aead.Open(nil, nil, blob, nil)
		if err != nil {
			return hostcall.Reply{Status: -1}
		}
		if len(result) <= len(key) {
			result = key[:copy(key, result)]
		}
		return hostcall.Reply{Result: result}
	})
}

// open makes a KMS, which must discard every reply it got, be released once, and leave no key.
func open(t *testing.T, f *functions) *KMS {
	t.Helper()
	before := seccache.ReadStats().LiveSecrets
	k := New(f)
	t.Cleanup(func() {
		k.Release()
		// A call that nobody waits for any more ends when it ends, and is released then.
		settled := func() bool { return f.releases.Load() == 1 && f.calls.Load() == f.discards.Load() }
		left := func() int64 { return int64(seccache.ReadStats().LiveSecrets) - int64(before) }
		for end := time.Now().Add(time.Minute); (!settled() || left() > 0) && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if !settled() {
			t.Errorf("%d releases, %d calls, %d replies discarded", f.releases.Load(), f.calls.Load(), f.discards.Load())
		}
		if n := left(); n > 0 {
			t.Errorf("%d secrets are left", n)
		}
	})
	return k
}

func TestConformance(t *testing.T) {
	for name, limit := range map[string]time.Duration{"unlimited": 0, "limited": time.Hour} {
		t.Run(name, func(t *testing.T) {
			kmstest.Run(t, kmstest.Harness{
				Open: func(t *testing.T) envelope.KMS {
					return open(t, newFunctions('a')).With(limit, seccache.Open(seccache.Prefer))
				},
				Stranger: func(t *testing.T) envelope.KMS { return open(t, newFunctions('b')) },
				Wrap: func(_ *testing.T, key []byte) []byte {
					return newFunctions('a').aead.Seal(nil, nil, key, nil)
				},
			})
		})
	}
}

func newKey(t *testing.T) *seccache.Secret {
	t.Helper()
	key, err := seccache.Open(seccache.Prefer).NewSecret(seccache.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = rand.Read(key.Bytes())
	return key
}

func TestBadAnswers(t *testing.T) {
	var reply hostcall.Reply
	f := newFunctions('a')
	k := open(t, f)
	key := newKey(t)
	defer key.Destroy()
	blob, err := k.EncryptKey(t.Context(), key, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	f.answer = func(place []byte) (hostcall.Reply, bool) {
		if n := len(reply.Result); n <= len(place) && !bytes.Equal(place, key.Bytes()) {
			copy(place, reply.Result)
			return hostcall.Reply{Status: reply.Status, Result: place[:n]}, true
		}
		return reply, true
	}
	for _, c := range []struct {
		status  int32
		size    int
		encrypt envelope.Code
		decrypt envelope.Code
	}{
		{-5, 0, envelope.HostCallback, envelope.HostCallback},
		{-5, 32, envelope.HostCallback, envelope.HostCallback},
		{1, 32, envelope.HostCallback, envelope.HostCallback},
		{0, 0, envelope.HostCallback, envelope.HostCallback},
		{0, 31, envelope.OK, envelope.HostCallback},
		{0, 32, envelope.OK, envelope.OK},
		{0, 33, envelope.OK, envelope.HostCallback},
		{0, 1 << 20, envelope.OK, envelope.HostCallback},
	} {
		reply = hostcall.Reply{Status: c.status, Result: bytes.Repeat([]byte{'x'}, c.size)}
		got, err := k.EncryptKey(t.Context(), key, 1, false)
		if envelope.CodeOf(err) != c.encrypt || (err == nil) != (len(got) == c.size && got != nil) {
			t.Errorf("encrypt_key with %d and %d bytes: %d bytes, %v", c.status, c.size, len(got), err)
		}
		opened, err := k.DecryptKey(t.Context(), blob, 1, false)
		if envelope.CodeOf(err) != c.decrypt || (err == nil) != (opened != nil) {
			t.Errorf("decrypt_key with %d and %d bytes: %v, %v", c.status, c.size, opened, err)
		}
		opened.Destroy()
	}
}

// A call that was given up has the key until it returns, whatever becomes of the caller's; then there is none.
func TestKeyOfACallThatWasGivenUp(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	f := newFunctions('a')
	k := open(t, f)
	key := newKey(t)
	want := bytes.Clone(key.Bytes())
	goOn, seen := make(chan struct{}), make(chan []byte, 1)
	f.answer = func(key []byte) (hostcall.Reply, bool) {
		<-goOn
		seen <- bytes.Clone(key)
		return hostcall.Reply{Result: []byte("blob")}, true
	}
	limited := k.With(5*time.Millisecond, seccache.Open(seccache.Prefer))
	blob, err := limited.EncryptKey(context.Background(), key, 1, false)
	if blob != nil || envelope.CodeOf(err) != envelope.TimedOut {
		t.Fatalf("%v, %v", blob, err)
	}
	key.Destroy()
	other := newKey(t) // perhaps where the caller's was
	defer other.Destroy()
	close(goOn)
	if got := <-seen; !bytes.Equal(got, want) {
		t.Error("the key changed under the call")
	}
	eventually(t, func() bool { return seccache.ReadStats().LiveSecrets == before+1 && f.discards.Load() == 1 })
}

// The key that is unwrapped too late is destroyed.
func TestKeyThatComesTooLate(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	f := newFunctions('a')
	k := open(t, f)
	goOn := make(chan struct{})
	f.answer = func(key []byte) (hostcall.Reply, bool) {
		<-goOn
		return hostcall.Reply{Result: key}, true
	}
	limited := k.With(5*time.Millisecond, seccache.Open(seccache.Prefer))
	key, err := limited.DecryptKey(context.Background(), []byte("blob"), 1, false)
	if key != nil || envelope.CodeOf(err) != envelope.TimedOut {
		t.Fatalf("%v, %v", key, err)
	}
	close(goOn)
	eventually(t, func() bool { return seccache.ReadStats().LiveSecrets == before && f.discards.Load() == 1 })
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for range 10_000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("it does not come to an end")
}

// A call that is not made leaves no copy of the key.
func TestCallsThatAreNotMade(t *testing.T) {
	f := newFunctions('a')
	k := open(t, f)
	key := newKey(t)
	defer key.Destroy()
	before := seccache.ReadStats().LiveSecrets
	k.Release()
	for _, limit := range []time.Duration{0, time.Hour} {
		limited := k.With(limit, seccache.Open(seccache.Prefer))
		if _, err := limited.EncryptKey(context.Background(), key, 1, false); envelope.CodeOf(err) != envelope.ClosedHandle {
			t.Errorf("EncryptKey: %v", err)
		}
		_, err := limited.DecryptKey(context.Background(), []byte("blob"), 1, false)
		if envelope.CodeOf(err) != envelope.ClosedHandle {
			t.Errorf("DecryptKey: %v", err)
		}
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
}
