package rdbms

import (
	"strconv"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/adonet"
)

// keyword says what becomes of one keyword of a connection string: it goes to the setting named to, or it means nothing
// here, or it is refused with what to do instead.
type keyword struct {
	to      string
	refused string
}

// Keywords that mean something to other clients only: their caches, buffers, and ways of giving results.
var ignored = keyword{}

func (k keyword) isIgnored() bool { return k == ignored }

// squash makes one spelling of a keyword's several: "SSL Mode", "SslMode", "ssl-mode".
func squash(key string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '_':
			return -1
		}
		return r
	}, strings.ToLower(key))
}

// settings are the values of a connection string by the names of keyword.to. Nothing of it may be shown.
type settings struct {
	database string // for messages
	values   map[string]string
}

// adoSettings reads the form of ADO.NET. Of several settings with one meaning the last one stands.
func adoSettings(database, text string, table map[string]keyword) (*settings, error) {
	parsed, err := adonet.Parse(text)
	if err != nil {
		return nil, configurationError(database, "%s", err.Error())
	}
	s := &settings{database: database, values: map[string]string{}}
	for _, p := range parsed {
		if err := s.add(table, squash(p.Key), p.Key, p.Value, p.Position, p.Empty); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// add puts a value where its keyword says. shown is the keyword as it is written, and shown in messages only when the
// table has it: another one may be a part of a password.
func (s *settings) add(table map[string]keyword, key, shown, value string, position int, remove bool) error {
	k, known := table[key]
	switch {
	case !known:
		return configurationError(s.database, "the connection string has an unknown keyword at character %d; remove it, "+
			"and check that special characters in values are quoted or escaped", position)
	case remove:
		delete(s.values, k.to)
	case k.refused != "":
		return configurationError(s.database, "the connection string's keyword %q is not supported: %s", shown, k.refused)
	case k.isIgnored():
		hooks.Log(hooks.Debug, "metastore", "%s: the connection string's keyword %q means nothing here", s.database, shown)
	default:
		s.values[k.to] = value
	}
	return nil
}

func (s *settings) take(name string) string {
	value := s.values[name]
	delete(s.values, name)
	return value
}

// bad is the error for a value that cannot be used. It does not show it.
func (s *settings) bad(name, want string) error {
	return configurationError(s.database, "the connection string's value for %s must be %s", name, want)
}

func (s *settings) takeBool(name string) (value, set bool, err error) {
	text, set := s.values[name]
	if !set {
		return false, false, nil
	}
	delete(s.values, name)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "1", "on":
		return true, true, nil
	case "false", "no", "0", "off":
		return false, true, nil
	default:
		return false, true, s.bad(name, "true or false")
	}
}

// takeNumber returns 0 where there is no such setting.
func (s *settings) takeNumber(name string) (int, error) {
	text, set := s.values[name]
	if !set {
		return 0, nil
	}
	delete(s.values, name)
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	if err != nil {
		return 0, s.bad(name, "a whole number")
	}
	return int(n), nil
}

// pool moves the settings of other clients' pools and time limits into options that are not set. They are in seconds,
// and 0 means no limit.
func (s *settings) pool(o *Options) error {
	maxOpen, err := s.takeNumber("pool size")
	if err != nil {
		return err
	}
	o.Pool.MaxOpen = orDefault(o.Pool.MaxOpen, maxOpen)
	pooling, set, err := s.takeBool("pooling")
	if err != nil {
		return err
	}
	if set && !pooling {
		o.Pool.MaxIdle = orDefault(o.Pool.MaxIdle, -1)
	}
	for name, to := range map[string]*time.Duration{
		"connection lifetime": &o.Pool.MaxLifetime, "connection idle time": &o.Pool.MaxIdleTime,
		"command timeout": &o.QueryTimeout,
	} {
		if _, set := s.values[name]; !set {
			continue
		}
		seconds, err := s.takeNumber(name)
		switch {
		case err != nil:
			return err
		case *to != 0:
		case seconds == 0:
			*to = -1
		default:
			*to = time.Duration(seconds) * time.Second
		}
	}
	return nil
}

// isLocal is true for addresses that no other machine sees.
func isLocal(host string) bool {
	return host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" ||
		host == "::1" || strings.HasPrefix(host, "127.")
}

func warnUnencrypted(database, remedy string) {
	hooks.Log(hooks.Warn, "metastore", "%s: the connection may go without TLS, and the password with it; %s in the "+
		"connection string demands TLS and checks the server's certificate", database, remedy)
}
