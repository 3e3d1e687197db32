package mssql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest"
)

// statementsOf are the procedures and statements that arrived, without the others' parameters.
func statementsOf(s *mssqltest.Server) []string {
	var list []string
	for _, r := range s.Requests() {
		list = append(list, strings.TrimSpace(r.Procedure+" "+r.Statement))
	}
	return list
}

// TestWireOfCanonicalStatements: what SqlClient sends for the parameters of the canonical C# metastore, which have no
// type.
func TestWireOfCanonicalStatements(t *testing.T) {
	s, client := start(t, mssqltest.Options{}), startCSharp(t)
	client.must(request{Connection: "a", Open: trusting(s)})
	s.Forget()
	const statement = "INSERT INTO encryption_key (id, created, key_record) VALUES (@id, @created, @key_record)"
	client.must(request{Connection: "a", SQL: statement, Parameters: []parameter{
		{Name: "id", Value: "_IK_é"}, {Name: "created", Value: "time:2024-03-05T18:28:00Z"}, {
			Name:  "key_record",
			Value: "{}",
		},
	}})
	all := s.Requests()
	if len(all) != 1 || all[0].Statement != statement {
		t.Fatalf("arrived: %+v", all)
	}
	var got []string
	for _, p := range all[0].Params {
		got = append(got, fmt.Sprint(p.Name, " ", p.Type, " ", p.Value))
	}
	want := []string{
		"@id nvarchar(5) _IK_é", "@created datetime 2024-03-05 18:28:00 +0000 UTC",
		"@key_record nvarchar(2) {}",
	}
	if !slices.Equal(got, want) || all[0].Declared != "@id nvarchar(5),@created datetime,@key_record nvarchar(2)" {
		t.Errorf("parameters %v, declared %q", got, all[0].Declared)
	}
}

// TestVarCharIsInTheCodePage: SqlClient writes VARCHAR in the code page of the database that it was told at login.
func TestVarCharIsInTheCodePage(t *testing.T) {
	client := startCSharp(t)
	for collation, text := range map[string]string{
		"SQL_Latin1_General_CP1_CI_AS":     "é€",
		"Latin1_General_100_CI_AS_SC_UTF8": "é日😀",
	} {
		s := start(t, mssqltest.Options{Collation: collation})
		client.must(request{Connection: collation, Open: trusting(s)})
		got := client.must(request{Connection: collation, SQL: "SELECT @p", Parameters: []parameter{{
			Name: "p",
			Type: "VarChar", Value: text,
		}}})
		all := s.Requests()
		p := all[len(all)-1].Params[0]
		if !strings.HasPrefix(p.Type, "varchar(") || p.Value != text || *got.Rows[0][0] != text ||
			got.Columns[0].Type != "varchar" {
			t.Errorf("%s: %s %v arrived, %v of the type %s came back", collation, p.Type, p.Value, *got.Rows[0][0],
				got.Columns[0].Type)
		}
	}
}

// TestPrepared: SqlClient prepares with the first execution, and executes by handle then.
func TestPrepared(t *testing.T) {
	s, client := start(t, mssqltest.Options{}), startCSharp(t)
	if _, err := s.Exec("INSERT INTO encryption_key VALUES ('a', '2024-01-01', '{}')"); err != nil {
		t.Fatal(err)
	}
	client.must(request{Connection: "a", Open: trusting(s)})
	s.Forget()
	const statement = "SELECT created FROM encryption_key WHERE id = @id AND created = @c"
	got := client.must(request{Connection: "a", SQL: statement, Prepare: true, Runs: 3, Parameters: []parameter{
		{Name: "@id", Type: "NVarChar", Size: 20, Value: "a"}, {
			Name: "@c", Type: "DateTime2", Size: 8, Scale: 3,
			Value: "time:2024-01-01T00:00:00Z",
		},
	}})
	if rows := flat(got.Rows); len(rows) != 1 || rows[0] != "2024-01-01T00:00:00.0000000" {
		t.Errorf("rows: %v", rows)
	}
	want := []string{"sp_prepexec " + statement, "sp_execute " + statement, "sp_execute " + statement}
	if arrived := statementsOf(s); !slices.Equal(arrived, want) {
		t.Errorf("arrived: %q", arrived)
	}
	for _, r := range s.Requests() {
		if len(r.Params) != 2 || r.Params[0].Type != "nvarchar(20)" || r.Params[1].Type != "datetime2(3)" || r.Error != nil {
			t.Errorf("arrived: %+v", r)
		}
	}
}

