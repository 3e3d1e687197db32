package envelope_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// closes counts how often a factory's OnClose is called.
func (w *world) closes() *atomic.Int64 {
	n := &atomic.Int64{}
	w.change = func(o *envelope.Options) { o.OnClose = func() { n.Add(1) } }
	return n
}

// Sessions outlive their factory, those that have loaded nothing yet too. The last one wipes.
func TestSessionsOutliveTheirFactory(t *testing.T) {
	for _, cache := range []bool{false, true} {
		w := newWorld(t)
		w.policy.CacheSessions = cache
		closed := w.closes()
		f := w.factory()
		warm, cold := openSession(t, f, partition), openSession(t, f, "bob")
		r := encrypt(t, warm)
		f.Close()
		if _, err := f.Session(partition); envelope.CodeOf(err) != envelope.ClosedHandle {
			t.Fatalf("a session of a closed factory: %v", err)
		}
		decrypt(t, warm, r)
		decrypt(t, cold, encrypt(t, cold))
		w.clock.advance(2 * w.policy.RevokeCheckInterval)
		decrypt(t, warm, r)
		clone, err := warm.Clone()
		if err != nil {
			t.Fatal(err)
		}
		warm.Close()
		cold.Close()
		decrypt(t, clone, r)
		if n := closed.Load(); n != 0 {
			t.Fatalf("OnClose was called %d times while a session is open", n)
		}
		clone.Close()
		if n := closed.Load(); n != 1 {
			t.Fatalf("OnClose was called %d times, want once", n)
		}
		checkSecrets(t, w.kms.secrets)
		f.Close()
		clone.Close()
		if n := closed.Load(); n != 1 {
			t.Fatalf("OnClose was called %d times, want once", n)
		}
	}
}

func TestUseAfterClose(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	s, other := openSession(t, f, partition), openSession(t, f, partition)
	r := encrypt(t, s)
	s.Close()
	s.Close()
	wantCode(t, tryEncrypt(s), envelope.ClosedHandle)
	wantCode(t, tryDecrypt(s, r), envelope.ClosedHandle)
	_, err := s.Clone()
	wantCode(t, err, envelope.ClosedHandle)
	decrypt(t, other, r)
	f.Close()
	f.Close()
	decrypt(t, other, r)
	other.Close()
	wantCode(t, tryEncrypt(other), envelope.ClosedHandle)
	if n := seccache.ReadStats().LiveSecrets; n != w.kms.secrets {
		t.Errorf("%d live secrets, want %d", n, w.kms.secrets)
	}
}

// A factory that was never used has nothing to wipe, and says that it is closed.
func TestUnusedFactory(t *testing.T) {
	w := newWorld(t)
	closed := w.closes()
	f := w.factory()
	f.Close()
	if n := closed.Load(); n != 1 {
		t.Errorf("OnClose was called %d times", n)
	}
	w.wantCalls("an unused factory")
}

// Closing from many goroutines, while others use and clone: OnClose once, everything wiped.
func TestConcurrentCloses(t *testing.T) {
	for range 50 {
		w := newWorld(t)
		closed := w.closes()
		f := w.factory()
		s := openSession(t, f, partition)
		var refused atomic.Int64
		together(32, func(i int) error {
			switch i % 4 {
			case 0:
				f.Close()
			case 1:
				s.Close()
			case 2:
				if c, err := s.Clone(); err == nil {
					defer c.Close()
					if err := tryEncrypt(c); err != nil {
						t.Errorf("an open session: %v", err)
					}
				}
			case 3:
				if err := tryEncrypt(s); err != nil {
					wantCode(t, err, envelope.ClosedHandle)
					refused.Add(1)
				}
			}
			return nil
		})
		if n := closed.Load(); n != 1 {
			t.Fatalf("OnClose was called %d times", n)
		}
		checkSecrets(t, w.kms.secrets)
	}
}

