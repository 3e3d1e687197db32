package config

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/memory"
)

func guarded(t *testing.T) given {
	path := filepath.Join(t.TempDir(), "keys.db")
	return sqliteAt(path, `"test-debug-static"`).with("DriftGuard", `"live"`)
}

func TestDriftGuard(t *testing.T) {
	g := guarded(t)
	mustMake(t, mustParse(t, g.text()))
	mustMake(t, mustParse(t, g.with("CheckInterval", "7").with("PoolMaxOpen", "3").text())) // changes nothing for records
	for field, changed := range map[string]given{
		"ServiceName":  g.with("ServiceName", `"other"`),
		"ProductID":    g.with("ProductID", `"other"`),
		"RegionSuffix": g.with("RegionSuffix", `"east"`),
		"KMS":          g.with("KMS", `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`),
	} {
		f, err := mustParse(t, changed.text()).NewFactory()
		if f != nil {
			f.Close()
		}
		if envelope.CodeOf(err) != envelope.Configuration || !strings.Contains(err.Error(), field+".") ||
			!strings.Contains(err.Error(), "_asherah_guard_live") {
			t.Errorf("%s: %v", field, err)
		}
		mustMake(t, mustParse(t, changed.without("DriftGuard").text()))
		mustMake(t, mustParse(t, changed.with("DriftGuard", `"`+field+`"`).text()))
	}
	both := g.with("ServiceName", `"other"`).with("ProductID", `"other"`)
	if _, err := mustParse(t, both.text()).NewFactory(); err == nil || !strings.Contains(err.Error(), "ProductID, ServiceName.") {
		t.Error(err)
	}
}

func TestDriftGuardOfManyAtOnce(t *testing.T) {
	g := guarded(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { mustMake(t, mustParse(t, g.text())) })
	}
	group.Wait()
}

// A note that is none, or a store that fails, is an error and changes nothing.
func TestDriftGuardFails(t *testing.T) {
	c := mustParse(t, minimal().with("DriftGuard", `"live"`).text())
	m := memory.New()
	id := "_asherah_guard_live"
	if _, err := m.Store(t.Context(), id, guardCreated, &envelope.KeyRecord{ID: id, Created: guardCreated, Key: []byte("{")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.NewFactoryOn(Parts{Metastore: m}); envelope.CodeOf(err) != envelope.Configuration {
		t.Error(err)
	}
	gone := mustOpenMetastore(t, sqliteAt(filepath.Join(t.TempDir(), "keys.db"), `"test-debug-static"`).text())
	_ = gone.(interface{ Close() error }).Close()
	if _, err := c.NewFactoryOn(Parts{Metastore: gone}); envelope.CodeOf(err) != envelope.MetastoreFailed {
		t.Error(err)
	}
}
