// Package awsconf works out how AWS is talked to: credentials, region, endpoints, proxy and trusted authorities, as the
// AWS SDK does by default, except that nothing comes from the environment that Go saw when the library was loaded.
// Every variable is looked up through Options.Lookup when Open is called.
package awsconf

import (
	"regexp"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Lookup returns an environment variable and whether it is set.
type Lookup func(name string) (string, bool)

// Options are what a configuration says. What is empty comes from the environment, then from the profile.
type Options struct {
	Region        string // of the service; of AWS STS too, where a role is assumed
	Endpoint      string // URL in place of the service's own
	SigningRegion string // region that requests are signed for, where it is not Region

	AccessKeyID     string // these two go together
	SecretAccessKey string
	SessionToken    string
	Profile         string // of the AWS configuration files; used before credentials in the environment

	Lookup Lookup // nil: no variable is set
}

// Variables are the environment variables that are honoured, beside AWS_ENDPOINT_URL_ with the name of a service.
var Variables = []string{
	"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN",
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HOME",
	"AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_LOGIN_CACHE_DIRECTORY", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
	"AWS_EC2_METADATA_V1_DISABLED",
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_CA_BUNDLE",
	"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy",
}

// Service is the SDK's name of a service, in capitals, as AWS_ENDPOINT_URL_ with a name has it.
type Service string

// The services that are called: those of metastores and KMSs, and those that credentials come from.
const (
	DynamoDB       Service = "DYNAMODB"
	KMS            Service = "KMS"
	SecretsManager Service = "SECRETS_MANAGER"
	signInService  Service = "SIGNIN"
	ssoService     Service = "SSO"
	ssoOIDCService Service = "SSO_OIDC"
	stsService     Service = "STS"
)

var services = []Service{DynamoDB, KMS, SecretsManager, signInService, ssoService, ssoOIDCService, stsService}

func (s Service) endpointVariable() string { return "AWS_ENDPOINT_URL_" + string(s) }

// environment is what the variables were when they were looked up, without empty ones, which count as absent.
type environment map[string]string

func readEnvironment(lookup Lookup) environment {
	e := environment{}
	if lookup == nil {
		return e
	}
	read := func(name string) {
		if value, _ := lookup(name); value != "" {
			e[name] = value
		}
	}
	for _, name := range Variables {
		read(name)
	}
	for _, service := range services {
		read(service.endpointVariable())
	}
	return e
}

// first returns the value of the first of these variables that is set.
func (e environment) first(names ...string) string {
	for _, name := range names {
		if value := e[name]; value != "" {
			return value
		}
	}
	return ""
}

// flag reads a variable that is true or false.
func (e environment) flag(name string) (value, set bool, err error) {
	switch text := e.first(name); strings.ToLower(text) {
	case "":
		return false, false, nil
	case "true":
		return true, true, nil
	case "false":
		return false, true, nil
	}
	return false, false, refuse("environment variable %s must be true or false", name)
}

var regionForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ValidRegion says whether name has the form of a region's, which becomes part of a host name.
func ValidRegion(name string) bool { return regionForm.MatchString(name) }

func refuse(format string, args ...any) error {
	return envelope.Errorf(envelope.Configuration, nil, format, args...)
}
