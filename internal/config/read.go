package config

import (
	"github.com/libasherah/libasherah/internal/seccache"
)

// read sets the fields that are given and wanted. Plain fields come first, since LockedMemory says where secrets go,
// and those without a condition before those with one, since they decide it.
func (c *Config) read(given func(i int) value, wanted func(*field) bool) error {
	for pass := range 3 {
		if pass == 2 {
			c.arena = seccache.Open(lockPolicies[c.settings.lockedMemory])
		}
		for i := range fields {
			f := &fields[i]
			if passOf(f) != pass || !wanted(f) {
				continue
			}
			v := given(i)
			if v.bytes == nil || v.absent() {
				continue
			}
			if err := f.set(&c.settings, v, c.arena); err != nil {
				return err
			}
			c.given[f.name] = true
		}
	}
	return nil
}

func passOf(f *field) int {
	if _, ok := f.into(new(settings)).(**seccache.Secret); ok {
		return 2
	}
	if f.when != nil {
		return 1
	}
	return 0
}

var lockPolicies = map[string]seccache.LockPolicy{
	"prefer": seccache.Prefer, "require": seccache.Require, "off": seccache.Off,
}
