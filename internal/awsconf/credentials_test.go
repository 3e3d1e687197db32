package awsconf

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/libasherah/libasherah/internal/kms/awstest"
)

const stsRegion = "eu-west-1"

// cloudWithSTS makes a cloud and an environment that finds it.
func cloudWithSTS(t *testing.T) (*awstest.Cloud, variables) {
	t.Helper()
	c := awstest.New(t, stsRegion)
	return c, variables{
		"AWS_CA_BUNDLE": c.CABundle(), "AWS_REGION": stsRegion, "AWS_ENDPOINT_URL_STS": c.Region(stsRegion).URL,
		"AWS_EC2_METADATA_DISABLED": "true",
	}
}

func (v variables) with(pairs ...string) variables {
	more := variables{}
	for name, value := range v {
		more[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		more[pairs[i]] = pairs[i+1]
	}
	return more
}

// TestChain: who gives the credentials, in the order of the AWS SDK.
func TestChain(t *testing.T) {
	cloud, base := cloudWithSTS(t)
	token := file(t, "token", awstest.WebIdentityToken)
	config := file(t, "config", fmt.Sprintf(`[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = x
[profile keys]
aws_access_key_id = AKIDKEYS
aws_secret_access_key = x
aws_session_token = token
[profile base]
aws_access_key_id = %s
aws_secret_access_key = %s
[profile role]
role_arn = arn:aws:iam::%s:role/x
source_profile = base
external_id = external
duration_seconds = 3600
[profile roleofenvironment]
role_arn = arn:aws:iam::%[3]s:role/x
credential_source = Environment
[profile web]
role_arn = arn:aws:iam::%[3]s:role/x
web_identity_token_file = %[4]s
role_session_name = mine
[profile process]
credential_process = /bin/echo '{"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"x"}'
[profile nothing]
region = us-west-2
`, awstest.AccessKeyID, awstest.SecretAccessKey, awstest.Account, token))
	base["AWS_CONFIG_FILE"] = config
	keys := []string{"AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT", "AWS_SECRET_ACCESS_KEY", "x", "AWS_SESSION_TOKEN", "t"}
	web := []string{"AWS_WEB_IDENTITY_TOKEN_FILE", token, "AWS_ROLE_ARN", "arn:aws:iam::" + awstest.Account + ":role/x"}
	own := Options{AccessKeyID: "AKIDOWN", SecretAccessKey: "x", SessionToken: "s", Profile: "keys"}
	byName := base.with("AWS_PROFILE", "keys")
	for name, tc := range map[string]struct {
		o         Options
		v         variables
		id, token string
	}{
		"configured":              {own, base.with(keys...), "AKIDOWN", "s"},
		"configured profile":      {Options{Profile: "keys"}, base.with(keys...), "AKIDKEYS", "token"},
		"environment":             {Options{}, byName.with(keys...).with(web...), "AKIDENVIRONMENT", "t"},
		"old names":               {Options{}, base.with("AWS_ACCESS_KEY", "AKIDOLD", "AWS_SECRET_KEY", "x"), "AKIDOLD", ""},
		"half an environment":     {Options{}, base.with("AWS_ACCESS_KEY_ID", "AKIDHALF"), "AKIDDEFAULT", ""},
		"web identity":            {Options{}, byName.with(web...), awstest.RoleAccessKeyID, awstest.RoleToken},
		"profile by name":         {Options{}, base.with("AWS_PROFILE", "keys"), "AKIDKEYS", "token"},
		"default profile":         {Options{}, base, "AKIDDEFAULT", ""},
		"role":                    {Options{Profile: "role"}, base, awstest.RoleAccessKeyID, awstest.RoleToken},
		"web identity of profile": {Options{Profile: "web"}, base, awstest.RoleAccessKeyID, awstest.RoleToken},
		"process":                 {Options{Profile: "process"}, base, "AKIDPROCESS", ""},
		"role of the environment": {
			Options{Profile: "roleofenvironment"},
			base.with("AWS_ACCESS_KEY_ID", awstest.AccessKeyID, "AWS_SECRET_ACCESS_KEY", awstest.SecretAccessKey),
			awstest.RoleAccessKeyID, awstest.RoleToken,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, tc.o, tc.v)
			for range 3 {
				found, err := s.Credentials.Retrieve(t.Context())
				if err != nil || found.AccessKeyID != tc.id || found.SessionToken != tc.token {
					t.Fatalf("%s, %q, %v", found.AccessKeyID, found.SessionToken, err)
				}
			}
		})
	}
	if n := len(cloud.Calls("AssumeRole")); n != 2 {
		t.Errorf("%d calls of AssumeRole for two roles", n)
	}
	s := mustOpen(t, Options{Profile: "nothing"}, base)
	_, err := s.Credentials.Retrieve(t.Context())
	var none *CredentialsError
	if !errors.As(err, &none) || Classify(err) != NoCredentials {
		t.Errorf("%v", err)
	}
}

