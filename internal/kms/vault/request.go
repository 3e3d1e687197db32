package vault

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/seccache"
)

// attempts bounds how often a request is sent whose failure may pass.
const attempts = 3

// firstPause is the pause before the second attempt; it doubles, and half of it is random.
const firstPause = 50 * time.Millisecond

// client makes the HTTP client, with nothing of the process's environment in it. The transport reads a request's body
// before it returns, and leaves nothing of bodies in its buffers.
func (o *Options) client() (*http.Client, error) {
	address, err := url.Parse(o.Address)
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" ||
		address.User != nil || address.RawQuery != "" || address.Fragment != "" {
		return nil, refuse("VaultAddr must be a URL such as https://host:8200, with no user, query or fragment")
	}
	o.Address = strings.TrimRight(o.Address, "/")
	if address.Scheme == "http" && !isLocal(address.Hostname()) {
		hooks.Log(hooks.Warn, "vault", "VaultAddr is not https: system keys cross the network in the clear")
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CACert != "" {
		text, err := os.ReadFile(o.CACert)
		if err != nil {
			return nil, refuse("the file that VaultCACert names cannot be read")
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(text) {
			return nil, refuse("the file that VaultCACert names holds no certificate in PEM form")
		}
	}
	if o.Login.Method == Certificate {
		pair, err := o.Login.pair()
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{
		Transport: &secrethttp.Transport{TLS: settings, Memory: o.Memory},
		// A standby node sends clients to the active one. The token goes along, so never to a plain connection.
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > 2 || next.URL.Scheme != before[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}, nil
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// escaped escapes every part of a path.
func escaped(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

// ask sends a request, again if its failure may pass, and returns the answer. what says what is asked for, for errors.
// body is in locked memory and may be destroyed afterwards.
func (k *KMS) ask(ctx context.Context, method, path, token string, body []byte, what string) (*answer, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		answer, err := k.askOnce(ctx, method, path, token, body, what)
		var failed *failure
		if err == nil || !errors.As(err, &failed) || !failed.class.passing() || attempt == attempts {
			return answer, asEnvelope(err)
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
			pause *= 2
		case <-ctx.Done():
			return nil, asEnvelope(err)
		}
	}
}

func (k *KMS) askOnce(ctx context.Context, method, path, token string, body []byte, what string) (*answer, error) {
	attempt, cancel := context.WithTimeout(ctx, k.options.AttemptTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(attempt, method, k.options.Address+"/v1/"+path, nil)
	if err != nil {
		return nil, &failure{class: unreachable, what: what, cause: err}
	}
	if body != nil {
		request.ContentLength = int64(len(body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		request.Body, _ = request.GetBody()
		request.Header.Set("Content-Type", "application/json")
	}
	// Vault refuses requests without this header where an administrator asks for it.
	request.Header.Set("X-Vault-Request", "true")
	if token != "" {
		request.Header.Set("X-Vault-Token", token)
	}
	if k.options.Namespace != "" {
		request.Header.Set("X-Vault-Namespace", k.options.Namespace)
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, &failure{class: classOf(ctx, err), what: what, cause: err}
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := k.read(response.Body)
	if err != nil {
		return nil, &failure{class: classOf(ctx, err), what: what, cause: err}
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
		defer answer.Destroy()
		return nil, answer.failure(response.StatusCode, what)
	}
	return answer, nil
}

// classOf tells a time-out from a server that cannot be reached. A caller who gave up gets the error of the context.
func classOf(ctx context.Context, err error) class {
	var network net.Error
	switch {
	case ctx.Err() != nil:
		return ended
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return timedOut
	}
	var invalid *tls.CertificateVerificationError
	if errors.As(err, &invalid) {
		return untrusted
	}
	return unreachable
}

// maxAnswer is how much of an answer is read, in bytes: those of Vault are far shorter, pages of proxies may be longer.
const maxAnswer = 16 << 10

// read reads an answer straight into locked memory.
func (k *KMS) read(body io.Reader) (*answer, error) {
	memory, err := k.options.Memory.NewSecret(maxAnswer)
	if err != nil {
		return nil, err
	}
	n, err := io.ReadFull(body, memory.Bytes())
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		memory.Destroy()
		return nil, err
	}
	return &answer{Secret: memory, json: memory.Bytes()[:n], memory: k.options.Memory}, nil
}

func refuse(format string, args ...any) error {
	return envelope.Errorf(envelope.Configuration, nil, format, args...)
}

// answer is what Vault answered.
type answer struct {
	*seccache.Secret
	json   []byte
	memory *seccache.Arena
}
