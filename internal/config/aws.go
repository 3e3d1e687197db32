package config

import (
	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/seccache"
)

// aws is what a configuration says of the account; the region and the endpoint are the service's.
func (s *settings) aws() awsconf.Options {
	return awsconf.Options{
		AccessKeyID: s.awsAccessKeyID, SecretAccessKey: text(s.awsSecretAccessKey), SessionToken: text(s.awsSessionToken),
		Profile: s.awsProfileName, Lookup: lookUp,
	}
}

// text is a secret for the AWS SDK, which wants its credentials as strings.
func text(secret *seccache.Secret) string {
	if secret == nil {
		return ""
	}
	return string(secret.Bytes())
}

// lookUp looks a variable up where SetLookup says.
func lookUp(name string) (string, bool) {
	if lookup := environment.Load(); lookup != nil {
		value, ok := (*lookup)(name)
		return string(value), ok
	}
	return "", false
}

func (s *settings) validateAWS() error {
	switch {
	case s.awsAccessKeyID == "" && s.awsSecretAccessKey != nil:
		return missing("AwsAccessKeyId", "AwsSecretAccessKey needs it")
	case s.awsAccessKeyID != "" && s.awsSecretAccessKey == nil:
		return missing("AwsSecretAccessKey", "AwsAccessKeyId needs it")
	case s.awsAccessKeyID == "" && s.awsSessionToken != nil:
		return missing("AwsAccessKeyId", "AwsSessionToken needs it")
	}
	return nil
}