// machine hands out credentials as a container's orchestrator and as the metadata service of an instance do.
type machine struct {
	*httptest.Server
	lasting time.Duration
	calls   atomic.Int64
	broken  atomic.Bool
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{lasting: time.Hour}
	answer := func(id string) string {
		return fmt.Sprintf(`{"Code":"Success","AccessKeyId":%q,"SecretAccessKey":"x","Token":"t","Expiration":%q}`,
			id, time.Now().Add(m.lasting).UTC().Format(time.RFC3339))
	}
	const path = "/latest/meta-data/iam/security-credentials/"
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.calls.Add(1)
		switch {
		case m.broken.Load():
			w.WriteHeader(http.StatusBadRequest)
		case r.URL.Path == "/container" && r.Header.Get("Authorization") == "Bearer token":
			_, _ = w.Write([]byte(answer("ASIACONTAINER")))
		case r.URL.Path == "/latest/api/token" && r.Method == http.MethodPut:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
			_, _ = w.Write([]byte("session"))
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "session":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == path:
			_, _ = w.Write([]byte("role"))
		case r.URL.Path == path+"role":
			_, _ = w.Write([]byte(answer("ASIAINSTANCE")))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(m.Close)
	return m
}

// TestEnvironmentOfOpen: variables count as they were when the settings were opened, credentials too, which are only
// needed later.
func TestEnvironmentOfOpen(t *testing.T) {
	v := variables{"AWS_ACCESS_KEY_ID": "AKIDOPEN", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL_KMS": "https://kms.example"}
	s := mustOpen(t, Options{}, v)
	v["AWS_ACCESS_KEY_ID"] = "AKIDLATER"
	delete(v, "AWS_ENDPOINT_URL_KMS")
	got, err := s.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "AKIDOPEN" {
		t.Errorf("%s, %v", got.AccessKeyID, err)
	}
	if s.Endpoint(KMS) == nil {
		t.Error("the endpoint is gone")
	}
}

func TestMachine(t *testing.T) {
	m := newMachine(t)
	container := variables{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": m.URL + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer token",
		"HTTP_PROXY": "http://192.0.2.1:1", // never asked
	}
	instance := variables{"AWS_EC2_METADATA_SERVICE_ENDPOINT": m.URL, "AWS_EC2_METADATA_V1_DISABLED": "true"}
	file := container.with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file(t, "token", "Bearer token"))
	for name, tc := range map[string]struct {
		v  variables
		id string
	}{
		"container":       {container, "ASIACONTAINER"},
		"token in a file": {file, "ASIACONTAINER"},
		"instance":        {instance, "ASIAINSTANCE"},
		"container comes first": {instance.with("AWS_CONTAINER_CREDENTIALS_FULL_URI", m.URL+"/container",
			"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer token"), "ASIACONTAINER"},
	} {
		s := mustOpen(t, Options{}, tc.v)
		found, err := s.Credentials.Retrieve(t.Context())
		if err != nil || found.AccessKeyID != tc.id || found.SessionToken != "t" {
			t.Errorf("%s: %s, %v", name, found.AccessKeyID, err)
		}
	}
	// The token goes to this machine or its neighbour only, unless it is encrypted.
	for _, target := range []string{"http://192.0.2.1/x", "http://example.invalid/x", "://"} {
		s := mustOpen(t, Options{}, container.with("AWS_CONTAINER_CREDENTIALS_FULL_URI", target))
		if _, err := s.Credentials.Retrieve(t.Context()); err == nil {
			t.Errorf("%s is asked", target)
		}
	}
	if err := mayHoldCredentials("http://169.254.170.23/x"); err != nil {
		t.Error(err)
	}
	calls := m.calls.Load()
	s := mustOpen(t, Options{}, instance.with("AWS_EC2_METADATA_DISABLED", "true"))
	if _, err := s.Credentials.Retrieve(t.Context()); err == nil || m.calls.Load() != calls {
		t.Errorf("asked although it is disabled, %v", err)
	}
}

// TestRefresh: credentials are replaced before their end; if that fails they are used on until it.
func TestRefresh(t *testing.T) {
	m := newMachine(t)
	m.lasting = refreshEarly - 20*time.Second // so that they are to be replaced at once
	s := mustOpen(t, Options{}, variables{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": m.URL + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer token",
	})
	for want := range int64(3) {
		if _, err := s.Credentials.Retrieve(t.Context()); err != nil || m.calls.Load() != want+1 {
			t.Fatalf("%d calls, %v", m.calls.Load(), err)
		}
	}
	m.broken.Store(true)
	for range 3 {
		if found, err := s.Credentials.Retrieve(t.Context()); err != nil || found.AccessKeyID != "ASIACONTAINER" {
			t.Fatalf("%v", err)
		}
	}
	s.ForgetCredentials()
	if _, err := s.Credentials.Retrieve(t.Context()); err == nil {
		t.Error("credentials that were to be forgotten are used")
	}
	m.broken.Store(false)
	if _, err := s.Credentials.Retrieve(t.Context()); err != nil {
		t.Error(err)
	}
	end := time.Now().Add(-refreshEarly)
	last := aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x", CanExpire: true, Expires: end}
	if _, err := (&chain{s}).HandleFailToRefresh(t.Context(), last, errors.New("down")); err == nil {
		t.Error("credentials are used after their end")
	}
}

// TestOnce: whoever waits for credentials shares one request, which outlives a caller that gives up and ends with
// Close.
func TestOnce(t *testing.T) {
	var asked atomic.Int64
	entered := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		entered <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	s := mustOpen(t, Options{}, variables{"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.URL + "/container"})
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 10 {
		waiting.Go(func() {
			if _, err := s.Credentials.Retrieve(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
	<-entered
	cancel()
	waiting.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
	failed := make(chan error)
	go func() { _, err := s.Credentials.Retrieve(context.Background()); failed <- err }()
	s.Close()
	if err := <-failed; err == nil || strings.Contains(err.Error(), "panic") {
		t.Errorf("%v", err)
	}
}
