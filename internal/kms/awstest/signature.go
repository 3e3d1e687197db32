package awstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The credentials that every cloud knows.
const (
	AccessKeyID     = "AKIDEXAMPLE"
	SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

type credential struct {
	secret, token string
	expired       bool
}

// AddCredentials makes a pair of credentials valid; token is "" for those of a user.
func (c *Cloud) AddCredentials(id, secret, token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.credentials[id] = &credential{secret: secret, token: token}
}

// Expire makes credentials expired, or valid again.
func (c *Cloud) Expire(id string, expired bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.credentials[id].expired = expired
}

// maxSkew is how far the time of a request may be from the server's.
const maxSkew = 5 * time.Minute

// unsigned are the operations that need no credentials.
const webIdentity = "AssumeRoleWithWebIdentity"

// verify checks the signature of a request for a service of this region.
func (r *Region) verify(req *http.Request, body []byte, service string) *failure {
	if service == "" {
		return nil
	}
	return r.cloud.Verify(req, body, r.Name, service, r.now())
}

// Verify checks the signature of a request, as a service in a region does at a time; nil if it is right.
func (c *Cloud) Verify(req *http.Request, body []byte, region, service string, now time.Time) *failure {
	fields, ok := strings.CutPrefix(req.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return &failure{http.StatusBadRequest, "MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	part := map[string]string{}
	for _, field := range strings.Split(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		part[name] = value
	}
	scope := strings.Split(part["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return &failure{http.StatusBadRequest, "IncompleteSignatureException", "the credential has no scope"}
	}
	c.mu.Lock()
	known := c.credentials[scope[0]]
	var pair credential
	if known != nil {
		pair = *known
	}
	c.mu.Unlock()
	switch {
	case known == nil || req.Header.Get("X-Amz-Security-Token") != pair.token:
		return &failure{http.StatusBadRequest, "UnrecognizedClientException", "The security token in the request is invalid."}
	case pair.expired:
		return &failure{http.StatusBadRequest, "ExpiredTokenException", "The security token in the request is expired"}
	case scope[2] != region || scope[3] != service:
		return invalidSignature("Credential should be scoped to " + region + "/" + service)
	}
	date := req.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", date)
	if err != nil || date[:8] != scope[1] {
		return invalidSignature("the date is wrong")
	}
	if d := at.Sub(now); d > maxSkew || d < -maxSkew {
		return invalidSignature("Signature expired: " + date + " is now earlier or later than " + now.String())
	}
	signed := strings.Split(part["SignedHeaders"], ";")
	for _, needed := range []string{"host", "x-amz-date"} {
		if !slices.Contains(signed, needed) {
			return invalidSignature(needed + " is not signed")
		}
	}
	for name := range req.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") && !slices.Contains(signed, lower) {
			return invalidSignature(lower + " is not signed")
		}
	}
	if hex.EncodeToString(sign(pair.secret, scope, date, canonical(req, body, signed))) != part["Signature"] {
		return invalidSignature("The request signature we calculated does not match the signature you provided.")
	}
	return nil
}

func invalidSignature(message string) *failure {
	return &failure{http.StatusBadRequest, "InvalidSignatureException", message}
}

// canonical is the canonical request: method, path, query, headers, names of the headers, hash of the body.
func canonical(req *http.Request, body []byte, signed []string) string {
	var b strings.Builder
	path := req.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	b.WriteString(req.Method + "\n" + path + "\n" + canonicalQuery(req.URL.Query()) + "\n")
	for _, name := range signed {
		value := strings.Join(req.Header.Values(name), ",")
		switch name {
		case "host":
			value = req.Host
		case "content-length":
			value = req.Header.Get("Content-Length")
			if value == "" {
				value = contentLength(req)
			}
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	hash := sha256.Sum256(body)
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + hex.EncodeToString(hash[:]))
	return b.String()
}

func canonicalQuery(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

func sign(secret string, scope []string, date, request string) []byte {
	hash := sha256.Sum256([]byte(request))
	text := "AWS4-HMAC-SHA256\n" + date + "\n" + strings.Join(scope[1:], "/") + "\n" + hex.EncodeToString(hash[:])
	key := []byte("AWS4" + secret)
	for _, part := range append(slices.Clone(scope[1:]), text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return key
}
