// Package adonet reads ADO.NET connection strings, "key=value;key=value", as the clients built on
// System.Data.Common.DbConnectionStringBuilder do: Microsoft.Data.SqlClient, System.Data.SqlClient, Npgsql, MySqlConnector,
// MySql.Data.
//
// The rules: settings are separated by semicolons, and blanks around keys and values do not count. A value in single or
// double quotes is taken as it is, with its quote doubled inside; a value without quotes must neither begin nor end with
// one. A key writes = as ==. Keys are compared without case; of several the last one stands, and one without a value
// takes back those before it. A NUL ends the string.
package adonet

import (
	"fmt"
	"io"
)

// Setting is one key=value of a connection string. Printing it, in whatever way, never shows the value.
type Setting struct {
	Key      string // in lower case (ASCII), without blanks around it
	Value    string
	Empty    bool // "key=": takes back earlier settings of this key. key="" is a value of length 0 instead.
	Position int  // of the key's first character in the string, counted from 1
}

// Format keeps passwords out of logs.
func (s Setting) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, s.Key+"=(redacted)")
}

// SyntaxError says which rule a connection string breaks, and where. It holds no part of the string.
type SyntaxError struct {
	Position int    // of the setting's first character, counted from 1
	Rule     string // what is wrong with the setting, and what to do
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("the setting at character %d of the connection string %s", e.Position, e.Rule)
}

// Values resolves synonyms and repetitions: of the settings with one name the last one stands, and one without a value
// takes back those before it. name gives the name for a key in lower case. The first key that it does not know is an
// *UnknownKeyError.
func Values(settings []Setting, name func(key string) (string, bool)) (map[string]string, error) {
	values := make(map[string]string, len(settings))
	for _, s := range settings {
		n, ok := name(s.Key)
		if !ok {
			return nil, &UnknownKeyError{Position: s.Position, Key: s.Key}
		}
		if s.Empty {
			delete(values, n)
		} else {
			values[n] = s.Value
		}
	}
	return values, nil
}

// UnknownKeyError is a key that the client does not have. Its text does not show the key, which may be the rest of a
// password with a semicolon in it.
type UnknownKeyError struct {
	Position int    // of the key's first character, counted from 1
	Key      string `json:"-"`
}

func (e *UnknownKeyError) Error() string {
	return fmt.Sprintf("the keyword at character %d of the connection string is not known; "+
		"a value with a semicolon in it must be in quotes", e.Position)
}
