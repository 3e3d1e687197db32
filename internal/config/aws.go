package config

import (
	"context"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	awskms "github.com/libasherah/libasherah/internal/kms/aws"
	"github.com/libasherah/libasherah/internal/kms/secrets"
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

func (s *settings) validateAWSKMS() error {
	switch {
	case len(s.regionMap) == 0 && s.kmsKeyID == "":
		return missing("RegionMap", "KMS \"aws\" needs it, or KmsKeyId for a single region")
	case len(s.regionMap) > 0 && s.kmsKeyID != "":
		return refuse("configuration fields RegionMap and KmsKeyId are both there; give one")
	case len(s.regionMap) > 1 && s.preferredRegion == "":
		return missing("PreferredRegion", "RegionMap with several regions needs it")
	}
	for _, e := range s.kmsEndpoints {
		if s.regionMap.value(e.name) == "" && e.name != s.preferredRegion {
			return refuse("configuration field KmsEndpoints names a region that RegionMap does not have")
		}
	}
	return s.validateAWS()
}

func (c *Config) newAWSKMS() (envelope.KMS, error) {
	s := &c.settings
	o := awskms.Options{
		Preferred: s.preferredRegion, RequireAllRegions: s.kmsRequireAllRegions, AnyKey: s.kmsAnyKey,
		AttemptTimeout: milliseconds(s.kmsAttemptTimeoutMs), Budget: milliseconds(s.kmsTimeoutMs),
		HedgeDelay: milliseconds(s.kmsHedgeDelayMs), AWS: s.aws(), Memory: c.arena,
	}
	o.AWS.Endpoint = s.kmsEndpoint
	for _, e := range s.regionMap {
		o.Regions = append(o.Regions, awskms.Region{Name: e.name, KeyID: e.value})
	}
	if s.kmsKeyID != "" {
		o.Regions = []awskms.Region{{Name: s.preferredRegion, KeyID: s.kmsKeyID}}
	}
	for i := range o.Regions {
		o.Regions[i].Endpoint = s.kmsEndpoints.value(o.Regions[i].Name)
	}
	k, err := awskms.New(o)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// newSecretsManager fetches the master key.
func (c *Config) newSecretsManager() (envelope.KMS, error) {
	s := &c.settings
	o := secrets.Options{
		SecretID: s.secretsManagerSecretID, AttemptTimeout: milliseconds(s.kmsAttemptTimeoutMs),
		Budget: milliseconds(s.kmsTimeoutMs), AWS: s.aws(), Memory: c.arena,
	}
	o.AWS.Region, o.AWS.Endpoint = s.preferredRegion, s.kmsEndpoint
	k, err := secrets.Open(context.Background(), o)
	if err != nil {
		return nil, err
	}
	return k, nil
}
