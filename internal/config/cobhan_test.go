package config

import (
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// Canonical Cobhan reads durations as Go's: a number of nanoseconds, 0 for the default.
func TestCobhan(t *testing.T) {
	parse := func(g given) settings {
		t.Helper()
		c, err := ParseCobhan(g.text())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c.settings
	}
	s := parse(minimal())
	if s.enableSessionCaching || s.expireAfter != 90*86400 || s.sessionCacheMaxSize != 1000 {
		t.Errorf("defaults: %+v", s)
	}
	if s := parse(minimal().with("expireafter", "86400000000000").with("SESSIONCACHEMAXSIZE", "7")); s.expireAfter != 86400 || s.sessionCacheMaxSize != 7 {
		t.Errorf("names in another case: %+v", s)
	}
	zero := minimal()
	for _, name := range []string{"ExpireAfter", "CheckInterval", "SessionCacheDuration", "SessionCacheMaxSize"} {
		zero = zero.with(name, "0")
	}
	s = parse(zero)
	if s.expireAfter != 90*86400 || s.checkInterval != 3600 || s.sessionCacheDuration != 7200 || s.sessionCacheMaxSize != 1000 {
		t.Errorf("zeroes: %+v", s)
	}
	s = parse(minimal().with("ExpireAfter", "86400000000000").with("CheckInterval", "1500000000").
		with("SessionCacheMaxSize", "7").with("RevokeCheckGrace", "30"))
	if s.expireAfter != 86400 || s.checkInterval != 2 || s.sessionCacheMaxSize != 7 || s.revokeCheckGrace != 30 {
		t.Errorf("nanoseconds: %+v", s)
	}
	for _, refused := range []given{
		minimal().with("ExpireAfter", "-1"), minimal().with("CheckInterval", "1.5"),
		minimal().with("RevokeCheckGrace", "-1"), minimal().without("KMS"), // the default is AWS, which needs more
	} {
		if c, err := ParseCobhan(refused.text()); err == nil {
			c.Close()
			t.Errorf("%s is accepted", refused.text())
		}
	}
}

func TestCobhanWarnsOfSeconds(t *testing.T) {
	var lines []string
	hooks.SetLog(func(_ hooks.Level, _, line string) { lines = append(lines, line) }, 0, hooks.Warn, true)
	defer hooks.ClearLog()
	c, err := ParseCobhan(minimal().with("ExpireAfter", "3600").text())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(lines) != 1 || c.settings.policy().ExpireAfter != time.Second {
		t.Errorf("%q, %v", lines, c.settings.policy().ExpireAfter)
	}
}

func TestParts(t *testing.T) {
	for _, test := range []struct {
		needs  Needs
		config given
		ok     bool
	}{
		{Metastore, given{"Metastore": `"memory"`}, true},
		{Metastore, given{"Metastore": `"memory"`, "KMS": `"static"`}, true},
		{Metastore, given{"KMS": `"test-debug-static"`}, false},
		{Metastore, given{"Metastore": `"memory"`, "ExpireAfter": "-1"}, false},
		{KMS, given{"KMS": `"test-debug-static"`}, true},
		{KMS, given{"KMS": `"static"`}, false},
		{Identity, given{"ServiceName": `"s"`, "ProductID": `"p"`}, true},
		{Identity, given{"ServiceName": `"s"`}, false},
		{Identity | KMS, minimal().without("Metastore"), true},
		{Everything, minimal().without("Metastore"), false},
	} {
		c, err := ParseJSONFor(test.config.text(), test.needs)
		if (err == nil) != test.ok {
			t.Errorf("%s for %b: %v", test.config.text(), test.needs, err)
		}
		if c != nil {
			c.Close()
		}
	}
}
