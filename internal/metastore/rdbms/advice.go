package rdbms

import (
	"fmt"
	"slices"
	"strings"
)

// Advice is something about a table that works, or will not for everybody or for ever, with what to do about it.
type Advice struct {
	Subject, Text, Remedy string
}

// A system key's record has about 0.5 KB for each region of AWS KMS.
const (
	shortID     = 255 // what the table of the other SDKs' documentation has
	shortRecord = 4000
)

// Advice returns what to know about the table beside its having the columns and the key. It looks at types only, not at
// rows.
func (t *Table) Advice() []Advice {
	var list []Advice
	add := func(subject, remedy, format string, args ...any) {
		list = append(list, Advice{subject, fmt.Sprintf(format, args...), remedy})
	}
	if t.Forbidden {
		add("rights", "grant SELECT and INSERT", "the user may not read the table, or may not insert into it")
	}
	if id := t.Column("id"); id != nil && id.Length > 0 && id.Length < shortID {
		add("id", "make the column longer", "ids longer than %d are refused; they hold partition, service and product",
			id.Length)
	}
	if record := t.Column("key_record"); record != nil && record.Length > 0 && record.Length < shortRecord {
		add("key_record", "make it a column of long text", "records longer than %d are refused; a system key's may be, "+
			"with a KMS in several regions", record.Length)
	}
	if k := t.UniqueKey(); k != nil && !t.isIndexed("id") {
		add("key", "add an index on (id, created)", "the key %s begins with created: finding the newest key of an "+
			"id reads every row", k.Name)
	}
	if created := t.Column("created"); created != nil {
		list = append(list, t.adviceOnCreated(created)...)
	}
	return list
}

// isIndexed is true if an index begins with the column.
func (t *Table) isIndexed(column string) bool {
	return slices.ContainsFunc(t.Keys, func(k Key) bool { return strings.EqualFold(k.Columns[0], column) })
}

func (t *Table) adviceOnCreated(c *Column) []Advice {
	switch {
	case t.Kind == "postgres" && c.Type == "timestamp":
		return []Advice{{
			"created", "a TIMESTAMP has no zone: some clients' drivers write the local time of their process into it",
			"use TIMESTAMPTZ, or see to it that every client runs in UTC",
		}}
	case t.Kind == "mysql" && c.Type == "timestamp" && !isUTC(t.SessionZone):
		return []Advice{{
			"created", "a TIMESTAMP ends in 2038, and holds no times that the server's zone (" + t.SessionZone + ") skips in " +
				"spring: no key is made in that hour",
			"use DATETIME",
		}}
	case t.Kind == "mysql" && c.Type == "timestamp":
		return []Advice{{"created", "a TIMESTAMP ends in 2038", "use DATETIME"}}
	default:
		return nil
	}
}

func isUTC(zone string) bool {
	return slices.Contains([]string{"UTC", "Etc/UTC", "GMT", "+00:00"}, strings.TrimPrefix(zone, "SYSTEM: "))
}
