package rdbms

import (
	"context"
	"database/sql/driver"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresKeywords are those of URLs and of libpq's form, as they are written.
var postgresKeywords = func() map[string]keyword {
	table := map[string]keyword{}
	for _, name := range []string{
		"host", "port", "dbname", "database", "user", "password", "passfile", "service", "servicefile", "connect_timeout",
		"sslmode", "ssl", "sslcert", "sslkey", "sslcertmode", "sslrootcert", "sslpassword", "sslsni", "sslnegotiation",
		"channel_binding", "require_auth", "min_protocol_version", "max_protocol_version", "target_session_attrs",
		"application_name", "options", "search_path", "client_encoding", "timezone", "TimeZone", "datestyle", "DateStyle",
		"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "extra_float_digits",
		"default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity",
	} {
		table[name] = keyword{to: name}
	}
	for _, name := range []string{
		"fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
		"tcp_user_timeout", "load_balance_hosts", "binary_parameters", "disable_prepared_binary_result", "krbsrvname",
		"krbspn",
		"pool_max_conns", "pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time",
		"pool_health_check_period", "pool_max_conn_lifetime_jitter",
	} {
		table[name] = ignored
	}
	const unsupported = "this client cannot do it; remove it if the connection is safe without"
	for _, name := range []string{
		"hostaddr", "requirepeer", "sslcrl", "sslcrldir", "sslcompression", "ssl_min_protocol_version",
		"ssl_max_protocol_version", "requiressl", "replication", "gsslib", "gssdelegation", "scram_client_key",
		"scram_server_key", "sslkeylogfile", "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope",
	} {
		table[name] = keyword{refused: unsupported}
	}
	table["gssencmode"] = keyword{to: "gssencmode"}
	return table
}()

func isPostgresURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// postgresConnector makes connections by the connection string.
func postgresConnector(o *Options) (driver.Connector, error) {
	c, err := postgresConfig(o)
	if err != nil {
		return nil, err
	}
	// A connection that was lost while it was idle costs one attempt; asking each time costs a round trip each time.
	neverPing := stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false })
	return stdlib.GetConnector(*c, neverPing), nil
}

// postgresConfig reads a connection string in one of its three forms, and moves what it says of a pool into o.
func postgresConfig(o *Options) (*pgx.ConnConfig, error) {
	text, err := postgresString(o)
	if err != nil {
		return nil, err
	}
	// The driver's errors quote the string with what they take for its password crossed out. They are not kept.
	c, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, configurationError("PostgreSQL", "%s", explainPostgresParse(err))
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "libasherah"
	}
	unencrypted := c.TLSConfig == nil && !isLocal(c.Host)
	for _, f := range c.Fallbacks {
		unencrypted = unencrypted || f.TLSConfig == nil && !isLocal(f.Host)
	}
	if unencrypted {
		warnUnencrypted("PostgreSQL", "sslmode=verify-full (SSL Mode=VerifyFull)")
	}
	return c, nil
}

// postgresString makes one of the driver's own forms, which has no keyword that the driver would pass on as the name of
// a server's setting.
func postgresString(o *Options) (string, error) {
	text := o.ConnectionString
	switch {
	case strings.TrimSpace(text) == "":
		return "", configurationError("PostgreSQL", "the connection string is empty")
	case isPostgresURL(text):
		return postgresURL(text)
	}
	s, err := libpqSettings(text)
	ado, adoErr := adoSettings("PostgreSQL", text, npgsqlKeywords)
	// "host=a;database=b" is one long host to libpq; "host=a password=b;" is one to Npgsql.
	plausible := adoErr == nil && !strings.ContainsAny(ado.values["host"], " =")
	separated := strings.Contains(text, ";")
	switch {
	case plausible && (separated || err != nil):
		s, err = ado, npgsqlSettings(ado, o)
	case separated && err != nil && adoErr != nil:
		err = adoErr
	}
	if err != nil {
		return "", err
	}
	return formatLibpq(s), nil
}

// postgresURL checks the parameters of a URL and leaves out those that mean nothing here. The rest is the driver's to
// read.
func postgresURL(text string) (string, error) {
	if strings.Contains(text, "#") {
		return "", configurationError("PostgreSQL", "the connection string, a URL, has a #; write %%23 for one in a password")
	}
	address, query, _ := strings.Cut(text, "?")
	s := &settings{database: "PostgreSQL", values: map[string]string{}}
	var kept []string
	position := len([]rune(address)) + 2
	for _, parameter := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		key, err := url.QueryUnescape(name)
		if err != nil {
			return "", configurationError("PostgreSQL", "the connection string, a URL, has a %% that is not followed by two "+
				"hexadecimal digits; write %%25 for a percent sign")
		}
		if parameter != "" {
			if err := s.add(postgresKeywords, key, key, value, position, false); err != nil {
				return "", err
			}
			if _, keep := s.values[postgresKeywords[key].to]; keep && key != "gssencmode" {
				kept = append(kept, parameter)
			}
		}
		position += len([]rune(parameter)) + 1
	}
	if err := s.checkGSS(); err != nil {
		return "", err
	}
	if len(kept) == 0 {
		return address, nil
	}
	return address + "?" + strings.Join(kept, "&"), nil
}

