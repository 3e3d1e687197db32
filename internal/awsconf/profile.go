package awsconf

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

type profile = config.SharedConfig

// ofProfile returns the source of credentials that a profile names, which are those of the role if it has one. A
// profile that names none is a machine that has them: a container, then an EC2 instance.
func (s *Settings) ofProfile(p *profile) (aws.CredentialsProvider, error) {
	var source aws.CredentialsProvider
	var err error
	switch {
	case p.Source != nil:
		source, err = s.ofProfile(p.Source)
	case p.Credentials.HasKeys():
		source = credentials.StaticCredentialsProvider{Value: p.Credentials}
	case p.CredentialSource != "":
		source, err = s.ofNamedSource(p)
	case p.WebIdentityTokenFile != "":
		return s.webIdentity(p.WebIdentityTokenFile, p.RoleARN, p.RoleSessionName, p)
	case p.SSOSession != nil || p.SSOStartURL != "" || p.SSOAccountID != "":
		source, err = s.sso(p)
	case p.LoginSession != "":
		source, err = s.login(p)
	case p.CredentialProcess != "":
		source = processcreds.NewProvider(p.CredentialProcess)
	default:
		if source, err = s.ofContainer(); source == nil && err == nil {
			source, err = s.ofInstance(p)
		}
	}
	if err != nil || p.RoleARN == "" {
		return source, err
	}
	return s.assumeRole(p, source)
}

func (s *Settings) ofNamedSource(p *profile) (aws.CredentialsProvider, error) {
	switch p.CredentialSource {
	case "Ec2InstanceMetadata":
		return s.ofInstance(p)
	case "Environment":
		if keys := s.ofEnvironment(); keys != nil {
			return keys, nil
		}
		return nil, errors.New("credential_source is Environment, which has no keys")
	case "EcsContainer":
		container, err := s.ofContainer()
		if container == nil && err == nil {
			err = errors.New("credential_source is EcsContainer, but no AWS_CONTAINER_CREDENTIALS_ variable is set")
		}
		return container, err
	}
	return nil, fmt.Errorf("unknown credential_source %q", p.CredentialSource)
}

func (s *Settings) assumeRole(p *profile, source aws.CredentialsProvider) (aws.CredentialsProvider, error) {
	if p.MFASerial != "" {
		return nil, errors.New("the role of the profile needs a code (mfa_serial), for which a library cannot ask")
	}
	return stscreds.NewAssumeRoleProvider(s.sts(p, source), p.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = p.RoleSessionName
		if p.ExternalID != "" {
			o.ExternalID = &p.ExternalID
		}
		if d := p.RoleDurationSeconds; d != nil && *d > 15*time.Minute {
			o.Duration = *d
		}
	}), nil
}

func (s *Settings) sts(p *profile, source aws.CredentialsProvider) *sts.Client {
	region := s.Region
	if region == "" {
		region = p.Region
	}
	return sts.New(sts.Options{
		Region: region, Credentials: source, HTTPClient: s.HTTP, BaseEndpoint: s.endpointElsewhere(stsService),
		EndpointOptions: sts.EndpointResolverOptions{UseFIPSEndpoint: s.FIPS, UseDualStackEndpoint: s.DualStack},
	})
}

// sso uses the token that `aws sso login` has left.
func (s *Settings) sso(p *profile) (aws.CredentialsProvider, error) {
	if p.SSOAccountID == "" || p.SSORoleName == "" {
		return nil, errors.New("the profile needs sso_account_id and sso_role_name")
	}
	region, start, session := p.SSORegion, p.SSOStartURL, p.SSOSession
	var options []func(*ssocreds.Options)
	if session != nil {
		region, start = session.SSORegion, session.SSOStartURL
		file, err := ssocreds.StandardCachedTokenFilepath(session.Name)
		if err != nil {
			return nil, err
		}
		tokens := ssocreds.NewSSOTokenProvider(ssooidc.New(ssooidc.Options{
			Region: region, HTTPClient: s.HTTP, BaseEndpoint: s.endpointElsewhere(ssoOIDCService),
		}), file)
		options = append(options, func(o *ssocreds.Options) { o.SSOTokenProvider, o.CachedTokenFilepath = tokens, file })
	}
	client := sso.New(sso.Options{Region: region, HTTPClient: s.HTTP, BaseEndpoint: s.endpointElsewhere(ssoService)})
	return ssocreds.New(client, p.SSOAccountID, p.SSORoleName, start, options...), nil
}

// login uses what `aws login` has left.
func (s *Settings) login(p *profile) (aws.CredentialsProvider, error) {
	file, err := logincreds.StandardCachedTokenFilepath(p.LoginSession, s.environment.first("AWS_LOGIN_CACHE_DIRECTORY"))
	if err != nil {
		return nil, err
	}
	client := signin.New(signin.Options{Region: s.Region, HTTPClient: s.HTTP, BaseEndpoint: s.endpointElsewhere(signInService)})
	return logincreds.New(client, file), nil
}
