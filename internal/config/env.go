package config

import (
	"strings"
	"sync/atomic"
)

// Lookup returns the value of an environment variable and whether it is set. The bytes are looked at before the next
// look-up, not kept, and secrets among them not copied to the heap.
type Lookup func(name string) ([]byte, bool)

// environment is where settings are looked up that others define and this library honours, such as those of AWS.
var environment atomic.Pointer[Lookup]

// SetLookup sets where such settings are looked up, each time a metastore or a KMS is made. Without it they count as
// absent.
func SetLookup(lookup Lookup) { environment.Store(&lookup) }

// FromEnv reads a configuration from environment variables, with the names of docs/configuration.md and the errors of
// ParseJSON. An empty variable counts as absent. Variables of a metastore or KMS that is not the chosen one are not
// looked at.
func FromEnv(lookup Lookup) (*Config, error) { return FromEnvFor(lookup, Everything) }

// FromEnvFor reads a configuration of which only some parts are needed from environment variables.
func FromEnvFor(lookup Lookup, needs Needs) (*Config, error) {
	c := newConfig(fromC)
	var meant implied
	err := c.read(func(i int) value {
		for _, name := range fields[i].env {
			if text, ok := lookup(name); ok && len(text) > 0 {
				if meant.metastore == "" {
					meant = fields[i].implies[name]
				}
				return value{bytes: text, variable: name}
			}
		}
		return value{}
	}, func(f *field) bool { return f.when == nil || f.when(&c.settings) })
	if err == nil && needs&Metastore != 0 {
		err = c.settings.checkImplied(lookup)
	}
	if err == nil {
		if m := &c.settings.metastore; *m == "" || *m == "rdbms" && meant.metastore == "sqlite" {
			*m = meant.metastore
		}
		if d := &c.settings.sqlMetastoreDBType; *d == "" {
			*d = meant.database
		}
		err = c.settings.validate(needs)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// checkImplied refuses variables that imply different metastores: which one is meant would be a guess. Names that say
// nothing of a metastore, such as CONNECTION_STRING, come before them.
func (s *settings) checkImplied(lookup Lookup) error {
	first := ""
	for i := range fields {
		f := &fields[i]
		if f.implies == nil || f.when != nil && !f.when(s) {
			continue
		}
		for _, name := range f.env {
			if text, ok := lookup(name); !ok || len(text) == 0 {
				continue
			}
			said, ok := f.implies[name]
			switch {
			case !ok, strings.HasSuffix(s.metastore, "sqlite") && said.metastore == "sqlite": // this one is taken, whatever follows
			case first != "":
				return refuse("environment variables %s and %s are both set and mean different metastores; set one of "+
					"them, or Metastore and CONNECTION_STRING", first, name)
			default:
				first = name
				continue
			}
			break
		}
	}
	return nil
}
