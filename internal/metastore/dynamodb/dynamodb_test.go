package dynamodb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb/dynalitetest"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
)

var tables atomic.Int32

// empty makes a metastore on a new table.
func empty(t *testing.T, c *dynamodb.Client) *Metastore {
	t.Helper()
	name := fmt.Sprintf("keys-%d", tables.Add(1))
	dynalitetest.CreateTable(t, c, name)
	return New(Options{Client: c, Table: name})
}

func TestConformance(t *testing.T) {
	c := dynalitetest.Start(t).Client()
	metastoretest.Run(t, metastoretest.Harness{
		Open: func(t *testing.T) envelope.Metastore { return empty(t, c) },
		Reopen: func(_ *testing.T, first envelope.Metastore) envelope.Metastore {
			return New(Options{Client: c, Table: first.(*Metastore).table})
		},
		MaxIDBytes: maxID, MayRefuseIDs: true, // the empty one
	})
}

func TestSuffix(t *testing.T) {
	if s := New(Options{KeySuffix: "us-west-2"}).KeySuffix(); s != "us-west-2" {
		t.Error(s)
	}
}

func TestItemsThatAreNone(t *testing.T) {
	c := dynalitetest.Start(t).Client()
	m := empty(t, c)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	object := func(pairs ...any) types.AttributeValue {
		members := map[string]types.AttributeValue{}
		for i := 0; i < len(pairs); i += 2 {
			members[pairs[i].(string)] = pairs[i+1].(types.AttributeValue)
		}
		return &types.AttributeValueMemberM{Value: members}
	}
	for i, record := range []types.AttributeValue{
		nil, text(`{"Created":1,"Key":"AAAA"}`), object(), object("Created", number(1)),
		object("Created", text("1"), "Key", text("AAAA")), object("Created", number(1), "Key", text("A")),
		object("Created", number(1), "Key", &types.AttributeValueMemberB{Value: []byte("AAAA")}),
		object("Created", number(1), "Key", text("AAAA"), "Revoked", text("true")),
		object("Created", number(1), "Key", text("AAAA"), "ParentKeyMeta", object("KeyId", text("x"))),
	} {
		id := fmt.Sprintf("bad-%d", i)
		item := key(id, 7)
		if record != nil {
			item[recordAttribute] = record
		}
		if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &m.table, Item: item}); err != nil {
			t.Fatal(err)
		}
		for _, load := range []func() (*envelope.KeyRecord, error){
			func() (*envelope.KeyRecord, error) { return m.Load(t.Context(), id, 7) },
			func() (*envelope.KeyRecord, error) { return m.LoadLatest(t.Context(), id) },
		} {
			r, err := load()
			if code := envelope.CodeOf(err); r != nil || code != envelope.MalformedRecord && code != envelope.MetadataMissing {
				t.Errorf("%s: %+v, %v", id, r, err)
			}
		}
	}
}

func TestRevoke(t *testing.T) {
	m := empty(t, dynalitetest.Start(t).Client())
	r := &envelope.KeyRecord{ID: "id", Created: 7, Key: []byte("sealed")}
	if found, err := m.Revoke(t.Context(), r.ID, r.Created); found || err != nil {
		t.Fatalf("%t, %v", found, err)
	}
	if got, err := m.Load(t.Context(), r.ID, r.Created); got != nil || err != nil {
		t.Fatalf("a revocation made a record: %+v, %v", got, err)
	}
	if _, err := m.Store(t.Context(), r.ID, r.Created, r); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if found, err := m.Revoke(t.Context(), r.ID, r.Created); !found || err != nil {
			t.Fatalf("%t, %v", found, err)
		}
	}
	got, err := m.LoadLatest(t.Context(), r.ID)
	if err != nil || !got.Revoked || string(got.Key) != "sealed" {
		t.Errorf("%+v, %v", got, err)
	}
}

// faults answers in place of the server as long as answer returns something.
type faults struct {
	answer func(*http.Request) (*http.Response, error)
}

func (f *faults) Do(r *http.Request) (*http.Response, error) {
	if response, err := f.answer(r); response != nil || err != nil {
		return response, err
	}
	return http.DefaultClient.Do(r)
}

