package config

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

func onDynamoDB(endpoint string) given {
	return given{"Metastore": `"dynamodb"`, "DynamoDBEndpoint": `"` + endpoint + `"`, "DynamoDBRegion": `"us-west-2"`}
}

func mustOpenMetastore(t *testing.T, text []byte) envelope.Metastore {
	t.Helper()
	c, err := ParseJSONFor(text, Metastore)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m, err := c.OpenMetastore()
	if err != nil {
		t.Fatal(err)
	}
	if closer, ok := m.(io.Closer); ok {
		t.Cleanup(func() { _ = closer.Close() })
	}
	return m
}

func TestDynamoDB(t *testing.T) {
	var authorization, body atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		authorization.Store(r.Header.Get("Authorization"))
		body.Store(string(text))
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	lookup := Lookup(lookupIn(map[string]string{"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secret"}))
	SetLookup(lookup)
	defer environment.Store(nil)
	for _, c := range []struct {
		given
		suffix, sent, signed string
	}{
		{onDynamoDB(server.URL), "", `"TableName":"EncryptionKey"`, "Credential=AKIDENV/"},
		{
			onDynamoDB(server.URL).with("AwsAccessKeyId", `"AKIDOWN"`).with("AwsSecretAccessKey", `"s"`).
				with("DynamoDBTableName", `"Other"`).with("DynamoDBSigningRegion", `"eu-west-1"`).with("EnableRegionSuffix", "true"),
			"us-west-2", `"TableName":"Other"`, "Credential=AKIDOWN/",
		},
		{
			onDynamoDB(server.URL).with("RegionSuffix", `"east"`).with("EnableRegionSuffix", "true"),
			"east", `"TableName":"EncryptionKey"`, "/us-west-2/dynamodb/",
		},
	} {
		m := mustOpenMetastore(t, c.text())
		if m.KeySuffix() != c.suffix {
			t.Errorf("%s: suffix %q", c.text(), m.KeySuffix())
		}
		if _, err := m.LoadLatest(t.Context(), "id"); err != nil {
			t.Error(err)
		}
		if s := body.Load().(string); !strings.Contains(s, c.sent) {
			t.Errorf("%s: sent %s", c.text(), s)
		}
		if s := authorization.Load().(string); !strings.Contains(s, c.signed) {
			t.Errorf("%s: signed %s", c.text(), s)
		}
	}
	c, err := ParseJSONFor(given{"Metastore": `"dynamodb"`}.text(), Metastore)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if m, err := c.OpenMetastore(); m != nil || envelope.CodeOf(err) != envelope.Configuration {
		t.Errorf("no region: %v, %v", m, err)
	}
}
