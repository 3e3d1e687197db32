package dynamodb

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb/dynalitetest"
	"github.com/libasherah/libasherah/internal/seccache"
)

// wire is tests/vectors/dynamodb-wire.json, whose README says what is what.
type wire struct {
	Service, Product string
	KMS              struct {
		Key string `json:"key_hex"`
	}
	Scenarios []struct {
		Name, Table string
		Suffix      string `json:"region_suffix"`
		Items       []map[string]attribute
		Exchanges   []struct {
			Target   string `json:"x_amz_target"`
			Request  string `json:"request_body"`
			Status   int    `json:"response_status"`
			Response string `json:"response_body"`
		}
		Cases []struct {
			Name, Partition, DRR, Expect string
			Plaintext                    string `json:"plaintext_base64"`
			Override                     *struct {
				Service, Product string
				Suffix           *string `json:"region_suffix"`
				KMS              any
			}
		}
	}
}

// attribute is the wire form of an attribute.
type attribute struct {
	S, N *string
	BOOL *bool
	M    map[string]attribute
}

func (a attribute) value() types.AttributeValue {
	switch {
	case a.S != nil:
		return &types.AttributeValueMemberS{Value: *a.S}
	case a.N != nil:
		return &types.AttributeValueMemberN{Value: *a.N}
	case a.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *a.BOOL}
	}
	return &types.AttributeValueMemberM{Value: values(a.M)}
}

func values(members map[string]attribute) map[string]types.AttributeValue {
	out := map[string]types.AttributeValue{}
	for name, member := range members {
		out[name] = member.value()
	}
	return out
}

func readWire(t *testing.T) wire {
	t.Helper()
	text, err := os.ReadFile("../../../tests/vectors/dynamodb-wire.json")
	if err != nil {
		t.Fatal(err)
	}
	var w wire
	if err := json.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Scenarios) != 4 {
		t.Fatalf("%d scenarios", len(w.Scenarios))
	}
	return w
}

// Tables that the canonical SDK has written open every record of theirs.
func TestCanonicalTables(t *testing.T) {
	w := readWire(t)
	client := dynalitetest.Start(t).Client()
	ran := 0
	for i, scenario := range w.Scenarios {
		m := empty(t, client)
		for _, item := range scenario.Items {
			if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &m.table, Item: values(item)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range scenario.Cases {
			service, product, suffix := w.Service, w.Product, scenario.Suffix
			if o := c.Override; o != nil {
				if o.KMS != nil {
					continue
				}
				if o.Service != "" {
					service = o.Service
				}
				if o.Product != "" {
					product = o.Product
				}
				if o.Suffix != nil {
					suffix = *o.Suffix
				}
			}
			store := New(Options{Client: client, Table: m.table, KeySuffix: suffix})
			plaintext, err := open(t, w.KMS.Key, service, product, store, c.Partition, c.DRR)
			want, decodeErr := base64.StdEncoding.DecodeString(c.Plaintext)
			if decodeErr != nil {
				t.Fatal(decodeErr)
			}
			if (err == nil) != (c.Expect == "ok") || err == nil && !bytes.Equal(plaintext, want) {
				t.Errorf("scenario %d (%s), %s: %v", i, scenario.Name, c.Name, err)
			}
			ran++
		}
	}
	if ran < 20 {
		t.Errorf("%d cases ran", ran)
	}
}

func open(t *testing.T, key, service, product string, m *Metastore, partition, record string) ([]byte, error) {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	secret, err := arena.NewSecret(seccache.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hex.Decode(secret.Bytes(), []byte(key)); err != nil {
		t.Fatal(err)
	}
	kms, err := static.New(arena, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kms.Close() }()
	factory, err := envelope.NewFactory(envelope.Options{
		Service: service, Product: product, Metastore: m, KMS: kms, Policy: envelope.DefaultPolicy(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer factory.Close()
	session, err := factory.Session(partition)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.DecryptBytes(t.Context(), []byte(record))
}

// Of the canonical SDK's exchanges, what we send is the same but for placeholders, and its answers are understood.
func TestCanonicalExchanges(t *testing.T) {
	type body struct {
		TableName, ConditionExpression string
		ConsistentRead                 bool
		ScanIndexForward               *bool
		Limit                          int
		Key, Item                      map[string]attribute
	}
	read := func(text string) (b body) {
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			t.Fatal(err)
		}
		b.ConditionExpression = strings.ReplaceAll(b.ConditionExpression, "#id", "Id")
		return b
	}
	seen := map[string]int{}
	for _, scenario := range readWire(t).Scenarios {
		for _, exchange := range scenario.Exchanges {
			var sent string
			client := dynamodb.New(dynamodb.Options{
				Region: "us-west-2", Credentials: settings(t, awsOptions).Credentials,
				HTTPClient: &faults{func(r *http.Request) (*http.Response, error) {
					text, err := io.ReadAll(r.Body)
					if err != nil {
						return nil, err
					}
					sent = string(text)
					return &http.Response{
						StatusCode: exchange.Status, Request: r, ContentLength: int64(len(exchange.Response)),
						Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
						Body:   io.NopCloser(strings.NewReader(exchange.Response)),
					}, nil
				}},
			})
			m := New(Options{Client: client, Table: scenario.Table})
			want := read(exchange.Request)
			_, operation, _ := strings.Cut(exchange.Target, ".")
			seen[operation]++
			switch operation {
			case "PutItem":
				r, err := m.record(values(want.Item), *want.Item["Id"].S)
				if err != nil {
					t.Fatal(err)
				}
				stored, err := m.Store(t.Context(), r.ID, r.Created, r)
				if err != nil || stored != (exchange.Status == http.StatusOK) {
					t.Errorf("stored %t, %v", stored, err)
				}
			case "GetItem":
				created := json.Number(*want.Key["Created"].N)
				n, err := created.Int64()
				if err != nil {
					t.Fatal(err)
				}
				_, _ = m.Load(t.Context(), *want.Key["Id"].S, n)
			case "Query":
				var q struct{ ExpressionAttributeValues map[string]attribute }
				if err := json.Unmarshal([]byte(exchange.Request), &q); err != nil {
					t.Fatal(err)
				}
				_, _ = m.LoadLatest(t.Context(), *q.ExpressionAttributeValues[":0"].S)
			}
			if got := read(sent); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: sent %s, canonical %s", operation, sent, exchange.Request)
			}
		}
	}
	if seen["PutItem"] == 0 || seen["GetItem"] == 0 || seen["Query"] == 0 {
		t.Errorf("%v", seen)
	}
}