func TestFailuresAreErrors(t *testing.T) {
	e := dynalitetest.Start(t)
	if _, err := New(Options{Client: e.Client(), Table: "no-such-table"}).LoadLatest(t.Context(), "id"); envelope.CodeOf(err) != envelope.MetastoreFailed ||
		!strings.Contains(err.Error(), "no such table") {
		t.Errorf("no table: %v", err)
	}
	coded := func(status int, code string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			body := `{"__type":"` + code + `","message":"arn:aws:dynamodb:us-west-2:123456789012:table/x"}`
			return &http.Response{
				StatusCode: status, Status: http.StatusText(status), Request: r,
				Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
				Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
			}, nil
		}
	}
	for name, c := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		code   envelope.Code
		words  string
	}{
		"denied":      {coded(400, "AccessDeniedException"), envelope.MetastoreFailed, "AccessDeniedException"},
		"throttled":   {coded(400, "ProvisionedThroughputExceededException"), envelope.MetastoreFailed, "ProvisionedThroughputExceededException"},
		"server":      {coded(500, "InternalServerError"), envelope.MetastoreFailed, "InternalServerError"},
		"unreachable": {func(*http.Request) (*http.Response, error) { return nil, errors.New("dial tcp: refused") }, envelope.MetastoreFailed, "could not be reached"},
		"slow": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, envelope.MetastoreFailed, "in time"},
	} {
		client := e.Client(func(o *dynamodb.Options) {
			o.HTTPClient = &faults{c.answer}
			o.RetryMaxAttempts = 1
		})
		m := New(Options{Client: client, Table: "t", Budget: 200 * time.Millisecond})
		_, loading := m.Load(t.Context(), "id", 1)
		_, latest := m.LoadLatest(t.Context(), "id")
		_, storing := m.Store(t.Context(), "id", 1, &envelope.KeyRecord{ID: "id", Created: 1, Key: []byte("k")})
		_, revoking := m.Revoke(t.Context(), "id", 1)
		for _, err := range []error{loading, latest, storing, revoking} {
			if envelope.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.words) ||
				strings.Contains(err.Error(), "123456789012") || strings.Contains(err.Error(), "arn:") {
				t.Errorf("%s: %d %v", name, envelope.CodeOf(err), err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(Options{Client: e.Client()}).Load(ctx, "id", 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What passes is asked again by the client, with growing pauses.
func TestThrottlingIsRepeated(t *testing.T) {
	e := dynalitetest.Start(t)
	plain := e.Client()
	dynalitetest.CreateTable(t, plain, "throttled")
	var asked atomic.Int32
	client := e.Client(func(o *dynamodb.Options) {
		o.HTTPClient = &faults{func(r *http.Request) (*http.Response, error) {
			if asked.Add(1) > 2 {
				return nil, nil
			}
			return &http.Response{
				StatusCode: 400, Request: r, Body: http.NoBody,
				Header: http.Header{"X-Amzn-Errortype": {"ThrottlingException"}},
			}, nil
		}}
	})
	m := New(Options{Client: client, Table: "throttled"})
	if stored, err := m.Store(t.Context(), "id", 1, &envelope.KeyRecord{ID: "id", Created: 1, Key: []byte("k")}); !stored || err != nil {
		t.Errorf("%t, %v", stored, err)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

// Each call of a cold partition is one request.
func TestRequests(t *testing.T) {
	e := dynalitetest.Start(t)
	dynalitetest.CreateTable(t, e.Client(), "counted")
	var names []string
	client := e.Client(func(o *dynamodb.Options) {
		o.HTTPClient = &faults{func(r *http.Request) (*http.Response, error) {
			_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
			names = append(names, name)
			return nil, nil
		}}
	})
	m := New(Options{Client: client, Table: "counted"})
	_, _ = m.LoadLatest(t.Context(), "id")
	_, _ = m.Store(t.Context(), "id", 1, &envelope.KeyRecord{ID: "id", Created: 1, Key: []byte("k")})
	_, _ = m.Load(t.Context(), "id", 1)
	if got := strings.Join(names, " "); got != "Query PutItem GetItem" {
		t.Error(got)
	}
}

func TestRestart(t *testing.T) {
	e := dynalitetest.Start(t)
	client := e.Client(func(o *dynamodb.Options) { o.RetryMaxAttempts = 20 })
	m := empty(t, client)
	r := &envelope.KeyRecord{ID: "id", Created: 7, Key: []byte("sealed")}
	if _, err := m.Store(t.Context(), r.ID, r.Created, r); err != nil {
		t.Fatal(err)
	}
	e.Kill()
	short := New(Options{Client: client, Table: m.table, Budget: 300 * time.Millisecond})
	if got, err := short.Load(t.Context(), r.ID, r.Created); err == nil {
		t.Fatalf("a server that is gone answered %+v", got)
	}
	done := make(chan error, 1)
	go func() {
		_, err := m.Load(context.Background(), r.ID, r.Created)
		done <- err
	}()
	time.Sleep(100 * time.Millisecond)
	e.Restart(t)
	if err := <-done; err != nil {
		t.Errorf("a call while the server starts: %v", err)
	}
	if got, err := m.LoadLatest(t.Context(), r.ID); err != nil || got == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestInspect(t *testing.T) {
	c := dynalitetest.Start(t).Client()
	m := empty(t, c)
	for i := range 5 {
		r := &envelope.KeyRecord{ID: fmt.Sprint("id", i), Created: 7, Key: []byte("sealed")}
		if _, err := m.Store(t.Context(), r.ID, r.Created, r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &m.table, Item: key("none", 1)}); err != nil {
		t.Fatal(err)
	}
	table, err := m.Inspect(t.Context())
	if err != nil || !table.Keys || table.Status != "ACTIVE" || table.Name != m.table {
		t.Errorf("%+v, %v", table, err)
	}
	records, bad, err := m.Sample(t.Context(), 100)
	if err != nil || len(records) != 5 || bad != 1 {
		t.Errorf("%d records, %d bad, %v", len(records), bad, err)
	}
	if records, _, err = m.Sample(t.Context(), 2); err != nil || len(records) > 2 {
		t.Errorf("%d records, %v", len(records), err)
	}
	var made dynamodb.CreateTableInput
	if err := json.Unmarshal([]byte(DDL), &made); err != nil {
		t.Fatal(err)
	}
	other := "other-keys"
	made.TableName, made.SSESpecification, made.DeletionProtectionEnabled = &other, nil, nil // dynalite knows neither
	if _, err := c.CreateTable(t.Context(), &made); err != nil {
		t.Fatal(err)
	}
	if table, err := New(Options{Client: c, Table: other}).Inspect(t.Context()); err != nil || !table.Keys {
		t.Errorf("the table of DDL: %+v, %v", table, err)
	}
	made.KeySchema, made.AttributeDefinitions = made.KeySchema[:1], made.AttributeDefinitions[:1]
	other = "wrong-keys"
	if _, err := c.CreateTable(t.Context(), &made); err != nil {
		t.Fatal(err)
	}
	if table, err := New(Options{Client: c, Table: other}).Inspect(t.Context()); err != nil || table.Keys {
		t.Errorf("a table with other keys: %+v, %v", table, err)
	}
}
