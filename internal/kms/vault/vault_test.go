package vault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/kmstest"
	"github.com/libasherah/libasherah/internal/kms/vault/vaulttest"
	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func secret(t *testing.T, text string) *seccache.Secret {
	t.Helper()
	s, err := seccache.Open(seccache.Prefer).NewSecret(len(text))
	if err != nil {
		t.Fatal(err)
	}
	copy(s.Bytes(), text)
	return s
}

func byToken(t *testing.T, text string) Login { return Login{Method: Token, Token: secret(t, text)} }

func options(t *testing.T, s *vaulttest.Server, login Login) Options {
	o := Options{Address: s.URL + "/", Key: vaulttest.Key, Mount: "/" + vaulttest.Mount + "/", Login: login}
	if s.TLS != nil {
		o.CACert = s.CACert(t)
	}
	return o
}

func open(t *testing.T, o Options) *KMS {
	t.Helper()
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

// roundTrip wraps a key and unwraps it.
func roundTrip(t *testing.T, k *KMS) error {
	t.Helper()
	key := secret(t, "0123456789abcdef0123456789abcdef")
	defer key.Destroy()
	blob, err := k.EncryptKey(t.Context(), key, 1, false)
	if err != nil {
		return err
	}
	again, err := k.DecryptKey(t.Context(), blob, 1, false)
	if err != nil {
		return err
	}
	defer again.Destroy()
	if string(again.Bytes()) != string(key.Bytes()) {
		t.Error("another key came back")
	}
	return nil
}

// TestRotatedKey: what an older version of the key has wrapped opens, and new keys are wrapped by the newest.
func TestRotatedKey(t *testing.T) {
	s := vaulttest.Start(t, false)
	k := open(t, options(t, s, byToken(t, vaulttest.RootToken)))
	key := secret(t, "0123456789abcdef0123456789abcdef")
	defer key.Destroy()
	var blobs [][]byte
	for _, version := range []string{"vault:v1:", "vault:v2:"} {
		blob, err := k.EncryptKey(t.Context(), key, 1, false)
		if err != nil || !strings.HasPrefix(string(blob), version) {
			t.Fatalf("%.20q, %v; want %s", blob, err, version)
		}
		blobs = append(blobs, blob)
		s.Rotate()
	}
	for _, blob := range blobs {
		again, err := k.DecryptKey(t.Context(), blob, 1, false)
		if err != nil || string(again.Bytes()) != string(key.Bytes()) {
			t.Fatalf("%.20q does not open: %v", blob, err)
		}
		again.Destroy()
	}
}

func TestConformance(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("tls %t", secure), func(t *testing.T) {
			own, other := vaulttest.Start(t, secure), vaulttest.Start(t, secure)
			kmstest.Run(t, kmstest.Harness{
				Open:     func(t *testing.T) envelope.KMS { return open(t, options(t, own, byToken(t, vaulttest.RootToken))) },
				Stranger: func(t *testing.T) envelope.KMS { return open(t, options(t, other, byToken(t, vaulttest.RootToken))) },
				Wrap:     func(_ *testing.T, key []byte) []byte { return []byte(own.Wrap(key)) },
			})
			if problems := own.Problems(); problems != nil {
				t.Errorf("requests that are not Vault's: %q", problems)
			}
		})
	}
}

