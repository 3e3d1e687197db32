package rdbms

import (
	"context"
	"database/sql/driver"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/libasherah/libasherah/internal/hooks"
)

// consistencies are the values of Options.ReplicaReadConsistency, as SQL.
var consistencies = map[string]string{
	"eventual": "'eventual'",
	"global":   "'global'",
	"session":  "'session'",
}

// mysqlConnector reads a connection string in one of its forms, and moves what it says of a pool into o.
func mysqlConnector(o *Options) (driver.Connector, error) {
	c, err := mysqlConfig(o)
	if err != nil {
		return nil, err
	}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	// The driver sets these on every connection, all with one statement, before it is used.
	mode := "@@sql_mode"
	if given, ok := c.Params["sql_mode"]; ok {
		mode = given
	}
	c.Params["sql_mode"] = "CONCAT(" + mode + ", ',STRICT_ALL_TABLES')"
	if o.ReplicaReadConsistency != "" {
		value, known := consistencies[o.ReplicaReadConsistency]
		if !known {
			return nil, configurationError("MySQL", "ReplicaReadConsistency must be eventual, global or session")
		}
		c.Params["aurora_replica_read_consistency"] = value
	}
	c.ParseTime = false // digits stay digits
	c.Logger = &mysql.NopLogger{}
	if c.ConnectionAttributes == "" {
		c.ConnectionAttributes = "program_name:libasherah"
	}
	host, _, err := net.SplitHostPort(c.Addr)
	local := c.Net == "unix" || err == nil && isLocal(host)
	if !local && (c.TLS == nil || c.AllowFallbackToPlaintext) {
		warnUnencrypted("MySQL", "tls=true (ssl-mode=VERIFY_IDENTITY, SslMode=VerifyFull)")
		if c.AllowCleartextPasswords {
			return nil, configurationError("MySQL", "the connection string allows a password in clear text on a connection "+
				"without TLS; demand TLS: tls=true")
		}
	}
	// With this the driver works on a copy of the settings for each connection. Otherwise one answer of a server without TLS,
	// where that is allowed, would switch TLS off for every later connection.
	err = c.Apply(mysql.BeforeConnect(func(context.Context, *mysql.Config) error { return nil }))
	if err != nil {
		return nil, configurationError("MySQL", "the connection string cannot be used")
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, configurationError("MySQL", "the connection string cannot be used: its network or its address is not one")
	}
	return connector, nil
}

// mysqlConfig reads the connection string. A string whose keywords are all those of ADO.NET's form is in that form;
// there is no DSN like that.
func mysqlConfig(o *Options) (*mysql.Config, error) {
	text := o.ConnectionString
	if strings.TrimSpace(text) == "" {
		return nil, configurationError("MySQL", "the connection string is empty")
	}
	if scheme, rest, found := strings.Cut(text, "://"); found && (scheme == "mysql" || scheme == "mariadb") {
		address := rest[strings.LastIndex(rest, "@")+1:]
		if strings.HasPrefix(address, "tcp(") || strings.HasPrefix(address, "unix(") {
			return mysqlDSN(rest, o)
		}
		return mysqlURL(text, o)
	}
	s, err := adoSettings("MySQL", text, mysqlADOKeywords)
	if err == nil && strings.Contains(text, "=") {
		return mysqlADO(s, o)
	}
	first, _, _ := strings.Cut(text, "=")
	if _, ado := mysqlADOKeywords[squash(strings.TrimSpace(first))]; ado || !strings.Contains(text, "/") {
		return nil, err
	}
	return mysqlDSN(text, o)
}

// checkZone refuses a zone for times that is not UTC, unless it is known that there are rows in local time.
func checkMySQLZone(zone string, o *Options) error {
	switch {
	case zone == "" || zone == "UTC":
		return nil
	case o.LocalZone == nil:
		return configurationError("MySQL", "the connection string has loc=: with it other clients wrote local time into "+
			"the column created. Remove it; if there are such rows, set LocalTimeZone to have them read")
	default:
		hooks.Log(hooks.Debug, "metastore", "MySQL: loc in the connection string means nothing here: rows are written in UTC")
		return nil
	}
}
