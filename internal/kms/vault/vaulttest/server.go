// Package vaulttest is a stand-in for HashiCorp Vault in tests: the transit engine, four ways to log in, and tokens
// that end, over real HTTP and TLS. It is strict: a request that Vault would refuse, or that is not what its API
// documentation says, is refused and noted. What it cannot show is how a real Vault behaves beyond that API; for this
// there is the live test.
package vaulttest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The names of what the server has.
const (
	Mount      = "eng/transit"
	Key        = "system keys"
	RootToken  = "hvs.root"
	Role       = "asherah"
	RoleID     = "role-1"
	SecretID   = "secret-1"
	ServiceJWT = "eyJhbGciOi.service.account"
)

// Server is a stand-in for one Vault.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	life     time.Duration // of tokens that are made
	tokens   map[string]*lease
	keys     []cipher.AEAD // by version, from 1
	requests []string      // method and path of each
	problems []string
	fault    func(r *http.Request) *Fault
}

type lease struct {
	ends      time.Time // zero: never
	renewable bool
	lookup    bool
}

// Fault is what happens to a request in place of an answer.
type Fault struct {
	Delay  time.Duration
	Status int
	Body   string // with Status
	Cut    bool   // the connection is closed in the middle of the answer
}

// Start starts a server over TLS, or plain HTTP, and stops it with the test. A client certificate is asked for and
// looked at by the login by certificate only.
func Start(t testing.TB, secure bool) *Server {
	s := &Server{tokens: map[string]*lease{RootToken: {lookup: true}}}
	s.Rotate()
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if secure {
		s.TLS = certificates(t)
		s.StartTLS()
	} else {
		s.Server.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// Rotate adds a version of the key, which new wrappings use.
func (s *Server) Rotate() {
	var key [32]byte
	rand.Read(key[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, aead)
}

// LetTokensLive sets the life of tokens that logins make from now on; 0 is for ever.
func (s *Server) LetTokensLive(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = d
}

// AddToken makes a token that ends after a life, 0 for never. lookup says that it may look at itself.
func (s *Server) AddToken(name string, life time.Duration, renewable, lookup bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[name] = &lease{ends: end(life), renewable: renewable, lookup: lookup}
	s.life = life
}

// RevokeTokens ends every token but the root's.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]*lease{RootToken: s.tokens[RootToken]}
}

// OnRequest sets what decides on faults; nil: none.
func (s *Server) OnRequest(fault func(*http.Request) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Requests returns how many requests had a path with this suffix.
func (s *Server) Requests(suffix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if strings.HasSuffix(r, suffix) {
			n++
		}
	}
	return n
}

// Problems returns what was wrong with requests that were refused because of their form.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.problems...)
}

func end(life time.Duration) time.Time {
	if life == 0 {
		return time.Time{}
	}
	return time.Now().Add(life)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	decide := s.fault
	s.mu.Unlock()
	if decide != nil {
		if fault := decide(r); fault != nil {
			fault.happen(w, r)
			return
		}
	}
	code, answer := s.answer(r)
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(text)
}

func (f *Fault) happen(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection is not noticed
	select {
	case <-time.After(f.Delay):
	case <-r.Context().Done():
		return
	}
	if f.Cut {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"data":`))
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
}

type object = map[string]any

func failed(code int, format string, args ...any) (int, object) {
	return code, object{"errors": []string{fmt.Sprintf(format, args...)}}
}

func (s *Server) answer(r *http.Request) (int, object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	given := map[string]string{}
	if problem := read(r, given); problem != "" {
		s.problems = append(s.problems, r.URL.Path+": "+problem)
		return failed(http.StatusBadRequest, "%s", problem)
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	if strings.HasSuffix(path, "/login") {
		return s.logIn(path, r, given)
	}
	name := r.Header.Get("X-Vault-Token")
	held := s.tokens[name]
	if held == nil || !held.ends.IsZero() && time.Now().After(held.ends) {
		return failed(http.StatusForbidden, "permission denied")
	}
	switch r.Method + " " + path {
	case "GET auth/token/lookup-self":
		if !held.lookup {
			return failed(http.StatusForbidden, "1 error occurred: permission denied")
		}
		ttl := 0
		if !held.ends.IsZero() {
			ttl = int(time.Until(held.ends).Round(time.Second).Seconds())
		}
		return http.StatusOK, object{"request_id": "r", "data": object{"ttl": ttl, "renewable": held.renewable}}
	case "POST auth/token/renew-self":
		if !held.renewable {
			return failed(http.StatusBadRequest, "lease is not renewable")
		}
		held.ends = end(s.life)
		return http.StatusOK, object{"auth": object{
			"client_token": name, "renewable": true, "lease_duration": int(s.life.Seconds()),
		}}
	case "POST " + Mount + "/encrypt/" + Key:
		return s.encrypt(given)
	case "POST " + Mount + "/decrypt/" + Key:
		return s.decrypt(given)
	case "POST " + Mount + "/encrypt/other", "POST " + Mount + "/decrypt/other":
		return failed(http.StatusBadRequest, "encryption key not found")
	}
	return failed(http.StatusNotFound, "no handler for route %q. route entry not found.", path)
}

// read reads the members of a request's body, all of them strings.
func read(r *http.Request, members map[string]string) string {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	switch {
	case err != nil:
		return "body: " + err.Error()
	case r.Header.Get("X-Vault-Request") != "true":
		return "no header X-Vault-Request"
	case r.Method == http.MethodGet && len(body) == 0:
		return ""
	case r.Header.Get("Content-Type") != "application/json":
		return "no JSON content type"
	case r.ContentLength != int64(len(body)):
		return "no content length"
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&members); err != nil {
		return "no object of strings: " + err.Error()
	}
	if d.More() {
		return "text after the object"
	}
	return ""
}

func only(given map[string]string, names ...string) bool {
	for _, name := range names {
		if given[name] == "" {
			return false
		}
	}
	return len(given) == len(names)
}

func (s *Server) encrypt(given map[string]string) (int, object) {
	plain, err := base64.StdEncoding.DecodeString(given["plaintext"])
	if err != nil || !only(given, "plaintext") {
		return failed(http.StatusBadRequest, "failed to base64-decode plaintext")
	}
	version := len(s.keys)
	nonce := make([]byte, 12)
	rand.Read(nonce)
	text := base64.StdEncoding.EncodeToString(s.keys[version-1].Seal(nonce, nonce, plain, nil))
	return http.StatusOK, object{
		"request_id": "r",
		"data":       object{"ciphertext": fmt.Sprintf("vault:v%d:%s", version, text), "key_version": version},
	}
}

func (s *Server) decrypt(given map[string]string) (int, object) {
	var version int
	var text string
	if _, err := fmt.Sscanf(given["ciphertext"], "vault:v%d:%s", &version, &text); err != nil || !only(given, "ciphertext") {
		return failed(http.StatusBadRequest, "invalid ciphertext: no prefix")
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sealed) < 28 || version < 1 || version > len(s.keys) {
		return failed(http.StatusBadRequest, "invalid ciphertext: could not decode")
	}
	plain, err := s.keys[version-1].Open(nil, sealed[:12], sealed[12:], nil)
	if err != nil {
		return failed(http.StatusBadRequest, "cipher: message authentication failed")
	}
	return http.StatusOK, object{"data": object{"plaintext": base64.StdEncoding.EncodeToString(plain)}}
}

func (s *Server) logIn(path string, r *http.Request, given map[string]string) (int, object) {
	ok := false
	switch path {
	case "auth/kubernetes/login", "auth/k8s/east/login":
		ok = only(given, "role", "jwt") && given["role"] == Role && given["jwt"] == ServiceJWT
	case "auth/approle/login":
		ok = only(given, "role_id", "secret_id") && given["role_id"] == RoleID && given["secret_id"] == SecretID
	case "auth/cert/login":
		named := len(given) == 0 || only(given, "name") && given["name"] == Role
		ok = named && r.TLS != nil && len(r.TLS.PeerCertificates) == 1
	default:
		return failed(http.StatusNotFound, "no handler for route %q. route entry not found.", path)
	}
	if !ok {
		return failed(http.StatusBadRequest, "invalid role or secret ID")
	}
	name := fmt.Sprintf("hvs.token-%d", len(s.requests))
	s.tokens[name] = &lease{ends: end(s.life), renewable: s.life > 0, lookup: true}
	return http.StatusOK, object{"auth": object{
		"client_token": name, "renewable": s.life > 0, "lease_duration": int(s.life.Seconds()),
	}}
}

// Wrap makes what the engine would of a plaintext of any length.
func (s *Server) Wrap(plaintext []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, answer := s.encrypt(map[string]string{"plaintext": base64.StdEncoding.EncodeToString(plaintext)})
	data, _ := answer["data"].(object)
	text, _ := data["ciphertext"].(string)
	return text
}
