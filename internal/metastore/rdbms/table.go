package rdbms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Table is what a database says about the table encryption_key.
type Table struct {
	Kind    string // as DDL has it: "postgres", "mysql", "mssql", "sqlite"
	Server  string // product and version
	Name    string // with its schema or database
	Columns []Column
	Keys    []Key

	// MaxIDBytes is how many bytes of an id fit into an entry of every index that has it; 0: as many as the column holds.
	MaxIDBytes int

	// SessionZone is the time zone in which the server reads and writes times of types that have one; "" where there are
	// none.
	SessionZone string
	// Forbidden is true where the server says that this user may not read the table or may not insert into it. Not every
	// server says.
	Forbidden bool
}

// Column is one column of the table.
type Column struct {
	Name     string
	Type     string // in lower case, without length: "varchar", "datetime2"
	Length   int    // most characters or bytes, as the type counts them; 0: no limit but the database's
	Scale    int    // digits of the fraction of a second; -1 for types that are not times
	Nullable bool

	CharacterSet string // of text; "" where the database has one for all
	Collation    string // of text
	// Folds is true where the column takes some texts that differ for equal: case, accents, trailing blanks.
	Folds bool
}

// Key is a primary key, or an index.
type Key struct {
	Name    string
	Columns []string // in the key's order
	Primary bool
	Unique  bool // holds for every row; a partial index, or one over expressions, is not Unique
}

// Column returns the column with this name, nil if there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i]
		}
	}
	return nil
}

func (k Key) has(column string) bool {
	return slices.ContainsFunc(k.Columns, func(name string) bool { return strings.EqualFold(name, column) })
}

// UniqueKey returns the primary key or unique index over exactly id and created, nil if there is none. Without one two
// processes that make a key at the same time both believe that theirs is the key.
func (t *Table) UniqueKey() *Key {
	for i, k := range t.Keys {
		columns := slices.Clone(k.Columns)
		for j := range columns {
			columns[j] = strings.ToLower(columns[j])
		}
		slices.Sort(columns)
		if k.Unique && slices.Equal(columns, []string{"created", "id"}) {
			return &t.Keys[i]
		}
	}
	return nil
}

// addKey adds a column to the key k, which is the last one if it is there already.
func (t *Table) addKey(k Key, column string) *Key {
	if n := len(t.Keys); n == 0 || t.Keys[n-1].Name != k.Name {
		t.Keys = append(t.Keys, k)
	}
	last := &t.Keys[len(t.Keys)-1]
	last.Columns = append(last.Columns, column)
	return last
}

// Inspect reads how the table is made. It changes nothing, and is not what Load and Store have read before.
func (m *Metastore) Inspect(ctx context.Context) (*Table, error) {
	var table *Table
	_, err := m.retry(ctx, func(ctx context.Context) (err error) {
		table, err = m.inspect(ctx)
		return err
	})
	if err != nil {
		return nil, m.failed(ctx, "reading how the table encryption_key is made", err)
	}
	return table, nil
}

func (m *Metastore) inspect(ctx context.Context) (*Table, error) {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	return m.dialect.inspect(ctx, conn)
}

// ready returns the layout for the table, which is read on the first call that succeeds and kept from then on. Calls
// that come before that each read it: none waits for another one's connection.
func (m *Metastore) ready(ctx context.Context) (*layout, error) {
	if l := m.layout.Load(); l != nil {
		return l, nil
	}
	t, err := m.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"id", "created", "key_record"} {
		if t.Column(name) == nil {
			return nil, m.tableError("the table %s has no column %s", tableName, name)
		}
	}
	l, err := m.dialect.layout(t, m.zone)
	if err != nil {
		return nil, err
	}
	if t.UniqueKey() == nil {
		l.noStore = m.tableError("the table %s has no primary key or unique index on (id, created); add one: "+
			"without it two processes could make different keys of one name", tableName)
	}
	m.layout.CompareAndSwap(nil, l) // the statements of the first one are the ones that stay prepared
	return m.layout.Load(), nil
}

const tableName = "encryption_key"

var (
	errNoTable = errors.New("no table encryption_key (id, created, key_record)")
	errNoKey   = errors.New("no unique key (id, created)")
)

// IsNoTable says that an error of Inspect means that there is no table, or none that the user can see.
func IsNoTable(err error) bool { return errors.Is(err, errNoTable) }

func (m *Metastore) tableError(format string, args ...any) error {
	return envelope.Errorf(envelope.MetastoreFailed, nil, "%s metastore: %s", m.dialect.name, fmt.Sprintf(format, args...))
}

func columnError(database string, c *Column, want string) error {
	return envelope.Errorf(envelope.MetastoreFailed, nil,
		"%s metastore: the column %s of the table %s is of type %s; it must be %s", database, c.Name, tableName, c.Type, want)
}

func tooLong(database, what string, length int, c *Column) error {
	return envelope.Errorf(envelope.InvalidArgument, nil,
		"%s metastore: the %s has a length of %d; the column %s holds %d", database, what, length, c.Name, c.Length)
}
