package awsconf

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

const (
	// retrieveTimeout bounds one attempt to get credentials, which goes on when the call that began it has given up.
	retrieveTimeout = 10 * time.Second
	// refreshEarly is how long before their end credentials are replaced.
	refreshEarly = time.Minute
	// keepTrying is how long credentials are used on, before their end, when they could not be replaced.
	keepTrying = 5 * time.Second
)

// CredentialsError is the failure to get credentials. What it wraps may name roles and accounts.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string { return "no AWS credentials: " + e.Err.Error() }

func (e *CredentialsError) Unwrap() error { return e.Err }

// credentialsCache fetches credentials once for all that wait for them, and marks the errors.
type credentialsCache struct{ cache *aws.CredentialsCache }

func newCredentialsCache(s *Settings) *credentialsCache {
	return &credentialsCache{aws.NewCredentialsCache(&chain{s}, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = refreshEarly
	})}
}

// Retrieve waits no longer than ctx allows, for credentials that may be fetched for others too.
func (c *credentialsCache) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := c.cache.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, &CredentialsError{err}
	}
	return found, nil
}

func (c *credentialsCache) forget() { c.cache.Invalidate() }

// chain looks for credentials where they may be, in the order of the AWS SDK.
type chain struct{ settings *Settings }

var _ aws.HandleFailRefreshCredentialsCacheStrategy = (*chain)(nil)

// Retrieve gets new credentials. The cache calls it with a context that never ends.
func (c *chain) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, retrieveTimeout)
	defer cancel()
	defer context.AfterFunc(c.settings.closing, cancel)()
	provider, err := c.settings.provider()
	if err != nil {
		return aws.Credentials{}, err
	}
	found, err := provider.Retrieve(ctx)
	if err == nil && !found.HasKeys() {
		err = errors.New("the source of credentials has none")
	}
	return found, err
}

// HandleFailToRefresh goes on with credentials that are still good.
func (c *chain) HandleFailToRefresh(_ context.Context, last aws.Credentials, err error) (aws.Credentials, error) {
	end := last.Expires.Add(refreshEarly) // the cache has taken that off
	if !last.HasKeys() || !last.CanExpire || !time.Now().Before(end) {
		return aws.Credentials{}, err
	}
	last.Expires = time.Now().Add(refreshEarly + keepTrying)
	if last.Expires.After(end) {
		last.Expires = end
	}
	return last, nil
}

// provider finds the source of credentials. It reads the configuration files anew, since tools write there what
// expires.
func (s *Settings) provider() (aws.CredentialsProvider, error) {
	if o := s.options; o.AccessKeyID != "" {
		return credentials.NewStaticCredentialsProvider(o.AccessKeyID, o.SecretAccessKey, o.SessionToken), nil
	}
	profile, err := s.loadProfile()
	if err != nil {
		return nil, err
	}
	if s.options.Profile != "" {
		return s.ofProfile(&profile)
	}
	if keys := s.ofEnvironment(); keys != nil {
		return keys, nil
	}
	if file := s.environment.first("AWS_WEB_IDENTITY_TOKEN_FILE"); file != "" {
		role, session := s.environment.first("AWS_ROLE_ARN"), s.environment.first("AWS_ROLE_SESSION_NAME")
		return s.webIdentity(file, role, session, &profile)
	}
	return s.ofProfile(&profile)
}

// ofEnvironment returns the keys in environment variables, nil if there are none.
func (s *Settings) ofEnvironment() aws.CredentialsProvider {
	id := s.environment.first("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")
	secret := s.environment.first("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")
	if id == "" || secret == "" {
		return nil
	}
	return credentials.NewStaticCredentialsProvider(id, secret, s.environment.first("AWS_SESSION_TOKEN"))
}

func (s *Settings) webIdentity(file, role, session string, profile *profile) (aws.CredentialsProvider, error) {
	if role == "" {
		return nil, errors.New("a web identity token needs the ARN of a role (AWS_ROLE_ARN)")
	}
	return stscreds.NewWebIdentityRoleProvider(s.sts(profile, nil), role, stscreds.IdentityTokenFile(file),
		func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = session }), nil
}