// Closing waits for nobody: neither for a call that hangs in the metastore nor for a look in the background. When those
// end, the rest is wiped.
func TestClosingDoesNotBlock(t *testing.T) {
	w := newWorld(t)
	closed := w.closes()
	f := w.factory()
	s := openSession(t, f, partition)
	r := encrypt(t, s)
	entered, release := make(chan struct{}, 10), make(chan struct{})
	w.store.fail(func(context.Context, call) error { entered <- struct{}{}; <-release; return nil })
	w.clock.advance(58 * time.Minute)
	encrypt(t, s) // begins an early look
	<-entered
	hanging := make(chan error)
	go func() { hanging <- tryEncrypt(openSession(t, f, "bob")) }()
	<-entered

	done := make(chan struct{})
	go func() { s.Close(); f.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("closing hangs")
	}
	wantCode(t, tryDecrypt(s, r), envelope.ClosedHandle)
	if n := closed.Load(); n != 0 {
		t.Fatal("OnClose was called while calls are under way")
	}
	close(release)
	wantCode(t, <-hanging, envelope.OK)
	within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
}

// Panics in user-written stores and KMSs reach their caller; the factory refuses what would ask them again, others that
// wait are not left waiting, and closing wipes all.
func TestPanicsPoison(t *testing.T) {
	for _, name := range []string{
		"LoadLatest IK", "LoadLatest SK", "EncryptKey", "Store SK", "Store IK", "Load IK",
		"Load SK", "DecryptKey",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var r record
			reading := name == "Load IK" || name == "Load SK" || name == "DecryptKey"
			if reading {
				r = encrypt(t, w.session())
			}
			do := func(s *envelope.Session) error {
				if reading {
					return tryDecrypt(s, r)
				}
				return tryEncrypt(s)
			}
			closed, secrets := w.closes(), seccache.ReadStats().LiveSecrets
			f := w.factory()
			inside, release := make(chan struct{}), make(chan struct{})
			fault := func(op string) error {
				if op == name {
					close(inside)
					<-release
					panic("user code")
				}
				return nil
			}
			w.store.fail(func(_ context.Context, c call) error { return fault(c.String()) })
			w.kms.fail(fault)
			panicked, waited := make(chan any), make(chan error)
			first, second := openSession(t, f, partition), openSession(t, f, partition)
			go func() {
				defer func() { panicked <- recover() }()
				_ = do(first)
			}()
			<-inside
			go func() { waited <- do(second) }()
			time.Sleep(5 * time.Millisecond)
			close(release)
			if p := <-panicked; p != "user code" {
				t.Errorf("the caller got %v", p)
			}
			wantCode(t, <-waited, envelope.Internal)
			w.store.fail(nil)
			w.kms.fail(nil)
			wantCode(t, do(second), envelope.Internal)
			bob := openSession(t, f, "bob")
			wantCode(t, tryEncrypt(bob), envelope.Internal)
			for _, s := range []*envelope.Session{first, second, bob} {
				s.Close()
			}
			f.Close()
			if n := closed.Load(); n != 1 {
				t.Errorf("OnClose was called %d times", n)
			}
			checkSecrets(t, secrets)
			decrypt(t, w.session(), encrypt(t, w.session())) // other factories go on
		})
	}
}

