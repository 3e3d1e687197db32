package awstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region = "eu-west-1"

// client trusts the cloud and keeps no connection.
func client(t *testing.T, c *Cloud) *http.Client {
	t.Helper()
	text, err := os.ReadFile(c.CABundle())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
}

// request is one that the SDK's signer has signed.
func request(t *testing.T, r *Region, target, body string, change func(*aws.Credentials, *time.Time)) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	pair, at := aws.Credentials{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey}, time.Now()
	if change != nil {
		change(&pair, &at)
	}
	hash := sha256.Sum256([]byte(body))
	err = v4.NewSigner().SignHTTP(t.Context(), pair, req, hex.EncodeToString(hash[:]), "kms", r.Name, at)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func send(t *testing.T, c *http.Client, req *http.Request) (int, string) {
	t.Helper()
	answer, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// TestSignatures: whatever is changed after signing, or is wrong before, is refused with the code of AWS.
func TestSignatures(t *testing.T) {
	c := New(t, region)
	r := c.Region(region)
	arn := r.AddKey("1234", "")
	body := `{"KeyId":"` + arn + `","KeySpec":"AES_256"}`
	http := client(t, c)
	signed := func(change func(*aws.Credentials, *time.Time)) (int, string) {
		return send(t, http, request(t, r, "TrentService.GenerateDataKey", body, change))
	}
	if status, text := signed(nil); status != 200 || !strings.Contains(text, `"Plaintext":"`) {
		t.Fatalf("a good request: %d %s", status, text)
	}
	for name, tc := range map[string]struct {
		code string
		do   func() (int, string)
	}{
		"secret": {"InvalidSignatureException", func() (int, string) {
			return signed(func(p *aws.Credentials, _ *time.Time) { p.SecretAccessKey += "x" })
		}},
		"unknown": {"UnrecognizedClientException", func() (int, string) {
			return signed(func(p *aws.Credentials, _ *time.Time) { p.AccessKeyID = "AKIDOTHER" })
		}},
		"token": {"UnrecognizedClientException", func() (int, string) {
			return signed(func(p *aws.Credentials, _ *time.Time) { p.SessionToken = "token" })
		}},
		"clock": {"InvalidSignatureException", func() (int, string) {
			return signed(func(_ *aws.Credentials, at *time.Time) { *at = at.Add(-time.Hour) })
		}},
		"body": {"InvalidSignatureException", func() (int, string) {
			req := request(t, r, "TrentService.GenerateDataKey", body, nil)
			req.Body = io.NopCloser(strings.NewReader(strings.Replace(body, "256", "128", 1)))
			return send(t, http, req)
		}},
		"target": {"InvalidSignatureException", func() (int, string) {
			req := request(t, r, "TrentService.Encrypt", body, nil)
			req.Header.Set("X-Amz-Target", "TrentService.GenerateDataKey")
			return send(t, http, req)
		}},
		"unsigned": {"MissingAuthenticationTokenException", func() (int, string) {
			req := request(t, r, "TrentService.GenerateDataKey", body, nil)
			req.Header.Del("Authorization")
			return send(t, http, req)
		}},
		"expired": {"ExpiredTokenException", func() (int, string) {
			c.Expire(AccessKeyID, true)
			defer c.Expire(AccessKeyID, false)
			return signed(nil)
		}},
	} {
		if status, text := tc.do(); status != 400 || !strings.Contains(text, tc.code) {
			t.Errorf("%s: %d %s; want %s", name, status, text, tc.code)
		}
	}
}

// TestBlackHole: packets are dropped, not refused, and nothing is answered on a connection that is there.
func TestBlackHole(t *testing.T) {
	c := New(t, region)
	r := c.Region(region)
	address := strings.TrimPrefix(r.URL, "https://")
	kept, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	for range 2 {
		r.BlackHole(true)
		_, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("connecting to a black hole: %v", err)
		}
		r.BlackHole(false)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		again, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		cancel()
		if err != nil {
			t.Fatalf("connecting afterwards: %v", err)
		}
		again.Close()
	}
	r.BlackHole(true)
	_, _ = kept.Write(bytes.Repeat([]byte("x"), 100))
	_ = kept.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := kept.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("an answer out of a black hole: %d, %v", n, err)
	}
}