func TestLogins(t *testing.T) {
	s := vaulttest.Start(t, true)
	jwt := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(jwt, []byte(vaulttest.ServiceJWT+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	certificate, key := vaulttest.Certificate(t)
	for name, login := range map[string]Login{
		"token":           byToken(t, vaulttest.RootToken),
		"kubernetes":      {Method: Kubernetes, Role: vaulttest.Role, TokenPath: jwt},
		"mount":           {Method: Kubernetes, Role: vaulttest.Role, TokenPath: jwt, Mount: "k8s/east"},
		"approle":         {Method: AppRole, RoleID: vaulttest.RoleID, SecretID: secret(t, vaulttest.SecretID)},
		"cert":            {Method: Certificate, ClientCert: certificate, ClientKey: key},
		"cert for a role": {Method: Certificate, ClientCert: certificate, ClientKey: key, Role: vaulttest.Role},
	} {
		if err := roundTrip(t, open(t, options(t, s, login))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, login := range map[string]Login{
		"token":             byToken(t, "hvs.unknown"),
		"kubernetes role":   {Method: Kubernetes, Role: "other", TokenPath: jwt},
		"kubernetes file":   {Method: Kubernetes, Role: vaulttest.Role, TokenPath: jwt + "x"},
		"approle":           {Method: AppRole, RoleID: vaulttest.RoleID, SecretID: secret(t, "wrong")},
		"approle no secret": {Method: AppRole, RoleID: vaulttest.RoleID},
		"mount":             {Method: AppRole, RoleID: vaulttest.RoleID, Mount: "other"},
	} {
		if err := roundTrip(t, open(t, options(t, s, login))); err == nil {
			t.Errorf("%s: wrapped", name)
		}
	}
	if problems := s.Problems(); problems != nil {
		t.Errorf("requests that are not Vault's: %q", problems)
	}
}

func TestOptions(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	good := func() Options {
		return Options{Address: "https://vault.example:8200", Key: "key", Login: byToken(t, "t")}
	}
	for name, spoil := range map[string]func(*Options){
		"VaultAddr is missing":            func(o *Options) { o.Address = "" },
		"VaultAddr has no scheme":         func(o *Options) { o.Address = "vault:8200" },
		"VaultAddr has a user":            func(o *Options) { o.Address = "https://user:password@vault" },
		"VaultAddr has a query":           func(o *Options) { o.Address += "?x=y" },
		"VaultTransitKey":                 func(o *Options) { o.Key = "" },
		"VaultCACert is no file":          func(o *Options) { o.CACert = "/nonexistent" },
		"VaultCACert is no PEM":           func(o *Options) { o.CACert = os.Args[0] },
		"VaultToken":                      func(o *Options) { o.Login.Token.Destroy(); o.Login.Token = nil },
		"VaultAuthMethod":                 func(o *Options) { o.Login.Method = "ldap" },
		"VaultAuthRole":                   func(o *Options) { o.Login.Method = Kubernetes },
		"VaultApproleRoleId":              func(o *Options) { o.Login.Method = AppRole },
		"VaultClientCert and its key too": func(o *Options) { o.Login.Method = Certificate },
	} {
		o := good()
		spoil(&o)
		k, err := New(o)
		field, _, _ := strings.Cut(name, " ")
		if k != nil || envelope.CodeOf(err) != envelope.Configuration || !strings.Contains(err.Error(), field) ||
			strings.Contains(err.Error(), "password") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
}

// A file that cannot be read is told apart from one that holds something else, and a path that nobody gave is named.
func TestFilesOfTheLogin(t *testing.T) {
	certificate, key := vaulttest.Certificate(t)
	const none = "/nonexistent"
	for want, login := range map[string]Login{
		"VaultClientCert names cannot be read":                                   {Method: Certificate, ClientCert: none, ClientKey: key},
		"VaultClientKey names cannot be read":                                    {Method: Certificate, ClientCert: certificate, ClientKey: none},
		"VaultClientCert and VaultClientKey name are no certificate and its key": {Method: Certificate, ClientCert: certificate, ClientKey: os.Args[0]},
	} {
		k, err := New(Options{Address: "https://vault.example:8200", Key: "key", Login: login})
		if k != nil || envelope.CodeOf(err) != envelope.Configuration || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	for path, want := range map[string]string{none: "which VaultK8sTokenPath names", "": serviceAccountToken + " as VaultK8sTokenPath is not set"} {
		if _, err := os.Stat(serviceAccountToken); err == nil && path == "" {
			continue // a pod
		}
		k := open(t, Options{Address: "https://vault.example:8200", Key: "key", Login: Login{Method: Kubernetes, Role: "r", TokenPath: path}})
		if err := roundTrip(t, k); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), none) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// Where there was no answer, the log line has no status and no words of one.
func TestLinesOfFailures(t *testing.T) {
	for want, f := range map[string]*failure{
		"Vault was asked to log in: " + string(unreachable) + ": refused": {class: unreachable, what: "log in", cause: errors.New("refused")},
		"Vault was asked to log in: " + string(denied) + ": HTTP 403: no": {class: denied, what: "log in", code: 403, words: "no"},
	} {
		if got := f.Error(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestFailuresHaveClasses(t *testing.T) {
	s := vaulttest.Start(t, false)
	for _, c := range []struct {
		fault vaulttest.Fault
		code  envelope.Code
		words string
		sent  int
	}{
		{vaulttest.Fault{Status: 403, Body: `{"errors":["permission denied"]}`}, envelope.KMSFailed, "denied", 1},
		{vaulttest.Fault{Status: 404, Body: `{"errors":[]}`}, envelope.KMSFailed, "not found", 1},
		{vaulttest.Fault{Status: 400, Body: `{"errors":["encryption key not found"]}`}, envelope.KMSFailed, "not found", 1},
		{vaulttest.Fault{Status: 400, Body: `{"errors":["secret words"]}`}, envelope.KMSFailed, "refused", 1},
		{vaulttest.Fault{Status: 429, Body: `{"errors":["quota"]}`}, envelope.KMSFailed, "throttled", attempts},
		{vaulttest.Fault{Status: 429}, envelope.KMSFailed, "unavailable", attempts},
		{vaulttest.Fault{Status: 503, Body: `{"errors":["Vault is sealed"]}`}, envelope.KMSFailed, "unavailable", attempts},
		{vaulttest.Fault{Status: 500, Body: "<html>"}, envelope.KMSFailed, "failing", attempts},
		{vaulttest.Fault{Status: 307}, envelope.KMSFailed, "refused", 1},
		{vaulttest.Fault{Cut: true}, envelope.KMSFailed, "unreachable", attempts + 1}, // once more on a fresh connection
		{vaulttest.Fault{Status: 200, Body: "<html>"}, envelope.KMSFailed, "no text data.ciphertext", 1},
		{vaulttest.Fault{Status: 200, Body: `{"data":{"ciphertext":"x"}}`}, envelope.KMSFailed, "no text of the transit engine", 1},
		{vaulttest.Fault{Status: 200, Body: `{"data":{"ciphertext":7}}`}, envelope.KMSFailed, "no text data.ciphertext", 1},
		{vaulttest.Fault{Delay: time.Minute}, envelope.TimedOut, "timed out", attempts},
	} {
		o := options(t, s, byToken(t, vaulttest.RootToken))
		if c.fault.Delay > 0 {
			o.AttemptTimeout = 50 * time.Millisecond
		}
		k := open(t, o)
		if err := roundTrip(t, k); err != nil {
			t.Fatal(err)
		}
		before := s.Requests("encrypt/" + vaulttest.Key)
		s.OnRequest(func(*http.Request) *vaulttest.Fault { return &c.fault })
		err := roundTrip(t, k)
		s.OnRequest(nil)
		if envelope.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "secret words") {
			t.Errorf("%+v: %d %v", c.fault, envelope.CodeOf(err), err)
		}
		if sent := s.Requests("encrypt/"+vaulttest.Key) - before; sent != c.sent {
			t.Errorf("%+v: %d requests, want %d", c.fault, sent, c.sent)
		}
		if err := roundTrip(t, k); err != nil {
			t.Errorf("%+v: afterwards %v", c.fault, err)
		}
	}
}

func TestPassingFailureIsRepeated(t *testing.T) {
	s := vaulttest.Start(t, false)
	var failures atomic.Int32
	s.OnRequest(func(r *http.Request) *vaulttest.Fault {
		if strings.Contains(r.URL.Path, "crypt/") && failures.Add(1)%3 != 0 {
			return &vaulttest.Fault{Status: 503, Body: `{"errors":["Vault is sealed"]}`}
		}
		return nil
	})
	if err := roundTrip(t, open(t, options(t, s, byToken(t, vaulttest.RootToken)))); err != nil {
		t.Error(err)
	}
}

func TestUnreachableAndUntrusted(t *testing.T) {
	s := vaulttest.Start(t, true)
	o := options(t, s, byToken(t, vaulttest.RootToken))
	o.CACert = ""
	err := roundTrip(t, open(t, o))
	if err == nil || !strings.Contains(err.Error(), "certificate is not trusted") {
		t.Errorf("untrusted: %v", err)
	}
	gone := vaulttest.Start(t, false)
	o = options(t, gone, byToken(t, vaulttest.RootToken))
	gone.Close()
	err = roundTrip(t, open(t, o))
	if envelope.CodeOf(err) != envelope.KMSFailed || !strings.Contains(err.Error(), "unreachable") ||
		strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("gone: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	s := vaulttest.Start(t, false)
	k := open(t, options(t, s, byToken(t, vaulttest.RootToken)))
	s.OnRequest(func(*http.Request) *vaulttest.Fault { return &vaulttest.Fault{Delay: time.Minute} })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := k.DecryptKey(ctx, []byte("vault:v1:AAAA"), 1, false)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A redirect to another node takes the token along, but not to a plain connection.
func TestRedirects(t *testing.T) {
	active := vaulttest.Start(t, true)
	plain := vaulttest.Start(t, false)
	for _, c := range []struct {
		to *vaulttest.Server
		ok bool
	}{{active, true}, {plain, false}} {
		standby := vaulttest.Start(t, true)
		standby.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, c.to.URL+r.URL.EscapedPath(), http.StatusTemporaryRedirect)
		})
		o := options(t, standby, byToken(t, vaulttest.RootToken))
		both := filepath.Join(t.TempDir(), "both.pem")
		var text []byte
		for _, s := range []*vaulttest.Server{standby, active} {
			one, err := os.ReadFile(s.CACert(t))
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, one...)
		}
		if err := os.WriteFile(both, text, 0o600); err != nil {
			t.Fatal(err)
		}
		o.CACert = both
		if err := roundTrip(t, open(t, o)); (err == nil) != c.ok {
			t.Errorf("to %s: %v", c.to.URL, err)
		}
	}
	if n := plain.Requests(""); n != 0 {
		t.Errorf("%d requests went to a plain connection", n)
	}
}

func TestTokensEndAndAreMadeAnew(t *testing.T) {
	s := vaulttest.Start(t, false)
	s.LetTokensLive(0)
	k := open(t, options(t, s, Login{Method: AppRole, RoleID: vaulttest.RoleID, SecretID: secret(t, vaulttest.SecretID)}))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := roundTrip(t, k); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := s.Requests("/login"); n != 1 {
		t.Errorf("%d logins for 20 callers", n)
	}
	s.RevokeTokens()
	if err := roundTrip(t, k); err != nil {
		t.Errorf("after the token was revoked: %v", err)
	}
	if n := s.Requests("/login"); n != 2 {
		t.Errorf("%d logins", n)
	}
	// A token near its end is not used.
	s.LetTokensLive(time.Second)
	s.RevokeTokens()
	for i := range 2 {
		time.Sleep(time.Duration(i) * 920 * time.Millisecond)
		if err := roundTrip(t, k); err != nil {
			t.Error(err)
		}
	}
	if n := s.Requests("/login"); n != 4 && s.Requests("renew-self") == 0 {
		t.Errorf("%d logins", n)
	}
}

// Without renewal the token of the configuration would end.
func TestTokenIsRenewed(t *testing.T) {
	s := vaulttest.Start(t, false)
	s.AddToken("hvs.short", 3*time.Second, true, true)
	k := open(t, options(t, s, byToken(t, "hvs.short")))
	if err := roundTrip(t, k); err != nil {
		t.Fatal(err)
	}
	// The first renewal fails.
	var failures atomic.Int32
	s.OnRequest(func(r *http.Request) *vaulttest.Fault {
		if strings.HasSuffix(r.URL.Path, "renew-self") && failures.Add(1) <= attempts {
			return &vaulttest.Fault{Status: 500}
		}
		return nil
	})
	s.LetTokensLive(time.Hour)
	deadline := time.Now().Add(20 * time.Second)
	for s.Requests("renew-self") <= attempts && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(2 * time.Second)
	if err := roundTrip(t, k); err != nil {
		t.Error(err)
	}
	if n := s.Requests("renew-self"); n != attempts+1 {
		t.Errorf("%d renewals", n)
	}
}

func TestTokenThatMayNotLookAtItself(t *testing.T) {
	var lines []string
	hooks.SetLog(func(_ hooks.Level, _, line string) { lines = append(lines, line) }, 0, hooks.Warn, true)
	defer hooks.ClearLog()
	s := vaulttest.Start(t, false)
	s.AddToken("hvs.blind", 0, false, false)
	if err := roundTrip(t, open(t, options(t, s, byToken(t, "hvs.blind")))); err != nil {
		t.Error(err)
	}
	for _, line := range lines {
		if strings.Contains(line, "hvs.") || strings.Contains(line, "vault:v1:") {
			t.Errorf("a line with a secret: %s", line)
		}
	}
}

func TestClosed(t *testing.T) {
	s := vaulttest.Start(t, false)
	before := seccache.ReadStats().LiveSecrets
	k, err := New(options(t, s, Login{Method: AppRole, RoleID: vaulttest.RoleID, SecretID: secret(t, vaulttest.SecretID)}))
	if err != nil {
		t.Fatal(err)
	}
	if err := roundTrip(t, k); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_ = k.Close()
	}
	if err := roundTrip(t, k); envelope.CodeOf(err) != envelope.KMSFailed {
		t.Error(err)
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
}

// TestLive runs against a Vault with a transit key, for example one started with "vault server -dev".
func TestLive(t *testing.T) {
	address := os.Getenv("ASHERAH_TEST_VAULT")
	if address == "" {
		t.Skip("ASHERAH_TEST_VAULT is not set: it is the address of a Vault, with VAULT_TOKEN and VAULT_TRANSIT_KEY beside it")
	}
	o := Options{
		Address: address, Key: os.Getenv("VAULT_TRANSIT_KEY"), Mount: os.Getenv("VAULT_TRANSIT_MOUNT"),
		CACert: os.Getenv("VAULT_CACERT"), Login: byToken(t, os.Getenv("VAULT_TOKEN")),
	}
	if err := roundTrip(t, open(t, o)); err != nil {
		t.Error(err)
	}
}
