package awstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// operation finds out what a request is for and prepares the answer. service is "" where no signature is needed.
func (r *Region) operation(
	req *http.Request, body []byte, call *Call,
) (service, op string, answer func(http.ResponseWriter)) {
	if req.Method != http.MethodPost || req.URL.Path != "/" && req.URL.Path != "" {
		return "", "", nil
	}
	if req.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		return r.sts(body, call)
	}
	if req.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		return "", "", nil
	}
	prefix, op, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	switch prefix {
	case "TrentService":
		return "kms", op, r.kms(op, body, call)
	case "secretsmanager":
		return "secretsmanager", op, r.getSecret(op, body, call)
	}
	return "", "", nil
}

// secret is a secret of Secrets Manager: text or binary.
type secret struct {
	arn    string
	text   *string
	binary []byte
}

// AddSecret makes a secret of text and returns its ARN.
func (r *Region) AddSecret(name, text string) string { return r.addSecret(name, secret{text: &text}) }

// AddBinarySecret makes a secret of bytes and returns its ARN.
func (r *Region) AddBinarySecret(name string, binary []byte) string {
	return r.addSecret(name, secret{binary: bytes.Clone(binary)})
}

func (r *Region) addSecret(name string, s secret) string {
	s.arn = fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-a1b2c3", r.Name, Account, name)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[name], r.secrets[s.arn] = &s, &s
	return s.arn
}

func (r *Region) getSecret(op string, body []byte, call *Call) func(http.ResponseWriter) {
	var in struct {
		SecretID string `json:"SecretId"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if op != "GetSecretValue" {
		return nil
	}
	if err := d.Decode(&in); err != nil || in.SecretID == "" {
		return failing("secretsmanager", &failure{http.StatusBadRequest, "InvalidParameterException", "no SecretId"})
	}
	call.ID = in.SecretID
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.secrets[in.SecretID]
	if s == nil {
		return failing("secretsmanager", &failure{
			http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.",
		})
	}
	out := map[string]any{
		"ARN": s.arn, "Name": in.SecretID, "VersionId": "1", "VersionStages": []string{"AWSCURRENT"},
		"CreatedDate": 1.7e9,
	}
	if s.text != nil {
		out["SecretString"] = *s.text
	}
	if s.binary != nil {
		out["SecretBinary"] = s.binary
	}
	return func(w http.ResponseWriter) { answerJSON(w, out) }
}

// The credentials that STS hands out, which AddCredentials makes valid when it does.
const (
	RoleAccessKeyID     = "ASIAROLEEXAMPLE"
	RoleSecretAccessKey = "secretOfTheRoleEXAMPLEKEYEXAMPLEKEYEXAM"
	RoleToken           = "token-of-the-role"
	WebIdentityToken    = "header.payload.signature"
)

func (r *Region) sts(body []byte, call *Call) (service, op string, answer func(http.ResponseWriter)) {
	form, err := url.ParseQuery(string(body))
	op = form.Get("Action")
	if err != nil || form.Get("Version") != "2011-06-15" || op != "AssumeRole" && op != webIdentity {
		return "sts", op, nil
	}
	if service = "sts"; op == webIdentity {
		service = ""
		if form.Get("WebIdentityToken") != WebIdentityToken {
			return service, op, failing("sts", &failure{http.StatusBadRequest, "InvalidIdentityToken", "not this token"})
		}
	}
	if call.ID = form.Get("RoleArn"); !strings.HasPrefix(call.ID, "arn:aws:iam::") || form.Get("RoleSessionName") == "" {
		return service, op, failing("sts", &failure{http.StatusForbidden, "AccessDenied", "not authorized: " + call.ID})
	}
	return service, op, func(w http.ResponseWriter) {
		r.cloud.AddCredentials(RoleAccessKeyID, RoleSecretAccessKey, RoleToken)
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials>`+
			`<AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken>`+
			`<Expiration>%s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`,
			op, RoleAccessKeyID, RoleSecretAccessKey, RoleToken, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}
}
