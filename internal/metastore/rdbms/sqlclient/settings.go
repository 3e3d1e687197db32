// Package sqlclient reads connection strings for SQL Server in the forms that its clients take, and connects as they
// say:
//
//   - "key=value;…", by the rules of Microsoft.Data.SqlClient and System.Data.SqlClient;
//   - sqlserver://user:password@host:port/instance?key=value&…, the form of go-mssqldb;
//   - mssql://user:password@host:port/database?key=value&…, the form of other tools;
//   - either URL with ;key=value;… in place of ?key=value&….
//
// Where a string says nothing, everything is encrypted and the server's certificate is checked.
package sqlclient

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/adonet"
)

// Settings is what a connection string says. Printing it, in whatever way, shows none of it.
type Settings struct {
	values  map[string]any // by the keyword's name, of those that the string has
	server  server
	partner *server // nil: none
}

// Format keeps passwords and names of servers out of logs.
func (s *Settings) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sqlclient.Settings(redacted)")
}

// Parse reads a connection string. Its errors name the keyword or the position and the rule that is broken, and show
// nothing of the string.
func Parse(connectionString string) (*Settings, error) {
	s, err := read(connectionString)
	if err != nil {
		return nil, err
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	if err := s.locate(); err != nil {
		return nil, err
	}
	return s, nil
}

// read does what SqlConnectionStringBuilder does: it knows keywords and the form of values, and does not ask if they go
// together.
func read(connectionString string) (*Settings, error) {
	given, inURL, err := split(connectionString)
	if err != nil {
		return nil, err
	}
	s := &Settings{values: make(map[string]any, len(given))}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		k := find(strings.ToLower(name), inURL)
		value, ok := k.kind.read(given[name])
		if !ok && inURL && k.kind.want == boolean.want {
			value, ok = readURLBoolean(given[name])
		}
		if !ok {
			return nil, fmt.Errorf("%s must be %s", k.name, k.kind.want)
		}
		s.values[k.name] = value
	}
	return s, nil
}

// split takes a string apart into values by the names of keywords.
func split(connectionString string) (values map[string]string, inURL bool, err error) {
	if scheme, rest, ok := strings.Cut(connectionString, "://"); ok && isScheme(scheme) {
		values, err = splitURL(strings.ToLower(scheme), rest)
		return values, true, err
	}
	settings, err := adonet.Parse(connectionString)
	if err != nil {
		return nil, false, err
	}
	values, err = adonet.Values(settings, func(key string) (string, bool) {
		if k := find(key, false); k != nil {
			return k.name, true
		}
		return "", false
	})
	return values, false, err
}

// refusal is the error for a keyword whose effect is not to be had.
type refusal struct{ keyword *keyword }

func (e *refusal) Error() string { return e.keyword.name + ": " + e.keyword.note }

// validate refuses what is not to be had, and what does not go together.
func (s *Settings) validate() error {
	for i := range keywords {
		k := &keywords[i]
		value, ok := s.values[k.name]
		if !ok {
			continue
		}
		if k.use == refused && !k.harmless(value) {
			return &refusal{k}
		}
		if text, ok := value.(string); ok && k.longest > 0 && utf16Length(text) > k.longest {
			return fmt.Errorf("%s must be at most %d characters long", k.name, k.longest)
		}
	}
	partner, pinned := s.text(failoverPartner) != "", s.text(serverCertificate) != ""
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{partner && s.text(initialCatalog) == "", "Failover Partner needs a database: add Initial Catalog"},
		{
			partner && s.flag(multiSubnetFailover),
			"Failover Partner and MultiSubnetFailover do not go together: one is for mirroring, the other for " +
				"availability groups",
		},
		{
			partner && s.text(applicationIntent) == readOnly,
			"Failover Partner and ApplicationIntent=ReadOnly do not go together: a mirror cannot be read",
		},
		{s.number(minPoolSize) > s.number(maxPoolSize), "Min Pool Size is greater than Max Pool Size"},
		{
			pinned && s.text(encrypt) == Optional,
			"Server Certificate is of no use with Encrypt=False: use Encrypt=True or Encrypt=Strict",
		},
		{
			pinned && s.text(caCertificate) != "",
			"Certificate and Server Certificate do not go together: one is the authority's, the other the server's own",
		},
	} {
		if rule.broken {
			return errors.New(rule.text)
		}
	}
	return nil
}

