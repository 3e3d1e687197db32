package rdbms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"
)

// MySQL and MariaDB are sent times as the digits of UTC, and give digits back. A column of type DATETIME keeps them.
// One of type TIMESTAMP takes them for a time in the zone of the session, and gives them back in it: the same digits,
// which is how the other SDKs read and write them, unless that zone skips an hour in spring. The zone of the session is
// therefore left as the server has it.
const (
	mysqlDigits     = "2006-01-02 15:04:05"
	minMySQLCreated = -30610224000 // 1000-01-01 00:00:00 UTC
	maxMySQLCreated = 253402300799 // 9999-12-31 23:59:59 UTC
)

var mysqlDialect = &dialect{
	name: "MySQL",
	kind: "mysql",
	// DATETIME has no zone and no end in 2038. The collation compares characters by their numbers; only blanks at the end
	// of an id do not count, and the metastore refuses ids that differ in nothing else.
	ddl: `CREATE TABLE encryption_key (
	id VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	created DATETIME NOT NULL,
	key_record TEXT CHARACTER SET utf8mb4 NOT NULL,
	PRIMARY KEY (id, created),
	INDEX (created)
) ENGINE = InnoDB;
`,
	prepare:   true,
	inspect:   inspectMySQL,
	layout:    mysqlLayout,
	duplicate: func(err error) bool { return mysqlCode(err) == 1062 },
	transient: isMySQLTransient,
	readOnly:  isMySQLReadOnly,
	refusal:   mysqlRefusal,
	reason:    mysqlReason,
}

// OpenMySQL makes a metastore on MySQL, MariaDB or Aurora MySQL. The connection string is a DSN of the Go driver
// (user:password@tcp(host:3306)/database?…), a URL (mysql://), or the form of MySqlConnector and Connector/NET
// (Server=…;Database=…).
//
// Without a setting for TLS it is used where the server has it, unverified; a warning is logged where a server on
// another host could be spoken to without it. Connections are in strict mode, where the server refuses a value instead
// of changing it. Nothing is sent before the first call. Errors are of class Configuration.
func OpenMySQL(o Options) (*Metastore, error) {
	connector, err := mysqlConnector(&o)
	if err != nil {
		return nil, err
	}
	return open(mysqlDialect, connector, o), nil
}

// mysqlLayout sends texts for everything: the server compares a column with one in the column's own type and collation.
func mysqlLayout(t *Table, zone *time.Location) (*layout, error) {
	id, created, record := t.Column("id"), t.Column("created"), t.Column("key_record")
	switch {
	case !slices.Contains([]string{"varchar", "char", "varbinary", "tinytext", "text", "mediumtext"}, id.Type):
		return nil, columnError("MySQL", id, "VARCHAR")
	case created.Type != "datetime" && created.Type != "timestamp":
		return nil, columnError("MySQL", created, "DATETIME or TIMESTAMP")
	case !slices.Contains([]string{"varchar", "text", "mediumtext", "longtext", "json"}, record.Type):
		return nil, columnError("MySQL", record, "TEXT")
	}
	l := &layout{
		load: statement{text: `SELECT id, created, key_record FROM encryption_key WHERE id = ? AND created = ?`},
		latest: statement{text: `SELECT id, created, key_record FROM encryption_key WHERE id = ?
			ORDER BY created DESC LIMIT 1`},
		store:       statement{text: `INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)`},
		bindCreated: bindMySQLCreated,
		bindRecord:  bindRecordText,
		readCreated: readMySQLCreated,
	}
	length := mysqlLength(id)
	l.bindID = func(id string) (any, bool) { return id, length(id) }
	recordFits := mysqlLength(record)
	l.check = func(keyID string, _ int64, text []byte) error {
		switch {
		case !length(keyID):
			return tooLong("MySQL", "key id", utf8.RuneCountInString(keyID), id)
		case !recordFits(string(text)):
			return tooLong("MySQL", "record", len(text), record)
		}
		return nil
	}
	if zone != nil {
		l.readLocal(zone, `SELECT id, created, key_record FROM encryption_key WHERE id = ? AND created IN (?, ?)`,
			`SELECT k.id, k.created, k.key_record FROM encryption_key k JOIN (SELECT id, MAX(created) - INTERVAL 27 HOUR AS since
			FROM encryption_key WHERE id = ? GROUP BY id) n ON k.id = n.id AND k.created >= n.since ORDER BY k.created DESC`)
	}
	return l, nil
}

