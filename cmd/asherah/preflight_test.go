package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb/dynalitetest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/servertest"
)

// preflight runs it and returns its checks by name.
func (w *world) preflight() (checks map[string]check, status int) {
	w.Helper()
	out, errs, status := w.run("", "preflight", "--json")
	var r struct {
		OK bool
		report
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		w.Fatalf("%v: %s %s", err, out, errs)
	}
	checks = map[string]check{}
	for _, c := range r.Checks {
		if c.Verdict != pass && c.Remedy == "" && c.Found == "" {
			w.Errorf("%s says nothing", c.Name)
		}
		checks[c.Name] = c
	}
	if r.OK != (status == exitOK) {
		w.Errorf("ok is %t, the status %d", r.OK, status)
	}
	return checks, status
}

func (w *world) want(checks map[string]check, name string, v verdict, words string) {
	w.Helper()
	if c := checks[name]; c.Verdict != v || !strings.Contains(c.Found+" "+c.Remedy, words) {
		w.Errorf("%s: %+v; want %s with %q", name, c, v, words)
	}
}

func (w *world) execute(driver, source string, statements ...string) {
	w.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			w.Fatalf("%s: %v", s, err)
		}
	}
}

func (w *world) content(name string) string {
	w.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// untilClosed waits until nobody has a SQLite file open: what is done with a factory closes its store in the background,
// and the last one to close it moves what was written into the file.
func (w *world) untilClosed(name string) {
	w.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(w.path(name + "-wal")); errors.Is(err, fs.ErrNotExist) {
			return
		}
		if time.Now().After(end) {
			w.Fatalf("%s is open", name)
		}
	}
}

func TestPreflight(t *testing.T) {
	w := newWorld(t)
	checks, status := w.preflight()
	w.want(checks, "metastore", bad, "mend the path")
	if status != exitFailed {
		t.Errorf("without a file: %d %+v", status, checks)
	}
	if _, err := os.Stat(w.path("keys.db")); err == nil {
		t.Fatal("preflight has made the file")
	}
	w.execute("sqlite3", w.path("keys.db"), w.mustRun("", "ddl", "sqlite"))
	made := w.content("keys.db")
	checks, status = w.preflight()
	w.want(checks, "rows", note, "empty")
	w.want(checks, "system key", note, `"_SK_s_p"`)
	w.want(checks, "KMS", note, "configured, not asked")
	if status != exitOK {
		t.Errorf("an empty table: %+v", checks)
	}
	if w.content("keys.db") != made {
		t.Error("preflight has changed the empty file")
	}
	w.mustRun("text", "encrypt", "--partition", "a")
	checks, status = w.preflight()
	if status != exitOK {
		t.Errorf("%+v", checks)
	}
	for _, name := range []string{"configuration", "table", "key", "collation", "records", "created", "latest key", "KMS", "system key"} {
		w.want(checks, name, pass, "")
	}
	if out := w.mustRun("", "preflight"); !strings.Contains(out, " failed\n") || !strings.Contains(out, "pass  KMS") {
		t.Error(out)
	}
	w.untilClosed("keys.db")
	before := w.content("keys.db")
	w.mustRun("", "preflight")
	if w.content("keys.db") != before {
		t.Error("preflight has changed the file")
	}
	w.execute("sqlite3", w.path("keys.db"), `UPDATE encryption_key SET key_record = '{"Created":1' WHERE id = '_IK_a_s_p'`)
	checks, _ = w.preflight()
	w.want(checks, "records", bad, "1 of 2")
	other := newWorld(t)
	text, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	other.config = other.file("config.json", strings.Replace(string(text), keyHex, strings.Repeat("f", 64), 1))
	checks, _ = other.preflight()
	other.want(checks, "KMS", bad, "not the one")
	w.execute("sqlite3", w.path("keys.db"), `UPDATE encryption_key SET created = '2020-01-01 00:00:07' WHERE id = '_IK_a_s_p'`,
		`UPDATE encryption_key SET key_record = '{"Created":7,"Key":"AAAA"}' WHERE id = '_IK_a_s_p'`)
	checks, _ = w.preflight()
	w.want(checks, "created", bad, "1 of 2")
	w.execute("sqlite3", w.path("keys.db"), `DROP TABLE encryption_key`,
		`CREATE TABLE encryption_key (id TEXT COLLATE NOCASE, created TEXT NOT NULL, key_record TEXT NOT NULL)`)
	checks, status = w.preflight()
	if status != exitFailed {
		t.Errorf("a table without a key: %+v", checks)
	}
}