// checkGSS: encryption by GSSAPI is not what this client does; only a string that demands it cannot be used.
func (s *settings) checkGSS() error {
	if s.take("gssencmode") == "require" {
		return configurationError("PostgreSQL", "the connection string demands encryption by GSSAPI (gssencmode=require), "+
			"which is not supported; use TLS: sslmode=verify-full")
	}
	return nil
}

// libpqSettings reads keyword=value pairs between blanks: a value with blanks is in single quotes, and \ takes the next
// character as it is.
func libpqSettings(text string) (*settings, error) {
	s := &settings{database: "PostgreSQL", values: map[string]string{}}
	runes := []rune(text)
	blanks := func(i int) int {
		for i < len(runes) && strings.ContainsRune(" \t\n\r\v\f", runes[i]) {
			i++
		}
		return i
	}
	for i := blanks(0); i < len(runes); i = blanks(i) {
		start := i
		for i < len(runes) && runes[i] != '=' && !strings.ContainsRune(" \t\n\r\v\f", runes[i]) {
			i++
		}
		key := string(runes[start:i])
		if i = blanks(i); i == len(runes) || runes[i] != '=' {
			return nil, configurationError("PostgreSQL", "the connection string has a keyword without = at character %d; "+
				"put a value with blanks in it between single quotes", start+1)
		}
		value, next, closed := libpqValue(runes, blanks(i+1))
		if !closed {
			return nil, configurationError("PostgreSQL", "the connection string's value of the keyword at character %d has an "+
				"opening quote and no closing one", start+1)
		}
		if key == "ssl" {
			return nil, configurationError("PostgreSQL", "the connection string has the keyword ssl; write sslmode")
		}
		if err := s.add(postgresKeywords, key, key, value, start+1, false); err != nil {
			return nil, err
		}
		i = next
	}
	return s, s.checkGSS()
}

// libpqValue reads a value from runes[i], and returns where the rest begins.
func libpqValue(runes []rune, i int) (value string, next int, closed bool) {
	var text strings.Builder
	quoted := i < len(runes) && runes[i] == '\''
	if quoted {
		i++
	}
	for ; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\':
			if i++; i < len(runes) {
				text.WriteRune(runes[i])
			}
		case quoted && r == '\'':
			return text.String(), i + 1, true
		case !quoted && strings.ContainsRune(" \t\n\r\v\f", r):
			return text.String(), i, true
		default:
			text.WriteRune(r)
		}
	}
	return text.String(), i, !quoted
}

// formatLibpq writes settings for the driver, every value in quotes.
func formatLibpq(s *settings) string {
	var names []string
	for name := range s.values {
		names = append(names, name)
	}
	slices.Sort(names)
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var text strings.Builder
	for _, name := range names {
		text.WriteString(name + "='" + escape.Replace(s.values[name]) + "' ")
	}
	return text.String()
}

// postgresParseErrors are signs in the driver's words for what it does not like, and ours.
var postgresParseErrors = []struct{ sign, explanation string }{
	{"failed to configure TLS", "its TLS settings cannot be used: sslmode must be disable, allow, prefer, require, " +
		"verify-ca or verify-full, and the files of sslrootcert, sslcert and sslkey must be readable and in PEM form"},
	{"invalid port", "its port is not a number from 1 to 65535; in a URL, percent-encode : / ? # @ in passwords"},
	{"port numbers", "it has another number of ports than of hosts"},
	{"failed to read service", "its service, or the file of it, cannot be read"},
	{"connect_timeout", "its connect_timeout must be a number of seconds"},
	{"target_session_attrs", "its target_session_attrs must be any, read-write, read-only, primary, standby " +
		"or prefer-standby"},
	{"channel_binding", "its channel_binding must be disable, prefer or require"},
	{"require_auth", "its require_auth cannot be used"},
	{"sslcertmode", "its sslcertmode must be disable, allow or require"},
	{"query_exec_mode", "its default_query_exec_mode is not one that there is"},
	{"cache_capacity", "the capacity of a cache in it must be a number"},
	{"protocol_version", "its versions of the protocol cannot be used"},
}

// explainPostgresParse says what the driver did not like, without its words, which may hold values. They begin with the
// connection string between accents.
func explainPostgresParse(err error) string {
	words := err.Error()
	words = words[strings.LastIndex(words, "`")+1:]
	for _, e := range postgresParseErrors {
		if strings.Contains(words, e.sign) {
			return "the connection string cannot be used: " + e.explanation
		}
	}
	return "the connection string cannot be read; in a URL, percent-encode : / ? # @ and blanks in the user and " +
		"the password"
}
