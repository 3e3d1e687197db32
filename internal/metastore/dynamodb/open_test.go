package dynamodb

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb/dynalitetest"
)

var awsOptions = awsconf.Options{AccessKeyID: "id", SecretAccessKey: "secret"}

func settings(t *testing.T, o awsconf.Options) *awsconf.Settings {
	t.Helper()
	if o.AccessKeyID == "" {
		o.AccessKeyID, o.SecretAccessKey = "id", "secret"
	}
	s, err := awsconf.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustOpen(t *testing.T, s Settings) *Metastore {
	t.Helper()
	m, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestOpen(t *testing.T) {
	e := dynalitetest.Start(t)
	dynalitetest.CreateTable(t, e.Client(), DefaultTable)
	m := mustOpen(t, Settings{AWS: settings(t, awsconf.Options{
		Region: "us-west-2", Endpoint: e.URL(),
	})})
	r := &envelope.KeyRecord{ID: "id", Created: 7, Key: []byte("sealed")}
	if stored, err := m.Store(t.Context(), r.ID, r.Created, r); !stored || err != nil {
		t.Errorf("%t, %v", stored, err)
	}
	if got, err := m.LoadLatest(t.Context(), r.ID); err != nil || got == nil {
		t.Errorf("%+v, %v", got, err)
	}
	_ = m.Close()
	if _, err := m.LoadLatest(t.Context(), r.ID); envelope.CodeOf(err) != envelope.MetastoreFailed {
		t.Errorf("closed: %v", err)
	}
	if _, err := Open(Settings{AWS: settings(t, awsconf.Options{})}); envelope.CodeOf(err) != envelope.Configuration ||
		!strings.Contains(err.Error(), "DynamoDBRegion") {
		t.Errorf("no region: %v", err)
	}
}

func TestSigningRegion(t *testing.T) {
	var scope atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope.Store(r.Header.Get("Authorization"))
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	m := mustOpen(t, Settings{AWS: settings(t, awsconf.Options{Region: "us-west-2", SigningRegion: "eu-west-1", Endpoint: server.URL})})
	if r, err := m.Load(t.Context(), "id", 1); r != nil || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if s, _ := scope.Load().(string); !strings.Contains(s, "/eu-west-1/dynamodb/aws4_request") {
		t.Errorf("signed with %q", s)
	}
}

// A server that accepts and says nothing costs one attempt, not the whole call.
func TestSlowAttempt(t *testing.T) {
	var asked atomic.Int32
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
			return
		}
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	defer close(stop)
	m := mustOpen(t, Settings{
		AWS:            settings(t, awsconf.Options{Region: "us-west-2", Endpoint: server.URL}),
		AttemptTimeout: 100 * time.Millisecond,
	})
	if r, err := m.Load(t.Context(), "id", 1); r != nil || err != nil || asked.Load() != 2 {
		t.Errorf("%+v, %v, %d requests", r, err, asked.Load())
	}
}

// TestLive runs against a real table, which has the canonical keys, with credentials from the environment.
func TestLive(t *testing.T) {
	table := os.Getenv("ASHERAH_TEST_DYNAMODB")
	if table == "" {
		t.Skip("ASHERAH_TEST_DYNAMODB is not set: it is the name of a table in the region that AWS_REGION names")
	}
	aws, err := awsconf.Open(awsconf.Options{Lookup: os.LookupEnv})
	if err != nil {
		t.Fatal(err)
	}
	m := mustOpen(t, Settings{AWS: aws, Table: table})
	r := &envelope.KeyRecord{ID: "_libasherah_test", Created: time.Now().Unix(), Key: []byte("sealed")}
	if stored, err := m.Store(t.Context(), r.ID, r.Created, r); !stored || err != nil {
		t.Fatalf("%t, %v", stored, err)
	}
	if stored, err := m.Store(t.Context(), r.ID, r.Created, r); stored || err != nil {
		t.Errorf("twice: %t, %v", stored, err)
	}
	if got, err := m.LoadLatest(t.Context(), r.ID); err != nil || got.Created != r.Created {
		t.Errorf("%+v, %v", got, err)
	}
}