// TestCancel: Cancel and a time-out send attention, and the connection serves on.
func TestCancel(t *testing.T) {
	s, client := start(t, mssqltest.Options{}), startCSharp(t)
	client.must(request{Connection: "a", Open: trusting(s)})
	for name, r := range map[string]request{
		"Cancel": {Connection: "a", SQL: "WAITFOR DELAY '00:01:00'", CancelAfter: 200}, "CommandTimeout": {
			Connection: "a",
			SQL:        "WAITFOR DELAY '00:01:00'", Timeout: 1,
		},
	} {
		s.Forget()
		if got := client.ask(r); len(got.Errors) == 0 || !strings.Contains(got.Errors[len(got.Errors)-1].Message,
			"cancelled by user") {
			t.Errorf("%s: %+v", name, got)
		}
		if all := s.Requests(); len(all) != 1 || !all[0].Cancelled {
			t.Errorf("%s: %+v", name, all)
		}
		if got := client.must(request{Connection: "a", SQL: "SELECT 1"}); flat(got.Rows)[0] != "1" {
			t.Errorf("%s: afterwards %v", name, got.Rows)
		}
	}
	// In the middle of a row, whose rest comes before the confirmation.
	hold := make(chan struct{})
	s.Inject(mssqltest.Fault{At: mssqltest.MidRow, Hold: hold})
	if got := client.ask(request{
		Connection: "a", SQL: "SELECT REPLICATE('x', 3000)",
		CancelAfter: 300,
	}); len(got.Errors) == 0 {
		t.Errorf("in a row: %+v", got)
	}
	client.must(request{Connection: "a", SQL: "SELECT 1"})
	if n := len(s.Logins()); n > 1 {
		t.Errorf("%d logins", n)
	}
}

func TestTransactions(t *testing.T) {
	s, client := start(t, mssqltest.Options{}), startCSharp(t)
	client.must(request{Connection: "a", Open: trusting(s)})
	const insert = "INSERT INTO encryption_key VALUES ('a', '2024-01-01', '{}'); PRINT 'done'"
	for _, c := range []struct{ end, want string }{{"rollback", "0"}, {"commit", "1"}} {
		client.must(request{Connection: "a", Transaction: "begin"})
		if got := client.must(request{Connection: "a", SQL: insert}); got.Affected != 1 || !slices.Equal(got.Infos,
			[]string{"done"}) {
			t.Errorf("inside: %+v", got)
		}
		got := client.must(request{Connection: "a", Transaction: c.end, SQL: "SELECT COUNT(*), @@TRANCOUNT FROM " +
			"encryption_key"})
		if rows := flat(got.Rows); rows[0] != c.want+"|0" {
			t.Errorf("%s: %v", c.end, rows)
		}
	}
}

