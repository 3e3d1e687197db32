package rdbms_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// logged collects the lines of a function's log.
func logged(t *testing.T, f func()) []string {
	t.Helper()
	var (
		mu    sync.Mutex
		lines []string
	)
	hooks.SetLog(func(hooks.Level, string, string) {}, 0, hooks.Debug, true) // takes what other tests left
	hooks.SetLog(func(level hooks.Level, target, message string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, fmt.Sprintf("%d %s: %s", level, target, message))
	}, 0, hooks.Debug, true)
	defer hooks.ClearLog()
	f()
	mu.Lock()
	defer mu.Unlock()
	return lines
}

// TestMSSQLWarnings: giving up protection is warned about once, however many connections there are, and keywords
// without effect have a line at level Debug. Neither shows a value.
func TestMSSQLWarnings(t *testing.T) {
	s := mssqltest.Start(t, mssqltest.Options{
		Setup: []string{mssqlTables(t)[0].ddl}, Password: "hunter2", Database: "hunter2",
	})
	lines := logged(t, func() {
		m := openMSSQL(t, rdbms.Options{ConnectionString: s.ADO("TrustServerCertificate=yes", "Enlist=false")})
		var done sync.WaitGroup
		for range 8 {
			done.Go(func() {
				if _, err := m.LoadLatest(t.Context(), "_IK_a"); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
	})
	want := []string{
		fmt.Sprintf("%d metastore: SQL Server: TrustServerCertificate=True: ", hooks.Warn),
		fmt.Sprintf("%d metastore: SQL Server: Enlist has no effect: ", hooks.Debug),
	}
	if !slices.EqualFunc(lines, want, strings.HasPrefix) {
		t.Errorf("logged %q; want %q", lines, want)
	}
	if strings.Contains(strings.Join(lines, ""), "hunter2") {
		t.Errorf("a line shows a value: %q", lines)
	}
}

// TestMSSQLOpenErrors: what cannot be used is an error of class Configuration, which shows nothing of the string and
// has no cause that does.
func TestMSSQLOpenErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "no server is named",
		"Server=db1;Password=hunter2":       "User ID is missing",
		"Server=db1;User ID=a;Pwd=hunter2'": "at character 22",
		"Server=db1;hunter2=x":              "at character 12",
		"sqlserver://sa:hunter2%@db1":       "percent signs",
		"Server=db1;User ID=a;Trusted_Connection=yes;Password=hunter2":                  "Integrated Security",
		"Server=db1;User ID=a;Password=hunter2;Server Certificate=/no/such/hunter2.pem": "cannot be read",
	} {
		m, err := rdbms.OpenMSSQL(rdbms.Options{ConnectionString: text})
		if m != nil || envelope.CodeOf(err) != envelope.Configuration || !strings.Contains(err.Error(), want) {
			t.Errorf("OpenMSSQL(%q) = %v, %v; want Configuration with %q", text, m, err, want)
			continue
		}
		if shown := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(shown, "hunter2") {
			t.Errorf("the error for %q shows %s", text, shown)
		}
	}
	_, err := rdbms.OpenMSSQL(rdbms.Options{ConnectionString: "Server=a;User ID=b", ReplicaReadConsistency: "global"})
	if envelope.CodeOf(err) != envelope.Configuration || !strings.Contains(err.Error(), "ReplicaReadConsistency") {
		t.Errorf("OpenMSSQL with ReplicaReadConsistency = %v", err)
	}
}

// TestMSSQLInspect: how tables are made, and what their indexes leave for an id.
func TestMSSQLInspect(t *testing.T) {
	const latin1 = "SQL_Latin1_General_CP1_CI_AS"
	for _, c := range []struct {
		name    string
		ddl     []string
		columns []rdbms.Column
		key     []string
		room    int
	}{
		{
			"ddl",
			[]string{mssqlTables(t)[0].ddl},
			[]rdbms.Column{
				{Name: "id", Type: "nvarchar", Length: 440, Scale: -1, Collation: "Latin1_General_100_BIN2"},
				{Name: "created", Type: "datetime2"},
				{Name: "key_record", Type: "nvarchar", Scale: -1, Collation: latin1, Folds: true},
			},
			[]string{"id", "created"},
			900 - 6,
		},
		{
			"odd",
			[]string{
				"CREATE TABLE Encryption_Key (ID VARCHAR(50) COLLATE Latin1_General_BIN NOT NULL, Key_Record TEXT NULL, " +
					"Created DATETIMEOFFSET(3) NOT NULL)",
				"CREATE UNIQUE NONCLUSTERED INDEX names ON encryption_key (created, id)",
			},
			[]rdbms.Column{
				{Name: "ID", Type: "varchar", Length: 50, Scale: -1, CharacterSet: "1252", Collation: "Latin1_General_BIN"},
				{
					Name: "Key_Record", Type: "text", Scale: -1, CharacterSet: "1252", Collation: latin1, Folds: true,
					Nullable: true,
				},
				{Name: "Created", Type: "datetimeoffset", Scale: 3},
			},
			[]string{"Created", "ID"},
			1700 - 9,
		},
		{
			"no key",
			[]string{
				"CREATE TABLE encryption_key (id NVARCHAR(20) NOT NULL, created DATETIME NOT NULL, key_record NVARCHAR(MAX))",
				"CREATE INDEX ids ON encryption_key (id)",
			},
			[]rdbms.Column{
				{Name: "id", Type: "nvarchar", Length: 20, Scale: -1, Collation: latin1, Folds: true},
				{Name: "created", Type: "datetime"},
				{Name: "key_record", Type: "nvarchar", Scale: -1, Collation: latin1, Folds: true, Nullable: true},
			},
			nil, 1700,
		},
	} {
		d := standInMSSQL(t, mssqltest.Options{}, c.ddl...)
		table := inspect(t, openMSSQL(t, rdbms.Options{ConnectionString: d.ado()}))
		checkTable(t, c.name, table, c.columns, c.key)
		if table.MaxIDBytes != c.room || table.Kind != "mssql" || !strings.HasPrefix(table.Server, "SQL Server 1") {
			t.Errorf("%s: room %d, kind %q, server %q", c.name, table.MaxIDBytes, table.Kind, table.Server)
		}
		if !strings.EqualFold(table.Name, "dbo.encryption_key") {
			t.Errorf("%s: name %q", c.name, table.Name)
		}
	}
}

// TestMSSQLLocalTime: rows that a client wrote with the clock on its wall are read where they are asked for.
func TestMSSQLLocalTime(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[2].ddl)
	db := rawMSSQL(t, d.ado())
	record := wireRecord("_IK_local")
	onTheWall := time.Unix(wireCreated, 0).In(zone)
	digits := time.Date(onTheWall.Year(), onTheWall.Month(), onTheWall.Day(), onTheWall.Hour(), onTheWall.Minute(),
		onTheWall.Second(), 0, time.UTC)
	_, err = db.Exec("INSERT INTO encryption_key VALUES (@p1, @p2, @p3)", record.ID, mssql.DateTime1(digits),
		`{"Created":1700000040,"Key":"c2VhbGVk"}`)
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[*time.Location]bool{nil: false, zone: true} {
		m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado(), LocalZone: asked})
		got, err := m.Load(t.Context(), record.ID, wireCreated)
		if (got != nil) != want || err != nil {
			t.Errorf("LocalZone %v: Load = %+v, %v", asked, got, err)
		}
		if !want {
			continue
		}
		if got, err = m.LoadLatest(t.Context(), record.ID); err != nil || got == nil || got.Created != wireCreated {
			t.Errorf("LocalZone %v: LoadLatest = %+v, %v", asked, got, err)
		}
	}
}

