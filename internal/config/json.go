package config

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/libasherah/libasherah/internal/envelope"
)

// maxJSON is the longest configuration, in bytes.
const maxJSON = 1 << 20

// ParseJSON reads a configuration: one JSON object, nothing after it. null stands for an absent field. Errors are of
// class Configuration and name the field; LockedMemory if a secret cannot be locked and must be.
//
// text is not kept, changed or copied; secrets in it go into locked memory of the Config, which the caller closes.
// It may be memory that is not Go's.
func ParseJSON(text []byte) (*Config, error) { return parse(text, Everything, fromC) }

// ParseJSONFor reads a configuration of which only some parts are needed. The fields of the others may be missing; what
// is there must still be of the right type and in range.
func ParseJSONFor(text []byte, needs Needs) (*Config, error) { return parse(text, needs, fromC) }

// ParseCobhan reads a configuration as the Cobhan entry points do: with their defaults, and with durations in
// nanoseconds, as canonical does. docs/configuration.md has a column for them.
func ParseCobhan(text []byte) (*Config, error) { return parse(text, Everything, fromCobhan) }

// ParseStrict is ParseJSONFor with unknown fields as errors unless StrictConfig is false.
func ParseStrict(text []byte, needs Needs) (*Config, error) { return parse(text, needs, fromTool) }

// Needs says which parts of a configuration must be there.
type Needs uint

// The parts of a configuration.
const (
	Identity Needs = 1 << iota
	Metastore
	KMS
	Everything = Identity | Metastore | KMS
)

func parse(text []byte, needs Needs, from source) (*Config, error) {
	if len(text) > maxJSON {
		return nil, refuse("the configuration is longer than %d bytes", maxJSON)
	}
	given := make([]value, len(fields))
	var unknown []string
	err := members(text, func(name string, member []byte) error {
		for i := range fields {
			if fields[i].name == name || from == fromCobhan && strings.EqualFold(fields[i].name, name) { // as Go's decoder has it
				given[i] = value{bytes: member, from: from}
				return nil
			}
		}
		unknown = append(unknown, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c := newConfig(from)
	err = c.read(func(i int) value { return given[i] }, func(*field) bool { return true })
	if err == nil {
		err = c.reportUnknown(unknown)
	}
	if err == nil {
		err = c.settings.validate(needs)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// members calls each with the names and values of the object that text is, which are in text, not copies. Errors tell
// where text is wrong and not what is there.
func members(text []byte, each func(name string, member []byte) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return malformed(d, err)
	}
	for d.PeekKind() != '}' {
		quoted, err := d.ReadValue()
		if err != nil {
			return malformed(d, err)
		}
		name, _ := jsontext.AppendUnquote(nil, quoted)
		member, err := d.ReadValue()
		if err != nil {
			return malformed(d, err)
		}
		if err := each(string(name), member); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return malformed(d, err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed(d, err)
	}
	return nil
}

func malformed(d *jsontext.Decoder, err error) error {
	var syntax *jsontext.SyntacticError
	if errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax) {
		if f := fieldNamed[syntax.JSONPointer.LastToken()]; f != nil {
			return refuse("configuration field %s is there twice", f.name)
		}
		return refuse("the configuration has the same name twice, at byte %d", syntax.ByteOffset)
	}
	if syntax != nil || errors.As(err, &syntax) {
		return refuse("the configuration is not a JSON object: see byte %d", syntax.ByteOffset)
	}
	return refuse("the configuration is not a JSON object: see byte %d", d.InputOffset())
}

// reportUnknown warns of unknown fields, or refuses the first under StrictConfig.
func (c *Config) reportUnknown(names []string) error {
	for _, name := range names {
		message := "unknown configuration field " + printable(name)
		if near := nearest(name); near != "" {
			message += "; did you mean " + near + "?"
		}
		if c.settings.strictConfig {
			return envelope.Errorf(envelope.Configuration, nil, "%s", message)
		}
		warn("%s", message)
	}
	return nil
}

// printable makes a name fit for a log line: what is long, or more than a name, is not shown.
func printable(name string) string {
	const longest = 40
	if len(name) > longest {
		return "(a name of more than 40 bytes)"
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.' {
			return "(a name with other characters than letters, digits, _, - and .)"
		}
	}
	if name == "" {
		return "(an empty name)"
	}
	return name
}
