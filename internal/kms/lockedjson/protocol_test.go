package lockedjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/schemas"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/kms/lockedjson"
	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service answers every request with the same text and keeps the last one.
type service struct {
	*httptest.Server
	status  int
	answer  string
	request string
}

func newService(t *testing.T) (*service, *kms.Client) {
	t.Helper()
	s := &service{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.request = string(body)
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.answer)
	}))
	before := seccache.ReadStats().LiveSecrets
	arena := seccache.Open(seccache.Prefer)
	transport := &secrethttp.Transport{Memory: arena}
	t.Cleanup(func() {
		transport.Close()
		s.Close()
		if after := seccache.ReadStats().LiveSecrets; after != before {
			t.Errorf("%d secrets are left", after-before)
		}
	})
	protocol := lockedjson.New(schemas.TrentService, arena, map[string]lockedjson.Encoding{"Plaintext": lockedjson.Base64})
	return s, kms.New(kms.Options{
		Region: "us-west-2", BaseEndpoint: &s.URL, HTTPClient: transport, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}, func(o *kms.Options) { o.Protocol = protocol })
}

// TestReceived: the key is taken out, everything else the SDK reads as ever.
func TestReceived(t *testing.T) {
	s, client := newService(t)
	for _, answer := range []string{
		`{"CiphertextBlob":"d3JhcHBlZA==","KeyId":"id","Plaintext":"c2VjcmV0"}`,
		`{"Plaintext":"c2VjcmV0","KeyId":"id","CiphertextBlob":"d3JhcHBlZA=="}`,
		` { "KeyId" : "id" , "Plaintext":"\u00632VjcmV0" , "X":[{"Plaintext":"other"}],` +
			`"CiphertextBlob":"d3JhcHBlZA==" } ` + "\n",
	} {
		s.answer = answer
		var x lockedjson.Exchange
		out, err := client.GenerateDataKey(x.With(t.Context()), &kms.GenerateDataKeyInput{
			KeyId: aws.String("id"), KeySpec: types.DataKeySpecAes256,
		})
		if err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
		if got := x.Received["Plaintext"]; got == nil || string(got.Bytes()) != "secret" {
			t.Errorf("%s: received %v", answer, x.Received)
		}
		if out.Plaintext != nil || string(out.CiphertextBlob) != "wrapped" || aws.ToString(out.KeyId) != "id" {
			t.Errorf("%s: the SDK has read %+v", answer, out)
		}
		x.Destroy()
	}
	// Without an Exchange the SDK reads everything.
	out, err := client.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: aws.String("id")})
	if err != nil || string(out.Plaintext) != "secret" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestStrangeAnswers(t *testing.T) {
	s, client := newService(t)
	for name, answer := range map[string]string{
		"no JSON": `<html>c2VjcmV0</html>`, "nothing": ``, "array": `["c2VjcmV0"]`, "cut": `{"Plaintext":"c2VjcmV0"`,
		"twice": `{"Plaintext":"c2VjcmV0"}{}`, "duplicate": `{"Plaintext":"c2VjcmV0","Plaintext":"c2VjcmV0"}`,
		"no base64": `{"Plaintext":"c2Vjc-V0"}`, "cut base64": `{"Plaintext":"c2VjcmV"}`, "number": `{"Plaintext":123456}`,
		"object": `{"Plaintext":{"x":"c2VjcmV0"}}`, "empty": `{"Plaintext":""}`,
	} {
		s.answer = answer
		var x lockedjson.Exchange
		_, err := client.Decrypt(x.With(t.Context()), &kms.DecryptInput{CiphertextBlob: []byte("wrapped")})
		var reading *smithy.DeserializationError
		if !errors.As(err, &reading) || len(x.Received) != 0 {
			t.Errorf("%s: %v, received %v", name, err, x.Received)
		}
		if err != nil && (strings.Contains(err.Error(), "c2Vj") || strings.Contains(err.Error(), "123456")) {
			t.Errorf("%s: the key is in the error: %v", name, err)
		}
		x.Destroy()
	}
	s.answer = `{"KeyId":"id","Plaintext":null}`
	var x lockedjson.Exchange
	in := &kms.DecryptInput{CiphertextBlob: []byte("wrapped")}
	if _, err := client.Decrypt(x.With(t.Context()), in); err != nil || len(x.Received) != 0 {
		t.Errorf("null: %v, %v", err, x.Received)
	}
	x.Destroy()
	s.status, s.answer = http.StatusBadRequest, `{"__type":"DisabledException","message":"m"}`
	var disabled *types.DisabledException
	if _, err := client.Decrypt(x.With(t.Context()), in); !errors.As(err, &disabled) {
		t.Errorf("%v", err)
	}
	x.Destroy()
}

// TestSent: the key is in the request, first, whatever else is in it.
func TestSent(t *testing.T) {
	s, client := newService(t)
	s.answer = `{"CiphertextBlob":"d3JhcHBlZA=="}`
	key, err := seccache.Open(seccache.Prefer).NewSecret(32)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Destroy()
	copy(key.Bytes(), "a key of thirty-two bytes \x00\xff<>&\"")
	for _, id := range []string{"id", strings.Repeat("x", 200), `quoted"<>`} {
		x := lockedjson.Exchange{Name: "Plaintext", Value: key.Bytes()}
		out, err := client.Encrypt(x.With(t.Context()), &kms.EncryptInput{
			KeyId: &id, Plaintext: []byte{}, EncryptionContext: map[string]string{"Plaintext": "not this one"},
		})
		if err != nil || string(out.CiphertextBlob) != "wrapped" {
			t.Fatalf("%+v, %v", out, err)
		}
		var sent struct {
			KeyID             string `json:"KeyId"`
			Plaintext         []byte
			EncryptionContext map[string]string
		}
		if err := json.Unmarshal([]byte(s.request), &sent); err != nil {
			t.Fatalf("%s: %v", s.request, err)
		}
		if !bytes.Equal(sent.Plaintext, key.Bytes()) || sent.KeyID != id ||
			!reflect.DeepEqual(sent.EncryptionContext, map[string]string{"Plaintext": "not this one"}) {
			t.Errorf("sent %s", s.request)
		}
		// The whole key is in the first block of 64 bytes, of which the hash keeps nothing.
		if !strings.HasPrefix(s.request, `{"Plaintext":"`) || len(s.request) < 64 {
			t.Errorf("sent %s", s.request)
		}
		x.Destroy()
	}
}

// TestOtherTransport: answers that are not in locked memory are refused.
func TestOtherTransport(t *testing.T) {
	s, _ := newService(t)
	s.answer = `{"Plaintext":"c2VjcmV0"}`
	secret := map[string]lockedjson.Encoding{"Plaintext": lockedjson.Base64}
	protocol := lockedjson.New(schemas.TrentService, seccache.Open(seccache.Prefer), secret)
	client := kms.New(kms.Options{
		Region: "us-west-2", BaseEndpoint: &s.URL, HTTPClient: s.Client(), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}, func(o *kms.Options) { o.Protocol = protocol })
	var x lockedjson.Exchange
	defer x.Destroy()
	in := &kms.DecryptInput{CiphertextBlob: []byte("wrapped")}
	if _, err := client.Decrypt(x.With(t.Context()), in); err == nil || len(x.Received) != 0 {
		t.Errorf("%v, %v", err, x.Received)
	}
}