// locate reads the names of servers, and misses a user.
func (s *Settings) locate() error {
	var err error
	if s.server, err = parseServer(s.text(dataSource)); err != nil {
		return fmt.Errorf("%s: %w", dataSource, err)
	}
	if name := s.text(failoverPartner); name != "" {
		partner, err := parseServer(name)
		if err != nil {
			return fmt.Errorf("%s: %w", failoverPartner, err)
		}
		if partner.port == 0 && partner.instance == "" {
			partner.port = int(s.number(failoverPort))
		}
		s.partner = &partner
	}
	switch user := s.text(userID); {
	case user == "":
		return fmt.Errorf("%s is missing: give a SQL login, User ID and Password", userID)
	case strings.Contains(user, `\`):
		return fmt.Errorf("%s has a backslash, as Windows accounts have: %s", userID, noIntegrated)
	}
	return nil
}

// value returns what the string says, or the keyword's default.
func (s *Settings) value(name string) any {
	if value, ok := s.values[name]; ok {
		return value
	}
	return byKey[strings.ToLower(name)].def
}

func (s *Settings) text(name string) string  { return s.value(name).(string) }
func (s *Settings) number(name string) int64 { return s.value(name).(int64) }
func (s *Settings) flag(name string) bool    { return s.value(name).(bool) }

func (s *Settings) has(name string) bool {
	_, ok := s.values[name]
	return ok
}

// seconds returns a time that the string gives; ok is false if it says nothing. 0 stands for no limit.
func (s *Settings) seconds(name string) (d time.Duration, ok bool) {
	return time.Duration(s.number(name)) * time.Second, s.has(name)
}

// ConnectTimeout returns the time for opening one connection, ok is false if it is the default one. 0: no limit.
func (s *Settings) ConnectTimeout() (d time.Duration, ok bool) { return s.seconds(connectTimeout) }

// CommandTimeout returns the time for one statement, ok is false if the string has none. 0: no limit.
func (s *Settings) CommandTimeout() (d time.Duration, ok bool) { return s.seconds(commandTimeout) }

// MaxPoolSize returns how many connections there may be at a time, 0 if the string does not say.
func (s *Settings) MaxPoolSize() int {
	if !s.has(maxPoolSize) {
		return 0
	}
	return int(s.number(maxPoolSize))
}

// MaxLifetime returns the age at which a connection is replaced, 0 if the string does not say or sets no limit.
func (s *Settings) MaxLifetime() time.Duration {
	d, _ := s.seconds(loadBalanceTimeout)
	return d
}

// Pooling is false if no connection is to be kept for later use.
func (s *Settings) Pooling() bool { return s.flag(pooling) }

// Ignored returns a line for each keyword of the string that has no effect here, with the reason.
func (s *Settings) Ignored() []string {
	var lines []string
	for i := range keywords {
		if k := &keywords[i]; k.use == ignored && s.has(k.name) {
			lines = append(lines, k.name+" has no effect: "+k.note)
		}
	}
	if s.text(encrypt) == Strict && s.flag(trustServer) {
		lines = append(lines, trustServer+" has no effect: with Encrypt=Strict the certificate is always checked")
	}
	return lines
}

// Warnings returns a line for each setting that gives up some protection.
func (s *Settings) Warnings() []string {
	var lines []string
	switch mode := s.text(encrypt); {
	case mode == Optional:
		lines = append(lines, "Encrypt=False: unless the server insists, only the login is encrypted, and its "+
			"certificate is not checked")
	case mode == Mandatory && s.flag(trustServer) && !s.has(serverCertificate):
		lines = append(lines, "TrustServerCertificate=True: the server's certificate is not checked, so that another "+
			"machine could pass for the server")
	}
	if v := s.text(tlsMin); v == "1.0" || v == "1.1" {
		lines = append(lines, "tlsmin: TLS before 1.2 is allowed, which is known to be weak")
	}
	return lines
}