// Rows that a client wrote in its local time are recognised.
func TestPreflightOfLocalTime(t *testing.T) {
	server := servertest.Postgres(t, servertest.Options{TimeZone: "America/New_York"})
	dsn := server.NewPostgresSchema(t)
	w := newWorld(t)
	text, err := json.Marshal(map[string]string{
		"ServiceName": "s", "ProductID": "p", "KMS": "static", "StaticMasterKeyHex": keyHex,
		"Metastore": "rdbms", "ConnectionString": dsn,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.config = w.file("config.json", string(text))
	checks, status := w.preflight()
	w.want(checks, "table", bad, "asherah ddl prints the statement")
	if status != exitFailed {
		t.Errorf("%+v", checks)
	}
	w.execute("pgx", dsn, `CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
		key_record TEXT NOT NULL, PRIMARY KEY (id, created))`)
	w.mustRun("text", "encrypt", "--partition", "a")
	checks, status = w.preflight()
	w.want(checks, "created", pass, "2 of 2")
	if status != exitOK {
		t.Errorf("%+v", checks)
	}
	w.execute("pgx", dsn, `UPDATE encryption_key SET created = created - INTERVAL '5 hours' WHERE id LIKE '\_IK%'`)
	checks, _ = w.preflight()
	w.want(checks, "created", bad, "1 of 2 rows are not UTC, but -5h0m0s off")
	if out, _, _ := w.run("", "preflight"); strings.Contains(out, dsn) {
		t.Error("the report shows the connection string")
	}
}

func TestPreflightOfDynamoDB(t *testing.T) {
	emulator := dynalitetest.Start(t)
	client := emulator.Client()
	dynalitetest.CreateTable(t, client, dynamodb.DefaultTable)
	w := newWorld(t)
	w.config = w.file("config.json", fmt.Sprintf(`{"ServiceName":"s","ProductID":"p","KMS":"test-debug-static","Metastore":"dynamodb",
		"DynamoDBRegion":"us-west-2","DynamoDBEndpoint":"%s","AwsAccessKeyId":"a","AwsSecretAccessKey":"b"}`, emulator.URL()))
	w.mustRun("text", "encrypt", "--partition", "a")
	checks, status := w.preflight()
	if status != exitOK {
		t.Errorf("%+v", checks)
	}
	for _, name := range []string{"table", "key", "records", "latest key", "KMS", "system key"} {
		w.want(checks, name, pass, "")
	}
	w.want(checks, "deletion", note, "protection")
	m := dynamodb.New(dynamodb.Options{Client: client})
	for i := range 2 {
		at := time.Now().Unix() + int64(i)
		r := &envelope.KeyRecord{ID: "_SK_s_p", Created: at, Key: []byte("no key")}
		if _, err := m.Store(t.Context(), r.ID, r.Created, r); err != nil {
			t.Fatal(err)
		}
	}
	checks, _ = w.preflight()
	w.want(checks, "KMS", bad, "not the one")
	w.config = w.file("config.json", fmt.Sprintf(`{"ServiceName":"s","ProductID":"p","KMS":"test-debug-static","Metastore":"dynamodb",
		"DynamoDBRegion":"us-west-2","DynamoDBTableName":"none","DynamoDBEndpoint":"%s","AwsAccessKeyId":"a","AwsSecretAccessKey":"b"}`, emulator.URL()))
	checks, status = w.preflight()
	if status != exitFailed {
		t.Errorf("no such table: %+v", checks)
	}
	w.want(checks, "table", note, "DynamoDBTableName")
	ended, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	var r report
	r.dynamoDB(ended, m, 1)
	for _, c := range r.Checks {
		if strings.Contains(c.Remedy, "grant") || !strings.Contains(c.Remedy, "network") {
			t.Errorf("without an answer: %+v", c)
		}
	}
	if len(r.Checks) != 2 {
		t.Errorf("without an answer: %+v", r.Checks)
	}
	if remedy := dynamoRemedy(&smithy.GenericAPIError{Code: "AccessDeniedException"}, "grant it"); remedy != "grant it" {
		t.Errorf("denied: %s", remedy)
	}
}

// A configuration that a factory refuses for its KMS fails, whatever there is to be opened with it.
func TestPreflightOpensTheKMS(t *testing.T) {
	w := newWorld(t)
	w.execute("sqlite3", w.path("keys.db"), w.mustRun("", "ddl", "sqlite"))
	for _, store := range []string{`"sqlite","ConnectionString":"` + w.path("keys.db") + `"`, `"memory"`} {
		w.config = w.file("config.json", `{"ServiceName":"s","ProductID":"p","KMS":"aws","Metastore":`+store+
			`,"RegionMap":{"us-west-2":"arn:aws:kms:us-east-1:1:key/k"}}`)
		checks, status := w.preflight()
		w.want(checks, "KMS", bad, "another region")
		if status != exitFailed {
			t.Errorf("%s: %d %+v", store, status, checks)
		}
		w.config = w.file("config.json", `{"ServiceName":"s","ProductID":"p","KMS":"test-debug-static","Metastore":`+store+`}`)
		checks, status = w.preflight()
		w.want(checks, "KMS", note, "configured, not asked")
		if status != exitOK {
			t.Errorf("%s: %d %+v", store, status, checks)
		}
	}
}

// What the remedy of a failure is depends on what has failed.
func TestPreflightOfNoServer(t *testing.T) {
	w := newWorld(t)
	w.config = w.file("config.json", `{"ServiceName":"s","ProductID":"p","KMS":"test-debug-static","Metastore":"rdbms","QueryRetryMs":0,
		"ConnectionString":"postgres://u:p@127.0.0.1:1/d"}`)
	checks, status := w.preflight()
	w.want(checks, "table", bad, "mend ConnectionString")
	if status != exitFailed || strings.Contains(checks["table"].Remedy, "asherah ddl") {
		t.Errorf("%d %+v", status, checks)
	}
}

func TestPreflightOfNoRows(t *testing.T) {
	w := newWorld(t)
	w.mustRun("text", "encrypt", "--partition", "a")
	for _, rows := range []string{"0", "-1"} {
		if out, errs, status := w.run("", "preflight", "--rows="+rows); status != exitUsage || out != "" || !strings.Contains(errs, "--rows") {
			t.Errorf("%s: %d %s%s", rows, status, out, errs)
		}
	}
}

// preflight looks at the note of DriftGuard and makes none.
func TestPreflightOfDrift(t *testing.T) {
	w := newWorld(t, `"DriftGuard":"live"`)
	w.execute("sqlite3", w.path("keys.db"), w.mustRun("", "ddl", "sqlite"))
	for range 2 {
		checks, _ := w.preflight()
		w.want(checks, "DriftGuard", note, "no note yet")
	}
	w.mustRun("text", "encrypt", "--partition", "a")
	checks, status := w.preflight()
	w.want(checks, "DriftGuard", pass, "as noted")
	if status != exitOK {
		t.Errorf("%d %+v", status, checks)
	}
	w.config = w.file("config.json", strings.Replace(w.content("config.json"), `"ServiceName":"s"`, `"ServiceName":"other"`, 1))
	checks, status = w.preflight()
	w.want(checks, "DriftGuard", bad, "ServiceName")
	if status != exitFailed {
		t.Errorf("%d %+v", status, checks)
	}
}
