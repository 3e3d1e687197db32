package rdbms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/sqlclient"
)

// The whole seconds that SQL Server's types of time hold.
const (
	minDateTime  = -6847804800  // 1753-01-01 00:00:00, DATETIME
	minDateTime2 = -62135596800 // 0001-01-01 00:00:00, DATETIME2 and DATETIMEOFFSET
	maxDateTime  = 253402300799 // 9999-12-31 23:59:59
)

var mssqlDialect = &dialect{
	name: "SQL Server",
	kind: "mssql",
	// An entry of a clustered index has at most 900 bytes. The collation compares code points: no two ids are equal but
	// those that differ in trailing blanks, which SQL Server never counts.
	ddl: `CREATE TABLE encryption_key (
	id NVARCHAR(440) COLLATE Latin1_General_100_BIN2 NOT NULL,
	created DATETIME2(0) NOT NULL,
	key_record NVARCHAR(MAX) NOT NULL,
	CONSTRAINT PK_encryption_key PRIMARY KEY CLUSTERED (id, created)
);
`,
	inspect:   inspectMSSQL,
	layout:    mssqlLayout,
	duplicate: func(err error) bool { return hasMSSQLNumber(err, 2601, 2627) },
	transient: isMSSQLTransient,
	readOnly:  func(err error) bool { return hasMSSQLNumber(err, 978, 3906) },
	refusal:   mssqlRefusal,
	reason:    mssqlReason,
}

// OpenMSSQL makes a metastore on Microsoft SQL Server or Azure SQL. The connection string is of a form that package
// sqlclient reads: that of Microsoft.Data.SqlClient and System.Data.SqlClient, sqlserver:// or mssql://. What it says
// of the pool and of time limits stands where the options say nothing.
//
// Unless the string says otherwise everything is encrypted and the server's certificate is checked; a warning is logged
// where it does. Nothing is sent before the first call. Errors are of class Configuration.
func OpenMSSQL(o Options) (*Metastore, error) {
	const name = "SQL Server"
	if o.ReplicaReadConsistency != "" {
		return nil, configurationError(name, "ReplicaReadConsistency is for Aurora MySQL only; remove it")
	}
	s, err := sqlclient.Parse(o.ConnectionString)
	if err != nil {
		return nil, configurationError(name, "the connection string cannot be used: %s", err.Error())
	}
	connector, err := s.Connector()
	if err != nil {
		return nil, configurationError(name, "the connection string cannot be used: %s", err.Error())
	}
	for _, line := range s.Warnings() {
		hooks.Log(hooks.Warn, "metastore", "%s: %s", name, line)
	}
	for _, line := range s.Ignored() {
		hooks.Log(hooks.Debug, "metastore", "%s: %s", name, line)
	}
	limitMSSQL(&o, s)
	return open(mssqlDialect, connector, o), nil
}

// limitMSSQL moves the limits of a connection string into options that are not set.
func limitMSSQL(o *Options, s *sqlclient.Settings) {
	o.Pool.MaxOpen = orDefault(o.Pool.MaxOpen, s.MaxPoolSize())
	o.Pool.MaxLifetime = orDefault(o.Pool.MaxLifetime, s.MaxLifetime())
	if !s.Pooling() {
		o.Pool.MaxIdle = orDefault(o.Pool.MaxIdle, -1)
	}
	if o.QueryTimeout != 0 {
		return
	}
	o.QueryTimeout = defaultQueryTimeout
	if command, given := s.CommandTimeout(); given {
		o.QueryTimeout = orDefault(command, -1)
	}
	// An attempt may begin with connecting, for which databases that sleep need long.
	if connect, given := s.ConnectTimeout(); given && o.QueryTimeout > 0 {
		o.QueryTimeout = max(o.QueryTimeout, connect)
	}
}

