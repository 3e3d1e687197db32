package rdbms

import (
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlDSNKeywords are the parameters of the Go driver. Names that it does not know are system variables.
var mysqlDSNKeywords = func() map[string]keyword {
	table := map[string]keyword{
		"allowOldPasswords": {refused: "passwords from before MySQL 4.1 are not safe; give the user a new one"},
		"allowAllFiles":     {refused: "no files are sent to the server; remove it"},
		"serverPubKey":      {refused: "it names a key that a Go program has registered; use tls=true"},
		"strict":            {refused: "connections are in strict mode; remove it"},
		"collation":         ignored,
	}
	for _, name := range []string{
		"allowCleartextPasswords", "allowFallbackToPlaintext", "allowNativePasswords", "checkConnLiveness", "compress",
		"connectionAttributes", "maxAllowedPacket", "readTimeout", "rejectReadOnly", "timeout", "writeTimeout", "tls", "loc",
	} {
		table[name] = keyword{to: name}
	}
	for _, name := range []string{
		"charset", "clientFoundRows", "columnsWithAlias", "interpolateParams", "multiStatements", "parseTime", "timeTruncate",
	} {
		table[name] = ignored
	}
	return table
}()

var systemVariable = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)

// mysqlDSN reads user:password@network(address)/database?parameters. Whatever is in the password, the last / before the
// parameters ends the address, and the last @ before it the password.
func mysqlDSN(text string, o *Options) (*mysql.Config, error) {
	s := &settings{database: "MySQL", values: map[string]string{}}
	slash := strings.LastIndex(text, "/")
	address, query, _ := strings.Cut(text[slash+1:], "?")
	var kept []string
	position := len([]rune(text[:slash+1]+address)) + 2
	for _, parameter := range strings.Split(query, "&") {
		name, value, found := strings.Cut(parameter, "=")
		switch _, known := mysqlDSNKeywords[name]; {
		case parameter == "":
		case !found || !known && !systemVariable.MatchString(name):
			return nil, configurationError("MySQL", "the connection string has a parameter at character %d that is "+
				"neither one of the Go driver nor a system variable", position)
		case !known:
			kept = append(kept, parameter)
		default:
			if err := s.add(mysqlDSNKeywords, name, name, value, position, false); err != nil {
				return nil, err
			}
			if _, keep := s.values[name]; keep && name != "loc" && name != "tls" {
				kept = append(kept, parameter)
			}
		}
		position += len([]rune(parameter)) + 1
	}
	zone, err := url.QueryUnescape(s.values["loc"])
	if err != nil {
		return nil, s.bad("loc", "the name of a time zone")
	}
	if err := checkMySQLZone(zone, o); err != nil {
		return nil, err
	}
	c, err := mysql.ParseDSN(text[:slash+1] + address + "?" + strings.Join(kept, "&"))
	if err != nil || c.Net != "tcp" && c.Net != "unix" {
		return nil, configurationError("MySQL", "the connection string is not a DSN of the Go driver, "+
			"user:password@tcp(host:port)/database?parameters, or a parameter has a value that it cannot have")
	}
	if err := mysqlDSNTLS(s, c); err != nil {
		return nil, err
	}
	return c, nil
}

func mysqlDSNTLS(s *settings, c *mysql.Config) error {
	mode, known := map[string]string{
		"": "preferred", "true": "verify-full", "false": "disabled", "skip-verify": "required", "preferred": "preferred",
		"1": "verify-full", "0": "disabled", "TRUE": "verify-full", "FALSE": "disabled",
		"True": "verify-full", "False": "disabled",
	}[s.values["tls"]]
	if !known {
		return configurationError("MySQL", "the connection string's tls must be true, false, skip-verify or preferred; "+
			"settings that a Go program registers do not exist here: use the form mysql:// with ssl-mode, ssl-ca, ssl-cert "+
			"and ssl-key")
	}
	fallback := c.AllowFallbackToPlaintext
	if err := applyMySQLTLS(&settings{database: "MySQL", values: map[string]string{"ssl-mode": mode}}, c); err != nil {
		return err
	}
	c.AllowFallbackToPlaintext = c.AllowFallbackToPlaintext || fallback
	return nil
}

