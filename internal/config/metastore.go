package config

import (
	"bytes"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/seccache"
)

const sqliteScheme = "sqlite://"

func (s *settings) validateMetastore() error {
	switch s.metastore {
	case "memory":
		return nil
	case "dynamodb":
		return s.validateAWS()
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

func (c *Config) openMetastore() (envelope.Metastore, error) {
	switch c.settings.metastore {
	case "memory":
		return memory.NewWithSuffix(c.settings.regionSuffix), nil
	case "dynamodb":
		return c.openDynamoDB()
	}
	return rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{
		Path:      string(sqlitePath(c.settings.connectionString)),
		Create:    c.settings.sqliteCreate,
		KeySuffix: c.settings.regionSuffix,
	})
}

func (c *Config) openDynamoDB() (envelope.Metastore, error) {
	s := &c.settings
	o := s.aws()
	o.Region, o.Endpoint, o.SigningRegion = s.dynamoDBRegion, s.dynamoDBEndpoint, s.dynamoDBSigningRegion
	aws, err := awsconf.Open(o)
	if err != nil {
		return nil, err
	}
	suffix := s.regionSuffix
	if suffix == "" && s.enableRegionSuffix {
		suffix = aws.Region
	}
	m, err := dynamodb.Open(dynamodb.Settings{AWS: aws, Table: s.dynamoDBTableName, KeySuffix: suffix})
	if err != nil {
		return nil, err
	}
	return m, nil
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
