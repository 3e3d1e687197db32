package rdbms_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// inserts matches the store statement.
func inserts(r *mssqltest.Request) bool { return strings.HasPrefix(r.Statement, "INSERT") }

// selects matches both loads.
func selects(r *mssqltest.Request) bool {
	return strings.HasSuffix(r.Statement, "created = @p2") || isLatest(r)
}

func isLatest(r *mssqltest.Request) bool { return strings.HasPrefix(r.Statement, "SELECT TOP (1)") }

// readyMSSQL opens a metastore on a table that it knows already, with one record in it.
func readyMSSQL(t *testing.T, o rdbms.Options) (*mssqltest.Server, *rdbms.Metastore, *envelope.KeyRecord) {
	t.Helper()
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[0].ddl)
	o.ConnectionString = d.ado(o.ConnectionString)
	m := openMSSQL(t, o)
	kept := wireRecord("_IK_kept")
	if stored, err := m.Store(t.Context(), kept.ID, kept.Created, kept); !stored || err != nil {
		t.Fatal(stored, err)
	}
	return d.standIn, m, kept
}

// TestMSSQLTransient: errors that pass are retried for reads and for the insert, and the insert is ours even if an
// earlier attempt did it.
func TestMSSQLTransient(t *testing.T) {
	faults := map[string]mssqltest.Fault{
		"cut before":  {Cut: true},
		"cut after":   {Cut: true, At: mssqltest.After},
		"cut mid-row": {Cut: true, At: mssqltest.MidRow},
	}
	for _, number := range []int32{
		1205, 40613, 40197, 40501, 49918, 49919, 49920, 10928, 10929, 921, 922, 6005, 17142, 18401, 976, 983, 978, 3906,
	} {
		faults[fmt.Sprint(number)] = mssqltest.Fault{
			Error: &mssqltest.Error{Number: number, State: 1, Class: 13, Message: "x"},
		}
		// From class 20 on the server closes the connection.
		faults[fmt.Sprint(number, " and closed")] = mssqltest.Fault{
			Error: &mssqltest.Error{Number: number, State: 1, Class: 20, Message: "x"}, At: mssqltest.After,
		}
	}
	s, m, kept := readyMSSQL(t, rdbms.Options{})
	calls := map[string]func(name string) error{
		"load":   func(string) error { return found(m.Load(t.Context(), kept.ID, kept.Created)) },
		"latest": func(string) error { return found(m.LoadLatest(t.Context(), kept.ID)) },
		"store": func(name string) error {
			stored, err := m.Store(t.Context(), name, wireCreated, wireRecord(name))
			if err == nil && !stored {
				return errors.New("not stored")
			}
			return err
		},
	}
	for name, fault := range faults {
		for call, do := range calls {
			fault.On = func(r *mssqltest.Request) bool { return selects(r) || inserts(r) }
			fault.Times = 2
			injected := s.Inject(fault)
			if err := do("_IK_" + name + call); err != nil {
				t.Errorf("%s, %s: %v", name, call, err)
			}
			if injected.Strikes() != 2 {
				t.Errorf("%s, %s: struck %d times; want 2", name, call, injected.Strikes())
			}
			injected.Remove()
		}
	}
}

func found(r *envelope.KeyRecord, err error) error {
	if err == nil && r == nil {
		return errors.New("not found")
	}
	return err
}

// TestMSSQLErrors: what does not pass by itself is an error at once, of the class MetastoreFailed, with what to do, and
// without a name or secret. It is never an absence, and never a duplicate.
func TestMSSQLErrors(t *testing.T) {
	s, m, kept := readyMSSQL(t, rdbms.Options{})
	for number, want := range map[int32]string{
		229: "grant SELECT and INSERT", 208: "is missing", 207: "other columns", 515: "give it a default", 547: "constraint",
		1105: "full", 9002: "full", 1222: "lock", 916: "no user", 8134: "SQL Server error 8134",
		2714: "SQL Server error 2714", 2600: "SQL Server error 2600",
	} {
		injected := s.Inject(mssqltest.Fault{
			Times: mssqltest.Always, Error: &mssqltest.Error{Number: number, State: 1, Class: 16, Message: "hunter2"},
		})
		got, err := m.Load(t.Context(), kept.ID, kept.Created)
		checkMSSQLError(t, err, want)
		latest, err := m.LoadLatest(t.Context(), kept.ID)
		checkMSSQLError(t, err, want)
		stored, err := m.Store(t.Context(), "_IK_new", wireCreated, kept)
		checkMSSQLError(t, err, want)
		if got != nil || latest != nil || stored {
			t.Errorf("%d: %+v, %+v, %v", number, got, latest, stored)
		}
		if injected.Strikes() != 3 {
			t.Errorf("%d is tried %d times by three calls", number, injected.Strikes())
		}
		injected.Remove()
	}
}

