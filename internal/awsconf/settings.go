package awsconf

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Settings are what the clients of AWS services are made with. They are safe for concurrent use.
type Settings struct {
	Region        string // "" if none is configured: whoever knows one may set it before first use
	SigningRegion string // Region, unless another is configured
	Credentials   aws.CredentialsProvider
	FIPS          aws.FIPSEndpointState
	DualStack     aws.DualStackEndpointState
	TLS           *tls.Config  // to be cloned
	HTTP          *http.Client // follows no redirect

	environment environment
	options     Options
	profile     config.SharedConfig // as it was when Open was called
	named       bool                // the profile was chosen by name
	ignored     bool                // endpoints in environment and files are not to be used
	proxies     proxies
	credentials *credentialsCache
	closing     context.Context
	close       context.CancelFunc
}

// Open works the settings out. It reads files and asks no server. Errors are of class Configuration.
func Open(o Options) (*Settings, error) {
	s := &Settings{environment: readEnvironment(o.Lookup), options: o}
	if (o.AccessKeyID == "") != (o.SecretAccessKey == "") {
		return nil, refuse("an AWS access key id and a secret access key go together; one is missing")
	}
	if o.SessionToken != "" && o.AccessKeyID == "" {
		return nil, refuse("an AWS session token needs an access key id and a secret access key")
	}
	var err error
	if s.profile, err = s.loadProfile(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{s.resolveRegion, s.resolveEndpoints, s.resolveTLS} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if s.proxies, err = readProxies(s.environment); err != nil {
		return nil, err
	}
	s.closing, s.close = context.WithCancel(context.Background())
	s.HTTP = s.newHTTPClient()
	s.credentials = newCredentialsCache(s)
	s.Credentials = s.credentials
	return s, nil
}

// Close ends what waits for credentials and closes idle connections of HTTP. It does not wait.
func (s *Settings) Close() {
	s.close()
	s.HTTP.CloseIdleConnections()
}

// ForgetCredentials has credentials fetched anew, after a service has called those at hand expired or unknown. What was
// configured as it is stays; files are read again.
func (s *Settings) ForgetCredentials() { s.credentials.forget() }

// loadProfile reads the profile in question from the AWS configuration files. Only one that was asked for by name has
// to be there.
func (s *Settings) loadProfile() (config.SharedConfig, error) {
	name := s.options.Profile
	if name == "" {
		name = s.environment.first("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
	}
	s.named = name != ""
	if name == "" {
		name = "default"
	}
	profile, err := config.LoadSharedConfigProfile(context.Background(), name, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles = s.files("AWS_CONFIG_FILE", "config")
		o.CredentialsFiles = s.files("AWS_SHARED_CREDENTIALS_FILE", "credentials")
	})
	var missing config.SharedConfigProfileNotExistError
	absent := errors.As(err, &missing) && missing.Profile == name // not another one that it refers to
	switch {
	case absent && !s.named:
		return config.SharedConfig{}, nil
	case absent:
		return profile, envelope.Errorf(envelope.Configuration, err, "the AWS profile %.60q is in none of the AWS "+
			"configuration files", name)
	case err != nil:
		return profile, envelope.Errorf(envelope.Configuration, err, "the AWS profile %.60q cannot be read; the log hook "+
			"has the cause", name)
	}
	return profile, nil
}

// files returns where a configuration file is. An empty list would mean the SDK's own default.
func (s *Settings) files(variable, name string) []string {
	if file := s.environment.first(variable); file != "" {
		return []string{file}
	}
	if home := s.environment.first("HOME"); home != "" {
		return []string{filepath.Join(home, ".aws", name)}
	}
	return []string{}
}

func (s *Settings) resolveRegion() error {
	for _, region := range []string{
		s.options.Region, s.environment.first("AWS_REGION", "AWS_DEFAULT_REGION"), s.profile.Region,
	} {
		if s.Region == "" {
			s.Region = region
		}
	}
	if s.SigningRegion = s.options.SigningRegion; s.SigningRegion == "" {
		s.SigningRegion = s.Region
	}
	for _, region := range []string{s.Region, s.SigningRegion} {
		if region != "" && !ValidRegion(region) {
			return refuse("%.60q is not the name of an AWS region, such as us-west-2", region)
		}
	}
	return nil
}

func (s *Settings) resolveEndpoints() error {
	s.FIPS, s.DualStack = s.profile.UseFIPSEndpoint, s.profile.UseDualStackEndpoint
	if on, set, err := s.environment.flag("AWS_USE_FIPS_ENDPOINT"); err != nil {
		return err
	} else if set {
		s.FIPS = aws.FIPSEndpointStateDisabled
		if on {
			s.FIPS = aws.FIPSEndpointStateEnabled
		}
	}
	if on, set, err := s.environment.flag("AWS_USE_DUALSTACK_ENDPOINT"); err != nil {
		return err
	} else if set {
		s.DualStack = aws.DualStackEndpointStateDisabled
		if on {
			s.DualStack = aws.DualStackEndpointStateEnabled
		}
	}
	on, set, err := s.environment.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
	if err != nil {
		return err
	}
	if s.ignored = on; !set && s.profile.IgnoreConfiguredEndpoints != nil {
		s.ignored = *s.profile.IgnoreConfiguredEndpoints
	}
	if s.options.Endpoint != "" {
		return CheckEndpoint(s.options.Endpoint)
	}
	return nil
}

// CheckEndpoint says what is wrong with a URL that is to stand in place of a service's own.
func CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return refuse("an AWS endpoint must be a URL such as https://host:port, without a user name")
	}
	return nil
}

// Endpoint returns the URL to use in place of that of a service: the configured one, which is meant for the service
// that these settings are for, else that of the environment or the profile for this service, else nil.
func (s *Settings) Endpoint(service Service) *string {
	if s.options.Endpoint != "" {
		return &s.options.Endpoint
	}
	return s.endpointElsewhere(service)
}

// endpointElsewhere is Endpoint for the services that credentials come from.
func (s *Settings) endpointElsewhere(service Service) *string {
	if s.ignored {
		return nil
	}
	for _, endpoint := range []string{
		s.environment.first(service.endpointVariable()), s.environment.first("AWS_ENDPOINT_URL"),
		s.profile.Services.ServiceValues[strings.ToLower(string(service))]["endpoint_url"], s.profile.BaseEndpoint,
	} {
		if endpoint != "" {
			return &endpoint
		}
	}
	return nil
}

func (s *Settings) resolveTLS() error {
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	file := s.environment.first("AWS_CA_BUNDLE")
	if file == "" {
		file = s.profile.CustomCABundle
	}
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return envelope.Errorf(envelope.Configuration, err, "the file of AWS_CA_BUNDLE cannot be read")
	}
	s.TLS.RootCAs = x509.NewCertPool()
	if !s.TLS.RootCAs.AppendCertsFromPEM(text) {
		return refuse("the file of AWS_CA_BUNDLE has no certificate in PEM")
	}
	return nil
}
