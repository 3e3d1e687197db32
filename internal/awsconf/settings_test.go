package awsconf

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// variables is an environment.
type variables map[string]string

func (v variables) lookup(name string) (string, bool) { value, ok := v[name]; return value, ok }

func open(t *testing.T, o Options, v variables) (*Settings, error) {
	t.Helper()
	o.Lookup = v.lookup
	s, err := Open(o)
	if s != nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

func mustOpen(t *testing.T, o Options, v variables) *Settings {
	t.Helper()
	s, err := open(t, o, v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestProcessEnvironment: what Go saw at the start of the process does not count, nor do the files of its user.
func TestProcessEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_PROFILE": "missing", "AWS_ACCESS_KEY_ID": "AKIDPROCESS",
		"AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": "https://process.example", "AWS_CA_BUNDLE": "/missing",
		"HTTPS_PROXY": "http://process.example", "AWS_EC2_METADATA_DISABLED": "false",
		"HOME": filepath.Dir(file(t, "x", "")),
	} {
		t.Setenv(name, value)
	}
	s := mustOpen(t, Options{}, variables{"AWS_EC2_METADATA_DISABLED": "true"})
	if s.Region != "" || s.Endpoint(KMS) != nil || s.TLS.RootCAs != nil {
		t.Errorf("%q, %v", s.Region, s.Endpoint(KMS))
	}
	if found, err := s.Credentials.Retrieve(t.Context()); err == nil {
		t.Errorf("credentials %s", found.AccessKeyID)
	}
	if s = mustOpen(t, Options{}, nil); s.Region != "" {
		t.Errorf("%q", s.Region)
	}
}

func TestRegion(t *testing.T) {
	config := file(t, "config", "[default]\nregion = eu-north-1\n[profile work]\nregion = eu-south-1\n")
	v := func(pairs ...string) variables {
		v := variables{"AWS_CONFIG_FILE": config}
		for i := 0; i < len(pairs); i += 2 {
			v[pairs[i]] = pairs[i+1]
		}
		return v
	}
	for name, tc := range map[string]struct {
		o    Options
		v    variables
		want string
	}{
		"none":            {Options{}, variables{}, ""},
		"configured":      {Options{Region: "us-west-1"}, v("AWS_REGION", "us-west-2"), "us-west-1"},
		"environment":     {Options{}, v("AWS_REGION", "us-west-2", "AWS_DEFAULT_REGION", "us-east-2"), "us-west-2"},
		"default":         {Options{}, v("AWS_REGION", "", "AWS_DEFAULT_REGION", "us-east-2"), "us-east-2"},
		"file":            {Options{}, v(), "eu-north-1"},
		"profile":         {Options{Profile: "work"}, v(), "eu-south-1"},
		"profile by name": {Options{}, v("AWS_PROFILE", "work"), "eu-south-1"},
		"home":            {Options{}, variables{"HOME": home(t, config)}, "eu-north-1"},
	} {
		s := mustOpen(t, tc.o, tc.v)
		if s.Region != tc.want || s.SigningRegion != tc.want {
			t.Errorf("%s: %q, signed for %q; want %q", name, s.Region, s.SigningRegion, tc.want)
		}
	}
	if s := mustOpen(t, Options{Region: "us-west-1", SigningRegion: "us-east-1"}, nil); s.SigningRegion != "us-east-1" {
		t.Errorf("signed for %q", s.SigningRegion)
	}
}

// home makes a home directory with a configuration file.
func home(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(config)
	if err == nil {
		err = os.Mkdir(filepath.Join(dir, ".aws"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, ".aws", "config"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEndpoints(t *testing.T) {
	config := file(t, "config", `[default]
endpoint_url = https://file.example
services = mine
use_fips_endpoint = true
use_dualstack_endpoint = true
[services mine]
kms =
  endpoint_url = https://kms.file.example
secrets_manager =
  endpoint_url = https://secrets.file.example
`)
	all := variables{"AWS_ENDPOINT_URL": "https://all.example"}
	for name, tc := range map[string]struct {
		o            Options
		v            variables
		kms, secrets string
	}{
		"none":       {Options{}, variables{}, "", ""},
		"configured": {Options{Endpoint: "https://own.example"}, all, "https://own.example", "https://own.example"},
		"all":        {Options{}, all.with("AWS_CONFIG_FILE", config), "https://all.example", "https://all.example"},
		"one": {
			Options{},
			all.with("AWS_ENDPOINT_URL_KMS", "https://kms.example"),
			"https://kms.example", "https://all.example",
		},
		"file": {Options{}, variables{"AWS_CONFIG_FILE": config}, "https://kms.file.example", "https://secrets.file.example"},
		"ignored": {
			Options{}, all.with("AWS_CONFIG_FILE", config, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), "", "",
		},
	} {
		s := mustOpen(t, tc.o, tc.v)
		if got := aws.ToString(s.Endpoint(KMS)); got != tc.kms {
			t.Errorf("%s: KMS at %q; want %q", name, got, tc.kms)
		}
		if got := aws.ToString(s.Endpoint(SecretsManager)); got != tc.secrets {
			t.Errorf("%s: Secrets Manager at %q; want %q", name, got, tc.secrets)
		}
	}
	s := mustOpen(t, Options{}, variables{"AWS_CONFIG_FILE": config, "AWS_USE_DUALSTACK_ENDPOINT": "FALSE"})
	if s.FIPS != aws.FIPSEndpointStateEnabled || s.DualStack != aws.DualStackEndpointStateDisabled {
		t.Errorf("FIPS %v, dual stack %v", s.FIPS, s.DualStack)
	}
	s = mustOpen(t, Options{}, variables{"AWS_USE_FIPS_ENDPOINT": "true"})
	if s.FIPS != aws.FIPSEndpointStateEnabled || s.DualStack != aws.DualStackEndpointStateUnset {
		t.Errorf("FIPS %v, dual stack %v", s.FIPS, s.DualStack)
	}
}

// TestRefused: errors are of class Configuration and have no secret in them.
func TestRefused(t *testing.T) {
	broken := file(t, "config", "[default]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = missing\n")
	for name, tc := range map[string]struct {
		o Options
		v variables
	}{
		"id without secret":   {Options{AccessKeyID: "AKID"}, nil},
		"secret without id":   {Options{SecretAccessKey: "secret"}, nil},
		"token alone":         {Options{SessionToken: "secret"}, nil},
		"region":              {Options{Region: "us west"}, nil},
		"signing region":      {Options{Region: "us-west-2", SigningRegion: "us/west"}, nil},
		"region of the host":  {Options{}, variables{"AWS_REGION": "evil.example/"}},
		"unknown profile":     {Options{Profile: "missing"}, nil},
		"unknown profile env": {Options{}, variables{"AWS_PROFILE": "missing"}},
		"broken profile":      {Options{}, variables{"AWS_CONFIG_FILE": broken}},
		"endpoint":            {Options{Endpoint: "localhost:4566"}, nil},
		"endpoint with user":  {Options{Endpoint: "https://user:secret@example.com"}, nil},
		"flag":                {Options{}, variables{"AWS_USE_FIPS_ENDPOINT": "yes"}},
		"CA missing":          {Options{}, variables{"AWS_CA_BUNDLE": "/missing"}},
		"CA is no PEM":        {Options{}, variables{"AWS_CA_BUNDLE": broken}},
		"proxy":               {Options{}, variables{"HTTPS_PROXY": "socks5://user:secret@example.com"}},
		"proxy is no URL":     {Options{}, variables{"https_proxy": "http://user:secret@exa mple"}},
	} {
		s, err := open(t, tc.o, tc.v)
		if s != nil || envelope.CodeOf(err) != envelope.Configuration || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		if err != nil && (strings.Contains(err.Error(), "123456789012") || strings.Contains(err.Error(), `"secret"`)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVariablesAreDocumented: the page has the variables that are looked up, and those are the ones in Variables.
func TestVariablesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/aws-kms.md")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(page))
	names := slices.Clone(Variables)
	for _, s := range services {
		names = append(names, s.endpointVariable())
	}
	for _, name := range names {
		if !slices.Contains(words, strings.ToUpper(name)) {
			t.Errorf("%s is not documented", name)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) < 5 {
		t.Fatal(sources, err)
	}
	looked := map[string]bool{}
	variable := regexp.MustCompile(`"((AWS|HTTPS?|https?|NO|no)_[A-Za-z_0-9]+|HOME)"`)
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(source, "_test.go") || source == "options.go" {
			continue
		}
		for _, quoted := range variable.FindAllStringSubmatch(string(text), -1) {
			looked[quoted[1]] = true
		}
	}
	for name := range looked {
		if !slices.Contains(Variables, name) {
			t.Errorf("%s is looked up and not in Variables", name)
		}
	}
	if len(looked) != len(Variables) {
		t.Errorf("%d variables are looked up, %d are in Variables", len(looked), len(Variables))
	}
}