func checkMSSQLError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case envelope.CodeOf(err) != envelope.MetastoreFailed || !strings.Contains(err.Error(), want):
		t.Errorf("error %v (code %d); want MetastoreFailed with %q", err, envelope.CodeOf(err), want)
	case strings.Contains(err.Error(), "hunter2"), strings.Contains(err.Error(), "127.0.0.1"):
		t.Errorf("the error shows too much: %v", err)
	}
}

// TestMSSQLDuplicates: both numbers, of a primary key and of a unique index, and nothing else.
func TestMSSQLDuplicates(t *testing.T) {
	for name, key := range map[string]string{
		"2627": "ALTER TABLE encryption_key ADD PRIMARY KEY (created, id)",
		"2601": "CREATE UNIQUE INDEX names ON encryption_key (id, created)",
	} {
		d := standInMSSQL(t, mssqltest.Options{}, "CREATE TABLE encryption_key (id NVARCHAR(100) NOT NULL, "+
			"created DATETIME2 NOT NULL, key_record NVARCHAR(MAX) NOT NULL)", key)
		m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
		record := wireRecord("_IK_a")
		for i := range 2 {
			if stored, err := m.Store(t.Context(), record.ID, wireCreated, record); stored != (i == 0) || err != nil {
				t.Errorf("%s: Store = %v, %v", name, stored, err)
			}
		}
		answered := ""
		for _, r := range d.standIn.Requests() {
			if r.Error != nil {
				answered += fmt.Sprint(r.Error.Number)
			}
		}
		if answered != name {
			t.Errorf("the server answered %q; want %s", answered, name)
		}
	}
}

// TestMSSQLRefusals: what no check foresaw, and the server then says, is an InvalidArgument as well.
func TestMSSQLRefusals(t *testing.T) {
	s, m, kept := readyMSSQL(t, rdbms.Options{})
	for _, number := range []int32{2628, 8152, 1946, 242} {
		injected := s.Inject(mssqltest.Fault{
			On: inserts, Error: &mssqltest.Error{Number: number, State: 1, Class: 16, Message: "x"},
		})
		stored, err := m.Store(t.Context(), "_IK_new", wireCreated, kept)
		if stored || envelope.CodeOf(err) != envelope.InvalidArgument || injected.Strikes() != 1 {
			t.Errorf("%d: Store = %v, %v after %d attempts", number, stored, err, injected.Strikes())
		}
		injected.Remove()
	}
}

// TestMSSQLLogins: a login that is refused is an error that says so, and once it is let in the next call works.
func TestMSSQLLogins(t *testing.T) {
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[0].ddl)
	for text, want := range map[string]string{
		d.ado("Password=hunter2"):  "does not accept the login",
		d.ado("User ID=hunter2"):   "does not accept the login",
		d.ado("Database=hunter2x"): "the database does not exist",
	} {
		m := openMSSQL(t, rdbms.Options{ConnectionString: text})
		_, err := m.Load(t.Context(), "_IK_a", wireCreated)
		checkMSSQLError(t, err, want)
	}
	m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
	for _, number := range []int32{18456, 18470, 18488, 40615, 18461} {
		d.standIn.RefuseLogins(&mssqltest.Error{Number: number, State: 1, Class: 14, Message: "hunter2"})
		_, err := m.LoadLatest(t.Context(), "_IK_a")
		checkMSSQLError(t, err, "SQL Server metastore")
	}
	d.standIn.RefuseLogins(nil)
	if got, err := m.LoadLatest(t.Context(), "_IK_a"); got != nil || err != nil {
		t.Errorf("LoadLatest = %+v, %v", got, err)
	}
}

