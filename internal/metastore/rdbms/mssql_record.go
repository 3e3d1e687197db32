package rdbms

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	mssql "github.com/microsoft/go-mssqldb"
)

// bindMSSQLRecord binds records as (max) types: one statement serves every length. What a VARCHAR might not have is
// written as JSON's \u escapes, which every reader takes for the same text.
func bindMSSQLRecord(c *Column) func([]byte) any {
	if c.Type == "varchar" || c.Type == "text" {
		return func(text []byte) any { return mssql.VarCharMax(escapeJSON(text)) }
	}
	return func(text []byte) any { return mssql.NVarCharMax(text) }
}

// mssqlRecordLength is the length of a record as the column counts it.
func mssqlRecordLength(c *Column, text []byte) int {
	if c.Type == "varchar" || c.Type == "text" {
		return len(escapeJSON(text))
	}
	return utf16Length(string(text))
}

// escapeJSON writes a JSON text in ASCII. Outside of strings it has no other characters.
func escapeJSON(text []byte) string {
	if isASCII(string(text)) {
		return string(text)
	}
	var ascii []byte
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			ascii = append(ascii, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, high, low)
		default:
			ascii = fmt.Appendf(ascii, `\u%04x`, r)
		}
	}
	return string(ascii)
}