// mssqlLayout binds each argument as what its column is. SQL Server would convert the column instead, where the
// argument's type is the greater one, and read every row.
func mssqlLayout(t *Table, zone *time.Location) (*layout, error) {
	id, created, record := t.Column("id"), t.Column("created"), t.Column("key_record")
	l := &layout{
		load: statement{text: "SELECT id, created, key_record FROM encryption_key WHERE id = @p1 AND created = @p2"},
		latest: statement{text: "SELECT TOP (1) id, created, key_record FROM encryption_key WHERE id = @p1 " +
			"ORDER BY created DESC"},
		store:       statement{text: "INSERT INTO encryption_key (id, created, key_record) VALUES (@p1, @p2, @p3)"},
		bindRecord:  bindMSSQLRecord(record),
		readCreated: readMSSQLCreated,
	}
	if id.Type != "varchar" && id.Type != "nvarchar" {
		return nil, columnError("SQL Server", id, "VARCHAR or NVARCHAR")
	}
	if !slices.Contains([]string{"varchar", "nvarchar", "text", "ntext", "json"}, record.Type) {
		return nil, columnError("SQL Server", record, "NVARCHAR(MAX) or VARCHAR(MAX)")
	}
	switch created.Type {
	case "datetime":
		l.bindCreated = bindMSSQL(minDateTime, func(t time.Time) any { return mssql.DateTime1(t) })
	case "datetime2":
		l.bindCreated = bindMSSQL(minDateTime2, func(t time.Time) any { return civil.DateTimeOf(t) })
	case "datetimeoffset":
		l.bindCreated = bindMSSQL(minDateTime2, func(t time.Time) any { return mssql.DateTimeOffset(t) })
	default:
		return nil, columnError("SQL Server", created, "DATETIME2, DATETIME or DATETIMEOFFSET")
	}
	if zone != nil && created.Type != "datetimeoffset" {
		l.readLocal(zone, "SELECT id, created, key_record FROM encryption_key WHERE id = @p1 AND created IN (@p2, @p3)",
			"SELECT id, created, key_record FROM encryption_key WHERE id = @p1 AND created >= "+
				"(SELECT DATEADD(hour, -27, MAX(created)) FROM encryption_key WHERE id = @p1) ORDER BY created DESC")
	}
	text := newMSSQLText(id)
	mayHold := func(length int) bool {
		return (id.Length == 0 || length <= id.Length) && (t.MaxIDBytes == 0 || length*text.unit <= t.MaxIDBytes)
	}
	l.bindID = func(keyID string) (any, bool) {
		if !mayHold(text.least(keyID)) {
			return nil, false
		}
		return text.bind(keyID)
	}
	l.check = func(keyID string, _ int64, json []byte) error {
		switch length, held := text.length(keyID); {
		case !held:
			return mssqlRefused("the key id has characters that the code page of the column id does not have; " +
				"make the column NVARCHAR")
		case id.Length > 0 && length > id.Length:
			return tooLong("SQL Server", "key id", length, id)
		case !mayHold(length):
			return mssqlRefused("the key id takes %d bytes; the table's index leaves %d for it", length*text.unit, t.MaxIDBytes)
		}
		if length := mssqlRecordLength(record, json); record.Length > 0 && length > record.Length {
			return tooLong("SQL Server", "record", length, record)
		}
		return nil
	}
	return l, nil
}

func mssqlRefused(format string, args ...any) error {
	return envelope.Errorf(envelope.InvalidArgument, nil, "SQL Server metastore: %s", fmt.Sprintf(format, args...))
}

func bindMSSQL(least int64, bind func(time.Time) any) func(int64) (any, bool) {
	return func(created int64) (any, bool) {
		if created < least || created > maxDateTime {
			return nil, false // the driver would send the nearest time that there is
		}
		return bind(time.Unix(created, 0).UTC()), true
	}
}

func readMSSQLCreated(column any) (int64, error) {
	t, ok := column.(time.Time)
	if !ok {
		return 0, fmt.Errorf("created has the type %T", column)
	}
	if t.Nanosecond() != 0 {
		return 0, errors.New("created has a fraction of a second")
	}
	return t.Unix(), nil
}

// mssqlText is what a column of texts can hold, and how its values are bound.
type mssqlText struct {
	page string // code page of VARCHAR, "" for NVARCHAR
	unit int    // bytes of what its length counts
}

func newMSSQLText(c *Column) mssqlText {
	if c.Type == "nvarchar" || c.Type == "ntext" {
		return mssqlText{unit: 2}
	}
	return mssqlText{page: c.CharacterSet, unit: 1}
}

// bind makes the argument for a value of the column, false if it has none such. Outside of ASCII VARCHAR depends on the
// code page, in which the server converts better than the driver; comparing as NVARCHAR then reads every row, and is
// right for every code page.
func (c mssqlText) bind(text string) (any, bool) {
	if !utf8.ValidString(text) {
		return nil, false
	}
	if c.page != "" && isASCII(text) {
		return mssql.VarChar(text), true
	}
	return text, true
}

// length is that of text as the column counts it. held is false if the column would change or lose a character.
func (c mssqlText) length(text string) (n int, held bool) {
	switch {
	case !utf8.ValidString(text):
		return 0, false
	case c.page == "":
		return utf16Length(text), true
	case c.page == utf8Page || isASCII(text):
		return len(text), true
	case c.page == latin1Page:
		for _, r := range text {
			if !in1252(r) {
				return 0, false
			}
			n++
		}
		return n, true
	default:
		return 0, false // not known here: SQL Server would put '?' for what it does not have
	}
}

// least is a length that text has at least, whatever the code page.
func (c mssqlText) least(text string) int {
	if n, held := c.length(text); held {
		return n
	}
	return utf8.RuneCountInString(text)
}

const (
	utf8Page   = "65001"
	latin1Page = "1252"
)

// in1252 is true for the characters of code page 1252: Latin-1, with others in place of its second control characters.
func in1252(r rune) bool {
	return r < 0x80 || (r >= 0xa0 && r <= 0xff) || strings.ContainsRune("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ", r)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func utf16Length(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
