package rdbms_test

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

func inspect(t *testing.T, m *rdbms.Metastore) *rdbms.Table {
	t.Helper()
	table, err := m.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// checkTable compares the columns, with the limits and the folding of id, and the unique key.
func checkTable(t *testing.T, name string, table *rdbms.Table, want []rdbms.Column, key []string) {
	t.Helper()
	if !reflect.DeepEqual(table.Columns, want) {
		t.Errorf("%s: columns are\n%+v\nwant\n%+v", name, table.Columns, want)
	}
	switch k := table.UniqueKey(); {
	case (k == nil) != (key == nil):
		t.Errorf("%s: unique key %+v; want %v", name, k, key)
	case k != nil && !slices.Equal(k.Columns, key):
		t.Errorf("%s: unique key on %v; want %v", name, k.Columns, key)
	}
}

func TestPostgresTables(t *testing.T) {
	server := postgresServer.Get(t)
	for name, c := range map[string]struct {
		ddl     string
		columns []rdbms.Column
		key     []string
		advice  string
	}{
		"canonical": {canonicalTable, []rdbms.Column{
			{Name: "id", Type: "varchar", Length: 255, Scale: -1, CharacterSet: "UTF8", Collation: "C.UTF-8"},
			{Name: "created", Type: "timestamp", Scale: 6},
			{Name: "key_record", Type: "text", Scale: -1, CharacterSet: "UTF8", Collation: "C.UTF-8"},
		}, []string{"id", "created"}, "no zone"},
		"whole seconds": {wholeSecondsTable, []rdbms.Column{
			{Name: "id", Type: "varchar", Length: 255, Scale: -1, CharacterSet: "UTF8", Collation: "C.UTF-8"},
			{Name: "created", Type: "timestamp"},
			{Name: "key_record", Type: "json", Scale: -1},
		}, []string{"created", "id"}, "reads every row"},
		"folding": {foldingTable, []rdbms.Column{
			{Name: "id", Type: "varchar", Length: 255, Scale: -1, CharacterSet: "UTF8", Collation: "folds", Folds: true},
			{Name: "created", Type: "timestamptz", Scale: 6},
			{Name: "key_record", Type: "text", Scale: -1, CharacterSet: "UTF8", Collation: "C.UTF-8"},
		}, []string{"id", "created"}, ""},
		"domains, padded, more columns, partial and deferred keys": {
			`CREATE DOMAIN instant AS TIMESTAMPTZ(3);
			CREATE TABLE encryption_key (n SERIAL PRIMARY KEY, id CHAR(40) COLLATE "C", created instant NOT NULL,
			key_record VARCHAR(900) COLLATE "C" NOT NULL, UNIQUE (id, created) DEFERRABLE);
			CREATE UNIQUE INDEX ON encryption_key (id, created) WHERE n > 7;
			CREATE UNIQUE INDEX ON encryption_key (lower(id), created);
			CREATE INDEX ON encryption_key (id, created); CREATE UNIQUE INDEX ON encryption_key (id) INCLUDE (created)`,
			[]rdbms.Column{
				{Name: "n", Type: "int4", Scale: -1},
				{
					Name: "id", Type: "bpchar", Length: 40, Scale: -1, Nullable: true, CharacterSet: "UTF8", Collation: "C",
					Folds: true,
				},
				{Name: "created", Type: "timestamptz", Scale: 3},
				{Name: "key_record", Type: "varchar", Length: 900, Scale: -1, CharacterSet: "UTF8", Collation: "C"},
			},
			nil, "longer than 40",
		},
	} {
		m := openPostgres(t, rdbms.Options{ConnectionString: postgresTable(t, server, c.ddl)})
		table := inspect(t, m)
		checkTable(t, name, table, c.columns, c.key)
		if table.Kind != "postgres" || !strings.HasPrefix(table.Server, "PostgreSQL ") ||
			table.SessionZone != "Australia/Lord_Howe" || !strings.HasSuffix(table.Name, ".encryption_key") || table.Forbidden {
			t.Errorf("%s: %+v", name, table)
		}
		checkAdvice(t, name, table, c.advice)
	}
}

func checkAdvice(t *testing.T, name string, table *rdbms.Table, want string) {
	t.Helper()
	var text strings.Builder
	for _, a := range table.Advice() {
		text.WriteString(a.Subject + ": " + a.Text + "; " + a.Remedy + "\n")
	}
	if want == "" && text.Len() > 0 || !strings.Contains(text.String(), want) {
		t.Errorf("%s: the advice is %q; want %q", name, text.String(), want)
	}
}

func TestMySQLTables(t *testing.T) {
	server := mariaDBServer.Get(t)
	text := rdbms.Column{
		Name: "key_record", Type: "text", Length: 65535, Scale: -1, CharacterSet: "utf8mb4",
		Collation: "utf8mb4_general_ci", Folds: true,
	}
	for name, c := range map[string]struct {
		ddl     string
		columns []rdbms.Column
		key     []string
		advice  string
	}{
		"canonical": {canonicalMySQLTable, []rdbms.Column{
			{
				Name: "id", Type: "varchar", Length: 255, Scale: -1, CharacterSet: "utf8mb4", Collation: "utf8mb4_general_ci",
				Folds: true,
			},
			{Name: "created", Type: "timestamp"},
			text,
		}, []string{"id", "created"}, "skips in spring"},
		"exact": {exactMySQLTable, []rdbms.Column{
			{Name: "id", Type: "varchar", Length: 255, Scale: -1, CharacterSet: "utf8mb4", Collation: "utf8mb4_nopad_bin"},
			{Name: "created", Type: "datetime", Scale: 6},
			{
				Name: "key_record", Type: "longtext", Length: 1<<32 - 1, Scale: -1, CharacterSet: "utf8mb4",
				Collation: "utf8mb4_general_ci", Folds: true,
			},
		}, []string{"created", "id"}, "reads every row"},
		"prefix": {prefixMySQLTable, []rdbms.Column{
			{Name: "id", Type: "text", Length: 200, Scale: -1, CharacterSet: "utf8mb4", Collation: "utf8mb4_nopad_bin"},
			{Name: "created", Type: "datetime"},
			text,
		}, []string{"id", "created"}, "longer than 200"},
		"no key": {
			`CREATE TABLE encryption_key (id VARBINARY(300), created DATETIME NOT NULL, key_record TEXT NOT NULL,
				INDEX (id, created), UNIQUE (id), UNIQUE (id, created, key_record(9)))`,
			[]rdbms.Column{
				{Name: "id", Type: "varbinary", Length: 300, Scale: -1, Nullable: true},
				{Name: "created", Type: "datetime"},
				{
					Name: "key_record", Type: "text", Length: 9, Scale: -1, CharacterSet: "utf8mb4", Collation: "utf8mb4_general_ci",
					Folds: true,
				},
			},
			nil, "longer than 9",
		},
	} {
		m := openMySQL(t, rdbms.Options{ConnectionString: mysqlTable(t, server, c.ddl)})
		table := inspect(t, m)
		checkTable(t, name, table, c.columns, c.key)
		if table.Kind != "mysql" || !strings.HasPrefix(table.Server, "MariaDB ") ||
			!strings.HasPrefix(table.SessionZone, "SYSTEM: E") || !strings.HasSuffix(table.Name, ".encryption_key") {
			t.Errorf("%s: %+v", name, table)
		}
		checkAdvice(t, name, table, c.advice)
	}
}

func TestSQLiteTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	execute(t, rawSQL(t, path), `CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL COLLATE NOCASE,
		created TIMESTAMP NOT NULL, key_record TEXT, note, UNIQUE (created, id));
		CREATE INDEX more ON encryption_key (id, lower(note))`)
	table := inspect(t, openSQLite(t, path, false))
	checkTable(t, "SQLite", table, []rdbms.Column{
		{Name: "id", Type: "varchar", Scale: -1, Collation: "NOCASE", Folds: true},
		{Name: "created", Type: "timestamp", Scale: -1, Collation: "BINARY"},
		{Name: "key_record", Type: "text", Scale: -1, Nullable: true},
		{Name: "note", Scale: -1, Nullable: true},
	}, []string{"created", "id"})
	if table.Kind != "sqlite" || !strings.HasPrefix(table.Server, "SQLite 3") || table.Name != "encryption_key" {
		t.Errorf("%+v", table)
	}
}