// mysqlURLKeywords are the parameters of a URL, squashed.
var mysqlURLKeywords = func() map[string]keyword {
	table := map[string]keyword{
		"sslmode": {to: "ssl-mode"}, "sslca": {to: "ssl-ca"}, "sslcert": {to: "ssl-cert"}, "sslkey": {to: "ssl-key"},
		"tlsversion": {to: "tls-version"}, "tlsversions": {to: "tls-version"}, "tls": {to: "tls"}, "socket": {to: "socket"},
		"connecttimeout": {to: "connect-timeout"}, "timeout": {to: "timeout"}, "loc": {to: "loc"},
		"allowcleartextpasswords": {to: "cleartext"},
	}
	for _, name := range []string{
		"charset", "collation", "parsetime", "multistatements", "interpolateparams", "clientfoundrows", "characterencoding",
		"useunicode", "compression", "program", "programname",
	} {
		table[name] = ignored
	}
	for name, instead := range map[string]string{
		"sslcapath":                   "name one file with ssl-ca",
		"sslcrl":                      "lists of revoked certificates are not read",
		"sslcrlpath":                  "lists of revoked certificates are not read",
		"sslcipher":                   "ciphers are those of Go's TLS",
		"tlsciphers":                  "ciphers are those of Go's TLS",
		"usessl":                      "write ssl-mode",
		"requiressl":                  "write ssl-mode",
		"verifyservercertificate":     "write ssl-mode=VERIFY_IDENTITY",
		"trustcertificatekeystoreurl": "write ssl-ca",
		"serverpublickeypath":         "use ssl-mode=VERIFY_IDENTITY",
		"authmethod":                  "the server chooses the way of authentication",
	} {
		table[name] = keyword{refused: instead}
	}
	return table
}()

// mysqlURL reads mysql://user:password@host:port/database?parameters.
func mysqlURL(text string, o *Options) (*mysql.Config, error) {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || strings.Contains(text, "#") {
		return nil, configurationError("MySQL", "the connection string cannot be read as a URL; percent-encode : / ? # @ %% "+
			"and blanks in the user and the password")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, configurationError("MySQL", "the parameters of the connection string, a URL, cannot be read; "+
			"percent-encode %% & ; in values")
	}
	s := &settings{database: "MySQL", values: map[string]string{}}
	position := len([]rune(text)) - len([]rune(u.RawQuery)) + 1
	for name, values := range query {
		last := values[len(values)-1]
		if err := s.add(mysqlURLKeywords, squash(name), name, last, position, false); err != nil {
			return nil, err
		}
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = strings.TrimPrefix(u.Path, "/")
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), orPort(u.Port()))
	if u.Hostname() == "" {
		c.Addr = "127.0.0.1:" + orPort(u.Port())
	}
	if socket := s.take("socket"); socket != "" {
		c.Net, c.Addr = "unix", socket
	}
	if err := checkMySQLZone(s.take("loc"), o); err != nil {
		return nil, err
	}
	if c.AllowCleartextPasswords, _, err = s.takeBool("cleartext"); err != nil {
		return nil, err
	}
	seconds, err := s.takeNumber("connect-timeout")
	if err != nil {
		return nil, err
	}
	c.Timeout = time.Duration(seconds) * time.Second
	if limit, set := s.values["timeout"]; set { // the Go driver's
		if c.Timeout, err = time.ParseDuration(limit); err != nil {
			return nil, s.bad("timeout", "a time with its unit, as 10s")
		}
	}
	if tls, set := s.values["tls"]; set {
		if _, both := s.values["ssl-mode"]; both {
			return nil, configurationError("MySQL", "the connection string has both tls and ssl-mode; remove tls")
		}
		s.values["ssl-mode"] = map[string]string{
			"true": "verify-full", "false": "disabled", "skip-verify": "required", "preferred": "preferred",
		}[strings.ToLower(tls)]
	}
	return c, applyMySQLTLS(s, c)
}

func orPort(port string) string {
	if port == "" {
		return "3306"
	}
	return port
}