// mysqlLength says whether a text is short enough for a column. Types of text have a limit in bytes, VARCHAR one in
// characters.
func mysqlLength(c *Column) func(text string) bool {
	limit := c.Length
	if c.Type == "varchar" || c.Type == "char" {
		return func(text string) bool { return utf8.RuneCountInString(text) <= limit }
	}
	return func(text string) bool { return limit == 0 || len(text) <= limit }
}

func bindMySQLCreated(created int64) (any, bool) {
	if created < minMySQLCreated || created > maxMySQLCreated {
		return nil, false
	}
	return time.Unix(created, 0).UTC().Format(mysqlDigits), true
}

func readMySQLCreated(column any) (int64, error) {
	text, ok := column.([]byte)
	if !ok {
		return 0, fmt.Errorf("created has the type %T", column)
	}
	digits, fraction, _ := strings.Cut(string(text), ".")
	if strings.Trim(fraction, "0") != "" {
		return 0, errors.New("created has a fraction of a second")
	}
	t, err := time.Parse(mysqlDigits, digits)
	if err != nil {
		return 0, err
	}
	return t.Unix(), nil
}

// mysqlCode is the number of an error of the server, 0 for others.
func mysqlCode(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// isMySQLTransient: deadlocks and locks that are held too long, a server that starts, stops, or has no connection to
// spare, a node of a cluster that is not ready, and connections that the driver gave up.
func isMySQLTransient(err error) bool {
	switch mysqlCode(err) {
	case 1205, 1213, 1040, 1203, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 1047, 1615:
		return true
	}
	return isAny(err, mysql.ErrInvalidConn, mysql.ErrPktSync, mysql.ErrBusyBuffer, mysql.ErrMalformPkt)
}

func isMySQLReadOnly(err error) bool {
	code := mysqlCode(err)
	return code == 1290 || code == 1792 || code == 1836
}

func mysqlRefusal(err error) string {
	switch mysqlCode(err) {
	case 1406:
		return "the key id or the record is longer than its column"
	case 1366, 1267, 1300, 3988:
		return "the key id has characters that the column's character set does not have"
	case 1292, 1264:
		return "the time of creation is outside of what the column created can hold, or in an hour that the server's time " +
			"zone skips; a column of type DATETIME holds it"
	}
	if errors.Is(err, mysql.ErrPktTooLarge) || mysqlCode(err) == 1153 {
		return "the key id or the record is longer than the server's max_allowed_packet"
	}
	return ""
}

func mysqlReason(err error) string {
	switch code := mysqlCode(err); code {
	case 1044, 1045, 1130, 1698, 1862, 3118:
		return "the server does not accept the user, the password, or the host that it comes from"
	case 1049:
		return "the database does not exist"
	case 1046:
		return "the connection string names no database"
	case 1142, 1143:
		return "the user may not read or may not write the table encryption_key; grant SELECT and INSERT"
	case 1146, 1054:
		return "the table encryption_key is missing or has other columns than id, created, key_record"
	case 1193, 1231:
		return "the server does not have a variable that the connection string or ReplicaReadConsistency sets, or not that " +
			"value; aurora_replica_read_consistency is Aurora MySQL's"
	case 1290, 1792, 1836:
		return "the server takes no changes: it is a replica, or read-only"
	case 1021, 1041, 1114:
		return "the server's disk or memory is full"
	case 1205, 1213:
		return "the row was locked too long, or in a deadlock"
	case 1461:
		return "the server has too many prepared statements (max_prepared_stmt_count)"
	case 3024, 1969:
		return "the server cancelled the statement: it took too long"
	case 0:
		return mysqlClientReason(err)
	default:
		return fmt.Sprintf("MySQL code %d", code)
	}
}

// mysqlClientReason is for errors that the driver makes.
func mysqlClientReason(err error) string {
	switch {
	case errors.Is(err, mysql.ErrNoTLS):
		return "the server has no TLS, which the connection string demands"
	case isMySQLTransient(err):
		return "there is no connection to the server, or it was lost"
	case errors.Is(err, mysql.ErrCleartextPassword):
		return "the server wants the password in clear text; set allowCleartextPasswords, with TLS"
	case isAny(err, mysql.ErrOldPassword, mysql.ErrNativePassword, mysql.ErrUnknownPlugin):
		return "the server wants a way of authentication that is not supported or switched off"
	case errors.Is(err, mysql.ErrOldProtocol):
		return "the server is older than MySQL 4.1"
	default:
		return "the row is not of the table's form, or connecting failed"
	}
}