// Arguments of a factory and its sessions.
func TestArguments(t *testing.T) {
	w := newWorld(t)
	long := make([]byte, envelope.MaxID+1)
	for i := range long {
		long[i] = 'x'
	}
	for _, test := range []struct {
		name   string
		change func(o *envelope.Options)
		want   envelope.Code
	}{
		{"no service", func(o *envelope.Options) { o.Service = "" }, envelope.InvalidArgument},
		{"no product", func(o *envelope.Options) { o.Product = "" }, envelope.InvalidArgument},
		{"service not UTF-8", func(o *envelope.Options) { o.Service = "a\xffb" }, envelope.InvalidArgument},
		{"lone surrogate", func(o *envelope.Options) { o.Product = "\xed\xa0\x80" }, envelope.InvalidArgument},
		{"long service", func(o *envelope.Options) { o.Service = string(long) }, envelope.InvalidArgument},
		{"longest service", func(o *envelope.Options) { o.Service = string(long[1:]) }, envelope.OK},
		{
			"suffix not UTF-8", func(o *envelope.Options) { o.Metastore = &fakeStore{suffix: "\x80"} },
			envelope.InvalidArgument,
		},
		{"no metastore", func(o *envelope.Options) { o.Metastore = nil }, envelope.Configuration},
		{"no KMS", func(o *envelope.Options) { o.KMS = nil }, envelope.Configuration},
		{"no expiry", func(o *envelope.Options) { o.Policy.ExpireAfter = 0 }, envelope.Configuration},
		{"no interval", func(o *envelope.Options) { o.Policy.RevokeCheckInterval = 0 }, envelope.Configuration},
		{"negative grace", func(o *envelope.Options) { o.Policy.RevokeCheckGrace = -1 }, envelope.Configuration},
		{"negative precision", func(o *envelope.Options) { o.Policy.CreatePrecision = -1 }, envelope.Configuration},
		{"negative cache", func(o *envelope.Options) { o.Policy.IntermediateKeyCacheSize = -1 }, envelope.Configuration},
		{"zero policy", func(o *envelope.Options) { o.Policy = envelope.Policy{} }, envelope.Configuration},
	} {
		o := w.options()
		test.change(&o)
		f, err := envelope.NewFactory(o)
		if envelope.CodeOf(err) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
		if err == nil {
			f.Close()
		}
	}

	f := w.factory()
	for partition, want := range map[string]envelope.Code{
		"": envelope.InvalidArgument, "\xff": envelope.InvalidArgument, string(long): envelope.InvalidArgument,
		"a\xc0\xafb": envelope.InvalidArgument, " ": envelope.OK, "\x00": envelope.OK, "a\x00b": envelope.OK,
		"\u2028":         envelope.OK,
		string(long[1:]): envelope.OK, "\ufeff": envelope.OK, "_": envelope.OK,
	} {
		s, err := f.Session(partition)
		if envelope.CodeOf(err) != want {
			t.Errorf("partition of %d bytes %.20q: %v", len(partition), partition, err)
		}
		if err == nil {
			decrypt(t, s, encrypt(t, s))
			s.Close()
		}
	}
	w.change = func(o *envelope.Options) { o.AllowEmptyPartition = true }
	s := openSession(t, w.factory(), "")
	r := encrypt(t, s)
	decrypt(t, s, r)
	if id := r.form(t).Key.ParentKeyMeta.KeyId; id != "_IK__billing_shop" {
		t.Errorf("the empty partition's key is %s", id)
	}
}

// Partitions that differ in what folds, trims or normalises have keys of their own.
func TestPartitionsAreVerbatim(t *testing.T) {
	w := newWorld(t)
	f := w.factory()
	ids := []string{"a", "A", " a", "a ", "a\x00", "a\x00b", "\u00e9", "e\u0301", "ß", "ss", "a\n", "a\r\n", "\ufeffa"}
	records := map[string]record{}
	for _, id := range ids {
		records[id] = encrypt(t, openSession(t, f, id))
		if got := records[id].form(t).Key.ParentKeyMeta.KeyId; got != "_IK_"+id+"_billing_shop" {
			t.Errorf("%q: key id %q", id, got)
		}
	}
	if n := w.store.count(); n != len(ids)+1 {
		t.Errorf("%d keys, want %d", n, len(ids)+1)
	}
	for _, id := range ids {
		s := openSession(t, f, id)
		for other, r := range records {
			if other == id {
				decrypt(t, s, r)
			} else {
				wantCode(t, tryDecrypt(s, r), envelope.PartitionMismatch)
			}
		}
	}
}
