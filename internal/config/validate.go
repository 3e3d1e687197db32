package config

import (
	"bytes"
	"strings"

	"github.com/libasherah/libasherah/internal/seccache"
)

const sqliteScheme = "sqlite://"

// validate looks at what fields mean together, and settles on one of several names for the same thing.
func (s *settings) validate(needs Needs) error {
	for i := range fields {
		f := &fields[i]
		if text, ok := f.into(s).(*string); ok && needs&f.required != 0 && *text == "" {
			return refuse("configuration field %s is missing or empty%s", f.name, hint(f))
		}
	}
	s.metastore = strings.TrimPrefix(s.metastore, "test-debug-")
	if needs&Metastore != 0 {
		if err := s.validateMetastore(); err != nil {
			return err
		}
	}
	if needs&KMS != 0 {
		if err := s.validateKMS(); err != nil {
			return err
		}
	}
	if s.enableRegionSuffix && s.regionSuffix == "" {
		warn("configuration field EnableRegionSuffix has no effect on this metastore; RegionSuffix has")
	}
	return nil
}

// hint names the environment variable of a field that is missing.
func hint(f *field) string {
	if len(f.env) == 0 {
		return ""
	}
	return " (environment variable " + f.env[0] + ")"
}

func (s *settings) validateMetastore() error {
	switch s.metastore {
	case "memory":
		return nil
	case "dynamodb":
		return notBuilt("Metastore", "dynamodb", "memory, sqlite")
	}
	if s.connectionString == nil {
		f := fieldNamed["ConnectionString"]
		return refuse("configuration field ConnectionString is missing; Metastore %q needs it%s", s.metastore, hint(f))
	}
	isURL := hasScheme(s.connectionString)
	isSQLite := isURL && isSQLiteURL(s.connectionString) || !isURL && s.sqlMetastoreDBType == "sqlite"
	if s.metastore == "rdbms" && !isSQLite {
		return refuse("configuration field Metastore: of the databases of \"rdbms\", this build has SQLite only, " +
			"which ConnectionString names with sqlite:// and a path")
	}
	s.metastore = "sqlite"
	if isURL && !isSQLite {
		return refuse("configuration field ConnectionString must be the path of a SQLite file, or sqlite:// and the path")
	}
	if len(sqlitePath(s.connectionString)) == 0 {
		return refuse("configuration field ConnectionString has no path after sqlite://")
	}
	return nil
}

func notBuilt(name, choice, available string) error {
	return refuse("configuration field %s: %q is not in this build, which has: %s", name, choice, available)
}

func isSQLiteURL(text *seccache.Secret) bool {
	b := text.Bytes()
	return len(b) >= len(sqliteScheme) && bytes.EqualFold(b[:len(sqliteScheme)], []byte(sqliteScheme))
}

// hasScheme says whether text begins like a URL.
func hasScheme(text *seccache.Secret) bool {
	scheme, _, found := bytes.Cut(text.Bytes(), []byte("://"))
	return found && len(scheme) > 0 && !bytes.ContainsAny(scheme, `/\. `)
}

// sqlitePath returns the path in a connection string, which stays in locked memory.
func sqlitePath(text *seccache.Secret) []byte {
	if isSQLiteURL(text) {
		return text.Bytes()[len(sqliteScheme):]
	}
	return text.Bytes()
}