// TestMSSQLNoTable: the error for a missing table names the remedy, and the table may come later.
func TestMSSQLNoTable(t *testing.T) {
	d := standInMSSQL(t, mssqltest.Options{})
	m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
	_, err := m.LoadLatest(t.Context(), "_IK_a")
	checkMSSQLError(t, err, "asherah ddl mssql")
	if _, err := d.standIn.Exec(mssqlTables(t)[0].ddl); err != nil {
		t.Fatal(err)
	}
	if stored, err := m.Store(t.Context(), "_IK_a", wireCreated, wireRecord("_IK_a")); !stored || err != nil {
		t.Errorf("Store = %v, %v", stored, err)
	}
}

// TestMSSQLOddTables: tables that cannot be used are errors with what to do; those without a unique key can be read.
func TestMSSQLOddTables(t *testing.T) {
	const ddl = "CREATE TABLE encryption_key (id %s, created %s, key_record %s%s)"
	const primary = ", PRIMARY KEY (id, created)"
	const notNull = "VARCHAR(200) NOT NULL"
	for want, table := range map[string]string{
		"the column id of the table encryption_key is of type char": fmt.Sprintf(ddl,
			"CHAR(200) NOT NULL", "DATETIME NOT NULL", "TEXT", primary),
		"the column created of the table encryption_key is of type bigint": fmt.Sprintf(ddl,
			notNull, "BIGINT NOT NULL", "TEXT", primary),
		"the column key_record of the table encryption_key is of type varbinary": fmt.Sprintf(ddl,
			notNull, "DATETIME NOT NULL", "VARBINARY(MAX)", primary),
		"no column key_record": "CREATE TABLE encryption_key (id VARCHAR(200), created DATETIME, record TEXT)",
	} {
		d := standInMSSQL(t, mssqltest.Options{}, table)
		m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
		_, err := m.LoadLatest(t.Context(), "_IK_a")
		checkMSSQLError(t, err, want)
	}
	for name, key := range map[string]string{
		"no key":         "",
		"key of id":      ", PRIMARY KEY (id)",
		"IGNORE_DUP_KEY": ", CONSTRAINT k UNIQUE (id, created) WITH (IGNORE_DUP_KEY = ON)",
	} {
		d := standInMSSQL(t, mssqltest.Options{}, fmt.Sprintf(ddl, notNull, "DATETIME NOT NULL", "TEXT", key))
		m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
		if got, err := m.LoadLatest(t.Context(), "_IK_a"); got != nil || err != nil {
			t.Errorf("%s: LoadLatest = %+v, %v", name, got, err)
		}
		_, err := m.Store(t.Context(), "_IK_a", wireCreated, wireRecord("_IK_a"))
		checkMSSQLError(t, err, "no primary key or unique index")
	}
}

// TestMSSQLCancel: a statement whose context ends is stopped at the server, and the connection serves the next call.
func TestMSSQLCancel(t *testing.T) {
	s, m, kept := readyMSSQL(t, rdbms.Options{})
	for _, at := range []mssqltest.Moment{mssqltest.Before, mssqltest.MidRow} {
		s.Forget()
		slow := s.Inject(mssqltest.Fault{On: selects, At: at, Delay: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for slow.Strikes() == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		got, err := m.Load(ctx, kept.ID, kept.Created)
		if got != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("Load = %+v, %v; want Canceled", got, err)
		}
		if got, err := m.Load(t.Context(), kept.ID, kept.Created); got == nil || err != nil {
			t.Errorf("the next Load = %+v, %v", got, err)
		}
		requests := s.Requests()
		if len(requests) != 2 || !requests[0].Cancelled || requests[0].Connection != requests[1].Connection {
			t.Errorf("requests %+v; want one that attention cancelled, and one on the same connection", requests)
		}
	}
}

// TestMSSQLSlow: an attempt that takes longer than QueryTimeout, or Command Timeout, is given up and made again.
func TestMSSQLSlow(t *testing.T) {
	for name, o := range map[string]rdbms.Options{
		"QueryTimeout":    {QueryTimeout: time.Second},
		"Command Timeout": {ConnectionString: "Command Timeout=1"},
	} {
		s, m, kept := readyMSSQL(t, o)
		slow := s.Inject(mssqltest.Fault{On: selects, Delay: time.Hour})
		if err := found(m.Load(t.Context(), kept.ID, kept.Created)); err != nil || slow.Strikes() != 1 {
			t.Errorf("%s: %v after %d slow attempts", name, err, slow.Strikes())
		}
	}
}