// TestPool: a connection that is used again is as new, and one that is gone is replaced.
func TestPool(t *testing.T) {
	s, client := start(t, mssqltest.Options{}), startCSharp(t)
	dsn := trusting(s, "Max Pool Size=1")
	client.must(request{Connection: "a", Open: dsn})
	client.must(request{Connection: "a", SQL: "SET NOCOUNT ON; BEGIN TRAN", Close: true})
	client.must(request{Connection: "b", Open: dsn})
	got := client.must(request{Connection: "b", SQL: "INSERT INTO encryption_key VALUES ('a', '2024-01-01', '{}'); " +
		"SELECT @@TRANCOUNT", Close: true})
	all := s.Requests()
	if got.Affected != 1 || flat(got.Rows)[0] != "0" || !all[len(all)-1].Reset || len(s.Logins()) != 1 {
		t.Errorf("%+v; %+v; %d logins", got, all[len(all)-1], len(s.Logins()))
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	client.must(request{Connection: "c", Open: dsn})
	if got := client.must(request{Connection: "c", SQL: "SELECT COUNT(*) FROM encryption_key"}); flat(got.Rows)[0] != "1" {
		t.Errorf("after a restart: %v", flat(got.Rows))
	}
}

// TestFaults: errors on demand and cut connections, as SqlClient reports them.
func TestFaults(t *testing.T) {
	s, client := start(t, mssqltest.Options{}), startCSharp(t)
	client.must(request{Connection: "a", Open: trusting(s)})
	for _, number := range []int32{1205, 2601, 40613, 49918} {
		s.Inject(mssqltest.Fault{Error: &mssqltest.Error{Number: number, State: 7, Class: 13, Message: "on demand"}})
		want := failure{int(number), 7, 13, "on demand"}
		if got := client.ask(request{Connection: "a", SQL: "SELECT 1"}); len(got.Errors) != 1 || got.Errors[0] != want {
			t.Errorf("%+v; want %+v", got, want)
		}
	}
	for _, at := range []mssqltest.Moment{mssqltest.Before, mssqltest.After, mssqltest.MidRow} {
		name := fmt.Sprint("cut", at)
		client.must(request{Connection: name, Open: trusting(s)})
		s.Inject(mssqltest.Fault{At: at, Cut: true})
		got := client.ask(request{Connection: name, SQL: fmt.Sprintf("INSERT INTO encryption_key VALUES ('%s', "+
			"'2024-01-01', '{}')", name)})
		if len(got.Errors) == 0 || got.Errors[0].Class < 20 {
			t.Errorf("cut at %d: %+v", at, got)
		}
	}
	rows, err := s.Exec("SELECT COUNT(*) FROM encryption_key")
	if err != nil || rows[0][0] != int64(2) {
		t.Errorf("rows: %v, %v", rows, err)
	}
}

// TestConnecting: encryption, certificates, refused logins, routing and the failover partner.
func TestConnecting(t *testing.T) {
	client := startCSharp(t)
	required, optional := start(t, mssqltest.Options{}), start(t, mssqltest.Options{Encryption: mssqltest.Optional})
	none, strict := start(t, mssqltest.Options{Encryption: mssqltest.NotSupported}), start(t,
		mssqltest.Options{Encryption: mssqltest.Strict})
	certificate := func(s *mssqltest.Server) string { return "ServerCertificate=" + s.CertificateFile() }
	for i, c := range []struct {
		server    *mssqltest.Server
		options   []string
		in        bool
		encrypted bool
	}{
		{required, []string{"Encrypt=Mandatory", certificate(required)}, true, true},
		{required, []string{"Encrypt=Mandatory"}, false, false},
		{required, []string{"Encrypt=Mandatory", certificate(optional)}, false, false},
		{required, []string{"Encrypt=Mandatory", "TrustServerCertificate=True"}, true, true},
		{required, []string{"Encrypt=Strict", certificate(required)}, true, true},
		{required, []string{"Encrypt=Strict", "TrustServerCertificate=True"}, false, false},
		{optional, []string{"Encrypt=Optional"}, true, false},
		{optional, []string{"Encrypt=Mandatory", certificate(optional)}, true, true},
		{none, []string{"Encrypt=Optional"}, true, false},
		{none, []string{"Encrypt=Mandatory", "TrustServerCertificate=True"}, false, false},
		{strict, []string{"Encrypt=Strict", certificate(strict)}, true, true},
		{strict, []string{"Encrypt=Mandatory", certificate(strict)}, false, false},
	} {
		c.server.Forget()
		options := append([]string{"Connect Timeout=10", "ConnectRetryCount=0", "Pooling=False"}, c.options...)
		got := client.ask(request{Connection: fmt.Sprint(i), Open: c.server.ADO(options...), SQL: "SELECT 1"})
		in := got.Errors == nil && got.Failure == ""
		if logins := c.server.Logins(); in != c.in || in && (len(logins) != 1 || logins[0].Encrypted != c.encrypted) {
			t.Errorf("%v: %+v %s, %+v", c.options, got.Errors, got.Failure, logins)
		}
	}
	wrong := strings.Replace(trusting(required), "Password=", "Password=x", 1)
	if got := client.ask(request{Connection: "w", Open: wrong}); got.number() != 18456 {
		t.Errorf("a wrong password: %+v", got)
	}
	if got := client.ask(request{Connection: "w", Open: trusting(required, "Database=other")}); got.number() != 4060 {
		t.Errorf("a wrong database: %+v", got)
	}
	testElsewhere(t, client)
}

func testElsewhere(t *testing.T, client *csharp) {
	t.Helper()
	gateway, node := start(t, mssqltest.Options{}), start(t, mssqltest.Options{})
	const trust = "TrustServerCertificate=True"
	gateway.Route(node.Host(), node.Port())
	client.must(request{Connection: "routed", Open: gateway.ADO(trust, "ApplicationIntent=ReadOnly"), SQL: "SELECT 1"})
	if l := node.Logins(); len(l) != 1 || !l[0].ReadOnly || len(gateway.Requests()) != 0 || len(node.Requests()) != 1 {
		t.Errorf("routing: %+v", l)
	}
	gateway.Route("", 0)
	gateway.Partner(fmt.Sprintf("tcp:%s,%d", node.Host(), node.Port()))
	node.Partner(fmt.Sprintf("tcp:%s,%d", gateway.Host(), gateway.Port()))
	dsn := gateway.ADO(trust, fmt.Sprintf("Failover Partner=tcp:%s,%d", node.Host(), node.Port()), "Pooling=False",
		"Connect Timeout=20")
	client.must(request{Connection: "first", Open: dsn, SQL: "SELECT 1", Close: true})
	gateway.Stop()
	node.Forget()
	client.must(request{Connection: "second", Open: dsn, SQL: "SELECT 1"})
	if len(node.Requests()) != 1 {
		t.Error("the partner was not asked")
	}
}
