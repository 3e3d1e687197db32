package mssqltest

import (
	"fmt"
	"net/url"
	"strings"
)

// URL is a connection string of the form sqlserver://user:password@host:port?database=…, followed by options, each
// "key=value" with the value as it is. Without options nothing is said about encryption and trust.
func (s *Server) URL(options ...string) string {
	query := "database=" + url.QueryEscape(s.options.Database)
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		query += "&" + url.QueryEscape(key) + "=" + url.QueryEscape(value)
	}
	u := url.URL{
		Scheme: "sqlserver", User: url.UserPassword(s.options.User, s.options.Password),
		Host: fmt.Sprintf("%s:%d", loopback, s.Port()), RawQuery: query,
	}
	return u.String()
}

// ADO is a connection string as SqlClient reads it: Server=tcp:host,port;Database=…;User ID=…;Password=…, followed by
// options, each "Key=Value" as it is.
func (s *Server) ADO(options ...string) string {
	base := fmt.Sprintf("Server=tcp:%s,%d;Database=%s;User ID=%s;Password=%s", loopback, s.Port(),
		quote(s.options.Database),
		quote(s.options.User), quote(s.options.Password))
	return strings.Join(append([]string{base}, options...), ";")
}

// quote encloses a value that has to be.
func quote(value string) string {
	if !strings.ContainsAny(value, `;"' =`) {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
}