// TestUnusableTables: a table that is missing, or not of the form, is an error of every call that says what to do. One
// without a key is read, and gets no new rows.
func TestUnusableTables(t *testing.T) {
	postgres, mariaDB := postgresServer.Get(t), mariaDBServer.Get(t)
	openP := func(ddl string) *rdbms.Metastore {
		return openPostgres(t, rdbms.Options{ConnectionString: postgresTable(t, postgres, ddl)})
	}
	openM := func(ddl string) *rdbms.Metastore {
		return openMySQL(t, rdbms.Options{ConnectionString: mysqlTable(t, mariaDB, ddl)})
	}
	const (
		table   = "CREATE TABLE encryption_key ("
		id      = "id VARCHAR(255) NOT NULL, "
		created = "created TIMESTAMP NOT NULL, "
		record  = "key_record TEXT NOT NULL, "
		primary = "PRIMARY KEY (id, created))"
	)
	for _, c := range []struct {
		open      func(string) *rdbms.Metastore
		ddl, want string
		readable  bool
	}{
		{openP, "SELECT 1", "`asherah ddl postgres` prints one", false},
		{openM, "SELECT 1", "`asherah ddl mysql` prints one", false},
		{openP, table + id + record + "PRIMARY KEY (id))", "no column created", false},
		{openM, table + created + record + "PRIMARY KEY (created))", "no column id", false},
		{openP, table + id + record + "created BIGINT, " + primary, "type int8; it must be TIMESTAMP", false},
		{openM, table + id + record + "created BIGINT, " + primary, "type bigint; it must be DATETIME", false},
		{openP, table + "id INTEGER, " + created + record + primary, "type int4; it must be VARCHAR", false},
		{openM, table + "id INTEGER, " + created + record + primary, "type int; it must be VARCHAR", false},
		{openP, table + id + created + "key_record BYTEA, " + primary, "type bytea; it must be TEXT", false},
		{openM, table + id + created + "key_record BLOB, " + primary, "type blob; it must be TEXT", false},
		{openP, table + id + created + record + "PRIMARY KEY (id))", "no primary key or unique index", true},
		{openM, table + id + created + record + "INDEX (id, created))", "no primary key or unique index", true},
	} {
		m := c.open(c.ddl)
		got, err := m.LoadLatest(t.Context(), "id")
		if c.readable && (got != nil || err != nil) || !c.readable && !failed(got, err) {
			t.Errorf("%s: LoadLatest = %+v, %v", c.ddl, got, err)
		}
		stored, err := m.Store(t.Context(), "id", 1709663400, recordOf(t))
		if stored || envelope.CodeOf(err) != envelope.MetastoreFailed || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Store = %v, %v; want %s", c.ddl, stored, err, c.want)
		}
	}
}

func TestDDLKinds(t *testing.T) {
	if kinds := rdbms.Kinds(); !slices.Equal(kinds, []string{"mssql", "mysql", "postgres", "sqlite"}) {
		t.Errorf("kinds %v", kinds)
	}
	if text, err := rdbms.DDL("oracle"); text != "" || envelope.CodeOf(err) != envelope.InvalidArgument {
		t.Errorf("DDL(oracle) = %q, %v", text, err)
	}
	text, err := rdbms.DDL("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.db")
	execute(t, rawSQL(t, path), text)
	if advice := inspect(t, openSQLite(t, path, false)).Advice(); len(advice) > 0 {
		t.Errorf("advice on our own table: %+v", advice)
	}
}
