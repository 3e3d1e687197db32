package config

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

func mustMake(t *testing.T, c *Config) *envelope.Factory {
	t.Helper()
	f, err := c.NewFactory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func mustOpen(t *testing.T, f *envelope.Factory, partition string) *envelope.Session {
	t.Helper()
	s, err := f.Session(partition)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encrypt(t *testing.T, f *envelope.Factory, plaintext string) []byte {
	t.Helper()
	s := mustOpen(t, f, "partition")
	defer s.Close()
	record, err := s.EncryptBytes(context.Background(), []byte(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func decrypts(f *envelope.Factory, record []byte, want string) error {
	s, err := f.Session("partition")
	if err != nil {
		return err
	}
	defer s.Close()
	got, err := s.DecryptBytes(context.Background(), record)
	if err == nil && string(got) != want {
		panic("decrypted to another text")
	}
	return err
}

func sqliteAt(path, kms string) given {
	return minimal().with("Metastore", `"sqlite"`).with("ConnectionString", `"`+path+`"`).with("KMS", kms)
}

// openFiles counts this process's open files whose name begins with path.
func openFiles(t *testing.T, path string) (n int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name, _ := os.Readlink("/proc/self/fd/" + e.Name()); strings.HasPrefix(name, path) {
			n++
		}
	}
	return n
}

func TestFactoriesOfOneConfigShareAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	live := seccache.ReadStats().LiveSecrets
	c := mustParse(t, sqliteAt("sqlite://"+path, `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`).text())
	one, two := mustMake(t, c), mustMake(t, c)
	record := encrypt(t, one, "text")
	one.Close()
	c.Close()
	if err := decrypts(two, record, "text"); err != nil {
		t.Fatalf("after the other factory and the configuration were closed: %v", err)
	}
	s := mustOpen(t, two, "partition")
	two.Close()
	if openFiles(t, path) == 0 {
		t.Error("the database is closed while a session is open")
	}
	if _, err := s.DecryptBytes(context.Background(), record); err != nil {
		t.Errorf("session of a closed factory: %v", err)
	}
	s.Close()
	for deadline := time.Now().Add(20 * time.Second); openFiles(t, path) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the database stays open")
		}
	}
	if now := seccache.ReadStats().LiveSecrets; now != live {
		t.Errorf("%d secrets left", now-live)
	}
}

func TestMemoryStoresAreApart(t *testing.T) {
	c := mustParse(t, minimal().text())
	one, two := mustMake(t, c), mustMake(t, c)
	record := encrypt(t, one, "text")
	if err := decrypts(one, record, "text"); err != nil {
		t.Error(err)
	}
	if code := envelope.CodeOf(decrypts(two, record, "text")); code != envelope.MetadataMissing {
		t.Errorf("code %d from a store without the key", code)
	}
}

func TestTestKeyIsThePublishedOne(t *testing.T) {
	lines := logged(t)
	path := filepath.Join(t.TempDir(), "keys.db")
	published := sqliteAt(path, `"static"`).with("StaticMasterKey", `"thisIsAStaticMasterKeyForTesting"`)
	record := encrypt(t, mustMake(t, mustParse(t, published.text())), "text")
	if said := strings.Join(lines(), "\n"); strings.Contains(said, "config:") {
		t.Errorf("warned about a key of the user's: %q", said)
	}
	debug := mustMake(t, mustParse(t, sqliteAt(path, `"test-debug-static"`).text()))
	if said := strings.Join(lines(), "\n"); !strings.Contains(said, "3 config: KMS \"test-debug-static\"") {
		t.Errorf("no warning of the test key: %q", said)
	}
	if err := decrypts(debug, record, "text"); err != nil {
		t.Error(err)
	}
	other := sqliteAt(path, `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`)
	if code := envelope.CodeOf(decrypts(mustMake(t, mustParse(t, other.text())), record, "text")); code == envelope.OK {
		t.Error("decrypted with another master key")
	}
}

func TestRegionSuffix(t *testing.T) {
	for _, g := range []given{minimal(), sqliteAt(filepath.Join(t.TempDir(), "keys.db"), `"test-debug-static"`)} {
		c := mustParse(t, g.with("RegionSuffix", `"us-west-2"`).text())
		if record := encrypt(t, mustMake(t, c), "text"); !strings.Contains(string(record), `_service_product_us-west-2"`) {
			t.Errorf("record without suffix: %s", record)
		}
	}
	lines := logged(t)
	c := mustParse(t, minimal().with("EnableRegionSuffix", "true").text())
	if said := strings.Join(lines(), "\n"); !strings.Contains(said, "EnableRegionSuffix has no effect") {
		t.Errorf("no warning: %q", said)
	}
	if record := encrypt(t, mustMake(t, c), "text"); !strings.Contains(string(record), `_service_product"`) {
		t.Errorf("record with suffix: %s", record)
	}
}

func TestEmptyPartition(t *testing.T) {
	if _, err := mustMake(t, mustParse(t, minimal().text())).Session(""); envelope.CodeOf(err) != envelope.InvalidArgument {
		t.Errorf("by default: %v", err)
	}
	s, err := mustMake(t, mustParse(t, minimal().with("AllowEmptyPartition", "true").text())).Session("")
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func TestMissingSQLiteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent.db")
	live := seccache.ReadStats().LiveSecrets
	c := mustParse(t, sqliteAt(path, `"test-debug-static"`).with("SQLiteCreate", "false").text())
	f, err := c.NewFactory()
	if err == nil {
		f.Close()
		t.Fatal("opened a file that is not there")
	}
	if envelope.CodeOf(err) == envelope.Internal || strings.Contains(err.Error(), path) {
		t.Errorf("code %d, %v", envelope.CodeOf(err), err)
	}
	c.Close()
	if now := seccache.ReadStats().LiveSecrets; now != live {
		t.Errorf("%d secrets left", now-live)
	}
	if _, err := c.NewFactory(); envelope.CodeOf(err) != envelope.ClosedHandle {
		t.Errorf("from a closed configuration: %v", err)
	}
}

func TestPolicy(t *testing.T) {
	want := envelope.DefaultPolicy()
	want.CacheSessions = true
	if got := mustParse(t, minimal().text()).settings.policy(); got != want {
		t.Errorf("by default %+v, want %+v", got, want)
	}
	c := mustParse(t, minimal().with("ExpireAfter", "3153600000").with("CheckInterval", "7").with("RevokeCheckGrace", "8").
		with("CreateDatePrecision", "1").with("SystemKeyCacheMaxSize", "2").with("IntermediateKeyCacheMaxSize", "3").
		with("SessionCacheMaxSize", "4").with("SessionCacheDuration", "5").text())
	want = envelope.Policy{
		ExpireAfter: 36500 * 24 * time.Hour, RevokeCheckInterval: 7 * time.Second, RevokeCheckGrace: 8 * time.Second,
		CreatePrecision: time.Second, CacheSystemKeys: true, SystemKeyCacheSize: 2, CacheIntermediateKeys: true,
		IntermediateKeyCacheSize: 3, CacheSessions: true, SessionCacheSize: 4, SessionCacheDuration: 5 * time.Second,
	}
	if got := c.settings.policy(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for name, cached := range map[string]func(envelope.Policy) bool{
		"SystemKeyCacheMaxSize":       func(p envelope.Policy) bool { return p.CacheSystemKeys },
		"IntermediateKeyCacheMaxSize": func(p envelope.Policy) bool { return p.CacheIntermediateKeys },
		"SessionCacheMaxSize":         func(p envelope.Policy) bool { return p.CacheSessions },
		"SessionCacheDuration":        func(p envelope.Policy) bool { return p.CacheSessions },
	} {
		if cached(mustParse(t, minimal().with(name, "0").text()).settings.policy()) {
			t.Errorf("%s 0 caches", name)
		}
	}
	for name, cached := range map[string]func(envelope.Policy) bool{
		"CacheSystemKeys":       func(p envelope.Policy) bool { return p.CacheSystemKeys },
		"CacheIntermediateKeys": func(p envelope.Policy) bool { return p.CacheIntermediateKeys },
		"EnableSessionCaching":  func(p envelope.Policy) bool { return p.CacheSessions },
	} {
		if cached(mustParse(t, minimal().with(name, "false").text()).settings.policy()) {
			t.Errorf("%s false caches", name)
		}
	}
}

func TestLockedMemoryPolicy(t *testing.T) {
	for text, want := range map[string]seccache.LockPolicy{
		"prefer": seccache.Prefer, "require": seccache.Require, "off": seccache.Off,
	} {
		c := mustParse(t, minimal().with("LockedMemory", `"`+text+`"`).text())
		if c.arena != seccache.Open(want) {
			t.Errorf("%s is another arena", text)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	c := mustParse(t, minimal().with("KMS", `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`).text())
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for range 20 {
				f, err := c.NewFactory()
				if err != nil {
					if envelope.CodeOf(err) != envelope.ClosedHandle {
						t.Error(err)
					}
					return
				}
				_ = c.String()
				f.Close()
			}
			if i == 0 {
				c.Close()
			}
		})
	}
	work.Wait()
}
