package config

import (
	"bytes"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/seccache"
)

const sqliteScheme = "sqlite://"

// databases are the kinds of database, by what URLs begin with and by SQLMetastoreDBType.
var databases = map[string]string{
	"sqlite": "sqlite", "mysql": "mysql", "mariadb": "mysql", "postgres": "postgres", "postgresql": "postgres",
	"mssql": "mssql", "sqlserver": "mssql",
}

func (s *settings) validateMetastore() error {
	switch s.metastore {
	case "memory":
		return nil
	case "dynamodb":
		return s.validateAWS()
	}
	if s.connectionString == nil {
		return missing("ConnectionString", "Metastore \""+s.metastore+"\" needs it")
	}
	scheme := schemeOf(s.connectionString)
	switch {
	case scheme != "" && databases[scheme] == "":
		return refuse("configuration field ConnectionString begins with another scheme than sqlserver, mssql, postgres, " +
			"postgresql, mysql, mariadb and sqlite")
	case scheme != "":
		s.sqlMetastoreDBType = databases[scheme]
	case s.metastore == "sqlite":
		s.sqlMetastoreDBType = "sqlite"
	case s.sqlMetastoreDBType != "":
		s.sqlMetastoreDBType = databases[s.sqlMetastoreDBType] // one name of several
	default:
		return refuse("configuration field SQLMetastoreDBType is missing; ConnectionString does not show the kind of " +
			"database: it is no URL")
	}
	if s.metastore == "sqlite" && s.sqlMetastoreDBType != "sqlite" {
		return refuse("configuration field ConnectionString must be the path of a SQLite file, or sqlite:// and the path; " +
			"for another database Metastore is \"rdbms\"")
	}
	if s.sqlMetastoreDBType == "sqlite" {
		s.metastore = "sqlite"
		if len(sqlitePath(s.connectionString)) == 0 {
			return refuse("configuration field ConnectionString has no path after sqlite://")
		}
	}
	if s.replicaReadConsistency != "" && s.sqlMetastoreDBType != "mysql" {
		warn("configuration field ReplicaReadConsistency has no effect on this database; it is Aurora MySQL's")
	}
	if _, err := time.LoadLocation(s.localTimeZone); err != nil {
		return refuse("configuration field LocalTimeZone: the system knows no time zone of that name")
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
	return c.openDatabase()
}

func (c *Config) openDatabase() (envelope.Metastore, error) {
	s := &c.settings
	if s.sqlMetastoreDBType == "sqlite" {
		return opened(rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{
			Path:      string(sqlitePath(s.connectionString)),
			Create:    s.sqliteCreate,
			Unchanged: c.readOnly,
			KeySuffix: s.regionSuffix,
		}))
	}
	o := rdbms.Options{
		ConnectionString: string(s.connectionString.Bytes()), // drivers keep it as a string
		KeySuffix:        s.regionSuffix,
		Pool: rdbms.Pool{
			MaxOpen:     int(c.limit("PoolMaxOpen", s.poolMaxOpen)),
			MaxIdle:     int(c.limit("PoolMaxIdle", s.poolMaxIdle)),
			MaxLifetime: time.Duration(c.limit("PoolMaxLifetime", s.poolMaxLifetime)) * time.Second,
			MaxIdleTime: time.Duration(c.limit("PoolMaxIdleTime", s.poolMaxIdleTime)) * time.Second,
		},
		QueryTimeout:           time.Duration(c.limit("QueryTimeoutMs", s.queryTimeoutMs)) * time.Millisecond,
		RetryFor:               time.Duration(c.limit("QueryRetryMs", s.queryRetryMs)) * time.Millisecond,
		ReplicaReadConsistency: s.replicaReadConsistency,
	}
	if s.localTimeZone != "" {
		zone, err := time.LoadLocation(s.localTimeZone)
		if err != nil {
			return nil, refuse("configuration field LocalTimeZone: the system knows no time zone of that name")
		}
		o.LocalZone = zone
	}
	switch s.sqlMetastoreDBType {
	case "mysql":
		return opened(rdbms.OpenMySQL(o))
	case "mssql":
		return opened(rdbms.OpenMSSQL(o))
	}
	return opened(rdbms.OpenPostgres(o))
}

// limit turns a number of the configuration into one of rdbms, where 0 is the default, or what the connection string
// says, and a negative number is none.
func (c *Config) limit(name string, n int64) int64 {
	switch {
	case !c.given[name]:
		return 0
	case n == 0:
		return -1
	}
	return n
}

// opened keeps a nil out of the interface.
func opened(m *rdbms.Metastore, err error) (envelope.Metastore, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
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

// schemeOf returns what a connection string that is a URL begins with, in lower case, "" for another form.
func schemeOf(text *seccache.Secret) string {
	scheme, _, found := bytes.Cut(text.Bytes(), []byte("://"))
	if !found || len(scheme) == 0 || len(scheme) > 16 || bytes.ContainsFunc(scheme, func(r rune) bool {
		return r|0x20 < 'a' || r|0x20 > 'z'
	}) {
		return ""
	}
	return strings.ToLower(string(scheme))
}

// sqlitePath returns the path in a connection string, which stays in locked memory.
func sqlitePath(text *seccache.Secret) []byte {
	if schemeOf(text) == "sqlite" {
		return text.Bytes()[len(sqliteScheme):]
	}
	return text.Bytes()
}
