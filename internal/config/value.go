package config

import (
	"bytes"
	"encoding/hex"
	"encoding/json/jsontext"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/seccache"
)

// value is what a source says about a field: a JSON value or the text of an environment variable. The bytes are the
// caller's and may be secret: they go into locked memory or, where the field is no secret, into an ordinary value.
type value struct {
	bytes    []byte
	variable string // "": JSON
	from     source
}

// source says by whose rules a configuration is read.
type source int

const (
	fromC      source = iota // the asherah_ functions
	fromCobhan               // the Cobhan functions
	fromTool                 // the command-line tool
)

// label names the field, and where it was read, for errors.
func (v value) label(f *field) string {
	if v.variable != "" {
		return "environment variable " + v.variable + " (configuration field " + f.name + ")"
	}
	return "configuration field " + f.name
}

func (v value) kind() jsontext.Kind { return jsontext.Value(v.bytes).Kind() }

// absent says that v stands for no value: JSON null, or the empty string, with which bindings and shells mean the same.
func (v value) absent() bool {
	if v.variable != "" {
		return len(v.bytes) == 0
	}
	return v.kind() == 'n' || string(v.bytes) == `""`
}

// set puts v, which is not absent, into f's place in s. arena is for secrets.
func (f *field) set(s *settings, v value, arena *seccache.Arena) (err error) {
	switch into := f.into(s).(type) {
	case *string:
		*into, err = f.text(v)
	case *int64:
		*into, err = f.number(v)
	case *bool:
		*into, err = f.boolean(v)
	case *entries:
		*into, err = f.object(v)
	case **seccache.Secret:
		*into, err = f.secretText(v, arena)
	}
	return err
}

func (f *field) text(v value) (string, error) {
	text := v.bytes
	if v.variable == "" {
		if v.kind() != '"' {
			return "", refuse("%s must be a string", v.label(f))
		}
		if len(text) > 6*f.maxText()+2 {
			return "", refuse("%s is longer than %d bytes", v.label(f), f.maxText())
		}
		text, _ = jsontext.AppendUnquote(nil, text)
	}
	if err := f.check(v, text); err != nil {
		return "", err
	}
	if f.choices == nil {
		return string(text), nil
	}
	for _, choice := range f.choices {
		if strings.EqualFold(choice, string(text)) {
			return choice, nil
		}
	}
	return "", refuse("%s must be one of %s", v.label(f), strings.Join(f.choices, ", "))
}

// secretText unescapes and converts in locked memory.
func (f *field) secretText(v value, arena *seccache.Arena) (*seccache.Secret, error) {
	text := v.bytes
	if v.variable == "" {
		if v.kind() != '"' {
			return nil, refuse("%s must be a string", v.label(f))
		}
		if len(text) > 6*f.maxText()+2 { // a byte takes at most six: \u0041
			return nil, f.wrongForm(v)
		}
		scratch, err := arena.NewSecret(len(text))
		if err != nil {
			return nil, lockedMemory(err)
		}
		defer scratch.Destroy()
		text, _ = jsontext.AppendUnquote(scratch.Bytes()[:0], text)
	}
	if err := f.check(v, text); err != nil {
		return nil, err
	}
	size := len(text)
	if f.form != nil {
		size = f.form.size
	}
	secret, err := arena.NewSecret(size)
	if err != nil {
		return nil, lockedMemory(err)
	}
	if f.form == nil {
		copy(secret.Bytes(), text)
	} else if !f.form.convert(secret.Bytes(), text) {
		secret.Destroy()
		return nil, f.wrongForm(v)
	}
	return secret, nil
}

// check looks at what every string has to be. The form of a secret is checked when it is converted.
func (f *field) check(v value, text []byte) error {
	switch {
	case !utf8.Valid(text):
		return refuse("%s is not UTF-8", v.label(f))
	case len(text) > f.maxText():
		return f.wrongForm(v)
	case !f.anyText && bytes.IndexByte(text, 0) >= 0:
		return refuse("%s must not hold U+0000", v.label(f))
	case f.form != nil && !f.secret && !f.form.convert(nil, text):
		return f.wrongForm(v)
	}
	return nil
}

func (f *field) wrongForm(v value) error {
	if f.form != nil {
		return refuse("%s must be %s", v.label(f), f.form.description)
	}
	return refuse("%s is longer than %d bytes", v.label(f), f.maxText())
}

func (f *field) number(v value) (int64, error) {
	if v.variable == "" && v.kind() != '0' {
		return 0, refuse("%s must be a number", v.label(f))
	}
	n, err := strconv.ParseInt(string(v.bytes[:min(len(v.bytes), 40)]), 10, 64)
	if v.from == fromCobhan && err == nil {
		if n == 0 && f.cobhanZero {
			return f.def.(int64), nil
		}
		if f.nanoseconds {
			if n < 0 {
				return 0, refuse("%s must be a whole number of nanoseconds, 0 for the default", v.label(f))
			}
			if n < int64(time.Second) {
				warn("%s is in nanoseconds and less than a second: a second is used", v.label(f))
			}
			n = (n-1)/int64(time.Second) + 1
		}
	}
	if err != nil || n < f.least || n > f.most {
		return 0, refuse("%s must be a whole number from %d to %d (%s)", v.label(f), f.least, f.most, f.unit)
	}
	return n, nil
}

func (f *field) boolean(v value) (bool, error) {
	if v.variable == "" {
		if k := v.kind(); k != 't' && k != 'f' {
			return false, refuse("%s must be true or false", v.label(f))
		}
		return v.kind() == 't', nil
	}
	switch strings.ToLower(string(v.bytes)) {
	case "1", "true", "yes", "on":
		return true, nil
	case "0", "false", "no", "off":
		return false, nil
	}
	return false, refuse("%s must be 1, true, yes, on, 0, false, no or off", v.label(f))
}

// object reads an object of strings, which an environment variable holds as JSON text.
func (f *field) object(v value) (entries, error) {
	if v.variable != "" && !jsontext.Value(v.bytes).IsValid() || v.kind() != '{' {
		return nil, refuse("%s must be an object of strings", v.label(f))
	}
	object := entries{}
	err := members(v.bytes, func(name string, member []byte) error {
		inner := value{bytes: member, variable: ""}
		if inner.kind() != '"' || inner.absent() || name == "" {
			return refuse("%s must be an object of strings that are not empty", v.label(f))
		}
		text, _ := jsontext.AppendUnquote(nil, member)
		if len(text) > maxText || len(name) > maxText {
			return refuse("%s has an entry longer than %d bytes", v.label(f), maxText)
		}
		object = append(object, entry{name, string(text)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return object, nil
}

var keyInHex = &form{
	description: "64 hex digits", size: seccache.KeySize,
	convert: func(kept, text []byte) bool {
		if len(text) != 2*seccache.KeySize {
			return false
		}
		_, err := hex.Decode(kept, text)
		return err == nil
	},
}

var keyAsText = &form{
	description: "a text of exactly 32 bytes of UTF-8", size: seccache.KeySize,
	convert: func(kept, text []byte) bool {
		return len(text) == seccache.KeySize && copy(kept, text) == seccache.KeySize
	},
}

// regionName keeps an underscore out of the suffix: a session tells other regions' key ids by the last one.
var regionName = &form{
	description: "letters, digits and hyphens",
	convert: func(_, text []byte) bool {
		for _, c := range text {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
		return true
	},
}
