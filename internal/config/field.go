package config

import (
	"strconv"

	"github.com/libasherah/libasherah/internal/seccache"
)

// field is one field of a configuration.
type field struct {
	name string
	env  []string // environment variables, the first one that is set counts
	// into returns where the value goes; the pointer's type is the type of the field: *string, *int64, *bool, *entries, or
	// **seccache.Secret.
	into func(*settings) any

	def         any   // what an absent field holds: string, int64 or bool; nil if nothing
	cobhanDef   any   // the same for the Cobhan entry points; nil: no other
	cobhanZero  bool  // 0 is the default for the Cobhan entry points
	nanoseconds bool  // a time that the Cobhan entry points take in nanoseconds, since canonical does
	required    Needs // a string without which there is no such part
	secret      bool  // a secret, or names where secrets are: shown to nobody
	anyText     bool  // a string that may hold U+0000
	least, most int64
	choices     []string // of a string, in any case
	form        *form    // of a string

	// when says that the field has a meaning beside other fields; nil: always. An environment variable that has none is
	// not looked at: its name may well be another program's.
	when func(*settings) bool
	// implies is what is meant where one of these environment variables is set, but no metastore is named, or no database.
	implies map[string]implied

	group  string // heading in docs/configuration.md
	unit   string
	zero   string // what 0 means
	csharp string // default of the C# packages, where another
	doc    string
}

type implied struct{ metastore, database string }

// form is a shape that a string must have.
type form struct {
	description string // after "must be"
	// convert turns text into what is kept of it, both as long as needed; it is false if text has another shape.
	convert func(kept, text []byte) bool
	size    int // bytes of what is kept; 0: as many as text has
}

// maxText is the longest string, in bytes of UTF-8, where a field has no bound of its own.
const maxText = 1024

func (f *field) maxText() int {
	if f.most > 0 {
		return int(f.most)
	}
	return maxText
}

func (f *field) setDefault(s *settings, from source) {
	def := f.def
	if from == fromCobhan && f.cobhanDef != nil {
		def = f.cobhanDef
	}
	switch into := f.into(s).(type) {
	case *string:
		*into, _ = def.(string)
	case *int64:
		*into, _ = def.(int64)
	case *bool:
		*into, _ = def.(bool)
	}
}

// show returns the value for a human reader, "" for one that is absent or a default.
func (f *field) show(s *settings) string {
	shown := ""
	switch value := f.into(s).(type) {
	case *string:
		if *value != "" && *value != f.def {
			shown = strconv.Quote(*value)
		}
	case *int64:
		if *value != f.def {
			shown = strconv.FormatInt(*value, 10)
		}
	case *bool:
		if *value != f.def {
			shown = strconv.FormatBool(*value)
		}
	case *entries:
		if *value != nil {
			shown = strconv.Itoa(len(*value)) + " entries"
		}
	case **seccache.Secret:
		if *value != nil {
			shown = "set"
		}
	}
	if shown != "" && f.secret {
		return "[redacted]"
	}
	return shown
}

// typeName is the type of the field as docs and errors call it.
func (f *field) typeName() string {
	switch f.into(new(settings)).(type) {
	case *int64:
		return "number"
	case *bool:
		return "boolean"
	case *entries:
		return "object"
	default:
		return "string"
	}
}

var fieldNamed = func() map[string]*field {
	named := make(map[string]*field, len(fields))
	for i := range fields {
		named[fields[i].name] = &fields[i]
	}
	return named
}()