// TestMSSQLCharacters: an id that the column's code page does not have is refused with the reason and never stored as
// another one; what it has is stored, and found without loss.
func TestMSSQLCharacters(t *testing.T) {
	d := standInMSSQL(t, mssqltest.Options{}, mssqlTables(t)[2].ddl)
	m := openMSSQL(t, rdbms.Options{ConnectionString: d.ado()})
	for id, want := range map[string]bool{
		"_IK_é_s_p": true, "_IK_€_s_p": true, "_IK_Ž_s_p": true, "_IK_ASCII_s_p": true,
		"_IK_日_s_p": false, "_IK_🔑_s_p": false, "_IK_Ａ_s_p": false, "_IK_\u0081_s_p": false, "_IK_ā_s_p": false,
	} {
		stored, err := m.Store(t.Context(), id, wireCreated, wireRecord(id))
		if stored != want || (err != nil) == want {
			t.Errorf("Store(%q) = %v, %v", id, stored, err)
		}
		if !want && (envelope.CodeOf(err) != envelope.InvalidArgument || !strings.Contains(err.Error(), "code page")) {
			t.Errorf("Store(%q) = %v; want InvalidArgument about the code page", id, err)
		}
		if got, err := m.Load(t.Context(), id, wireCreated); (got != nil) != want || err != nil {
			t.Errorf("Load(%q) = %+v, %v", id, got, err)
		}
	}
	for _, r := range d.standIn.Requests() {
		for _, n := range r.Notes {
			if n.Kind == mssqltest.Lost {
				t.Errorf("%q lost %+v", r.Statement, n)
			}
		}
	}
}
