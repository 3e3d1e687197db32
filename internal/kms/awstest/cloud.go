// Package awstest is an AWS for tests: KMS, Secrets Manager and STS over HTTP and TLS on this machine, one server for
// each region. It checks every signature against its own reading of SigV4, and the form of every request; its KMS
// really encrypts. Regions fail on demand, in each way in which real ones do.
package awstest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is the account of every ARN, which no message for a caller may have in it.
const Account = "111122223333"

// Cloud is all regions, and what they share. It is safe for concurrent use and ends with the test.
type Cloud struct {
	tb        testing.TB
	authority *authority

	mu          sync.Mutex
	regions     map[string]*Region
	credentials map[string]*credential
	calls       []Call
	requests    int
	plaintexts  [][]byte
}

// Region is one region: a server for all services.
type Region struct {
	Name string
	URL  string // https

	cloud  *Cloud
	gate   *gate
	server *httptest.Server

	mu      sync.Mutex
	keys    map[string]*key // by ARN, id and alias
	secrets map[string]*secret
	fault   func(Call) *Fault
	skew    time.Duration
	vectors bool
}

// Call is a request that a region was asked, in the order of their arrival. Op is the name of the operation. ID is what
// it is about: a key, a secret or a role, as the request has it.
type Call struct {
	Region, Op, ID, Body, RequestID string
}

// New makes a cloud with a pair of credentials, those of Credentials, and the named regions.
func New(tb testing.TB, regions ...string) *Cloud {
	tb.Helper()
	c := &Cloud{
		tb: tb, authority: newAuthority(tb), regions: map[string]*Region{}, credentials: map[string]*credential{},
	}
	c.AddCredentials(AccessKeyID, SecretAccessKey, "")
	for _, name := range regions {
		r := &Region{Name: name, cloud: c, gate: newGate(tb), keys: map[string]*key{}, secrets: map[string]*secret{}}
		encrypted := &tls.Config{GetCertificate: c.authority.certificate, MinVersion: tls.VersionTLS12}
		r.server = &httptest.Server{
			Listener: tls.NewListener(r.gate, encrypted),
			Config:   &http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0)},
		}
		r.server.Start()
		r.URL = "https://" + r.gate.Addr().String()
		tb.Cleanup(r.server.Close)
		tb.Cleanup(func() { r.BlackHole(false) }) // before the server is closed
		c.regions[name] = r
	}
	return c
}

// CABundle is the file of the authority that has signed the servers' certificates.
func (c *Cloud) CABundle() string { return c.authority.file }

// Region returns a region that New has made.
func (c *Cloud) Region(name string) *Region {
	r := c.regions[name]
	if r == nil {
		c.tb.Fatalf("there is no region %s", name)
	}
	return r
}

// Environment returns a look-up of what a process needs to talk to this cloud: credentials and authority, and the pairs
// of name and value that follow.
func (c *Cloud) Environment(pairs ...string) func(string) (string, bool) {
	variables := map[string]string{
		"AWS_ACCESS_KEY_ID": AccessKeyID, "AWS_SECRET_ACCESS_KEY": SecretAccessKey, "AWS_CA_BUNDLE": c.CABundle(),
		"AWS_EC2_METADATA_DISABLED": "true",
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		variables[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) { value, ok := variables[name]; return value, ok }
}

// Calls returns what was asked of these operations, in order; without operations everything.
func (c *Cloud) Calls(ops ...string) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.calls), func(call Call) bool {
		return len(ops) > 0 && !slices.Contains(ops, call.Op)
	})
}

// Forget empties the list of Calls.
func (c *Cloud) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
}

// Plaintexts returns every key that KMS has handed out in the clear.
func (c *Cloud) Plaintexts() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.plaintexts)
}

func (c *Cloud) handOut(plaintext []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plaintexts = append(c.plaintexts, plaintext)
}

// RegionsAsked returns the regions of Calls, in order, joined by blanks.
func (c *Cloud) RegionsAsked(ops ...string) string {
	var names []string
	for _, call := range c.Calls(ops...) {
		names = append(names, call.Region)
	}
	return strings.Join(names, " ")
}

// ServeHTTP answers one request.
func (r *Region) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the client has gone
	}
	call := Call{Region: r.Name, Body: string(body), RequestID: r.cloud.newRequestID()}
	w.Header().Set("X-Amzn-Requestid", call.RequestID)
	w.Header().Set("Date", r.now().UTC().Format(http.TimeFormat))
	service, op, answer := r.operation(req, body, &call)
	if answer == nil {
		r.cloud.tb.Errorf("awstest: %s was asked for something unknown: %s %s, %v", r.Name, req.Method, req.URL, req.Header)
		w.WriteHeader(http.StatusNotFound)
		return
	}
	call.Op = op
	r.cloud.note(call)
	if fault := r.faultFor(call); fault != nil && fault.serve(w, req) {
		return
	} else if fault != nil && fault.Plaintext != nil {
		answer = fault.tamper(answer)
	}
	if failure := r.verify(req, body, service); failure != nil {
		failure.write(w, service)
		return
	}
	answer(w)
}

func (c *Cloud) newRequestID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", c.requests)
}

func (c *Cloud) note(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
}

func (r *Region) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.skew)
}

// SetClock sets the region's clock wrong by skew.
func (r *Region) SetClock(skew time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skew = skew
}

// Regions returns the names of all regions, sorted.
func (c *Cloud) Regions() []string { return slices.Sorted(maps.Keys(c.regions)) }
