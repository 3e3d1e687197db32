// Package awskms wraps system keys with AWS KMS in one or more regions, in the format of the canonical SDKs.
//
// A data key of KMS seals the system key; every region wraps the data key. What is stored is a JSON text:
//
//	{"encryptedKey":<base64>,"kmsKeks":[{"region":..,"arn":..,"encryptedKek":<base64>},..]}
//
// encryptedKey is the sealed system key, ciphertext || tag || nonce; encryptedKek is the data key as the region has
// wrapped it. One region is enough to open the key again.
package awskms

import (
	"slices"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Defaults of Options.
const (
	DefaultAttemptTimeout = 1500 * time.Millisecond
	DefaultBudget         = 6 * time.Second
	DefaultHedgeDelay     = 300 * time.Millisecond
)

// Options are what a KMS is made of.
type Options struct {
	// Regions are asked in this order, after the preferred one. At least one.
	Regions []Region
	// Preferred names one of Regions. It may be empty only if there is one region.
	Preferred string
	// RequireAllRegions has EncryptKey fail when a region cannot wrap the data key; otherwise that region is left out.
	RequireAllRegions bool
	// AnyKey opens what any key wrapped that the credentials may use, not just the configured one of the region.
	// Canonical Java, C# and the first Go plugin do so; it is for key records from before the configured key was changed.
	AnyKey bool

	AttemptTimeout time.Duration // of one request; 0: DefaultAttemptTimeout
	Budget         time.Duration // of EncryptKey's and DecryptKey's requests in all; 0: DefaultBudget
	HedgeDelay     time.Duration // after which the next region is asked beside one that is silent; 0: DefaultHedgeDelay

	AWS    awsconf.Options // credentials and environment; Endpoint is that of every region without one of its own
	Memory *seccache.Arena // for data keys and system keys
}

// Region is one region and its key.
type Region struct {
	Name     string // "": the region in KeyID, or else the configured one
	KeyID    string // ARN of a key or an alias, id of a key, or alias/ and its name
	Endpoint string // URL in place of the region's own
}

// settle checks the options and puts the regions into the order in which they are asked. home is the configured region,
// "" if there is none.
func (o *Options) settle(home string) error {
	if len(o.Regions) == 0 {
		return refuse("AWS KMS needs a region and a key")
	}
	o.Regions = slices.Clone(o.Regions)
	for i := range o.Regions {
		if err := o.Regions[i].settle(home); err != nil {
			return err
		}
		for _, other := range o.Regions[:i] {
			if other.Name == o.Regions[i].Name {
				return refuse("the AWS region %q is there twice", other.Name)
			}
		}
	}
	if o.Preferred = strings.TrimSpace(o.Preferred); o.Preferred == "" {
		if len(o.Regions) > 1 {
			return refuse("with several AWS regions, one has to be the preferred one")
		}
		o.Preferred = o.Regions[0].Name
	}
	first := slices.IndexFunc(o.Regions, func(r Region) bool { return r.Name == o.Preferred })
	if first < 0 {
		return refuse("the AWS region %.60q that PreferredRegion names is not in RegionMap, so it has no key", o.Preferred)
	}
	preferred := o.Regions[first]
	o.Regions = slices.Insert(slices.Delete(o.Regions, first, first+1), 0, preferred)
	for _, limit := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&o.AttemptTimeout, DefaultAttemptTimeout}, {&o.Budget, DefaultBudget}, {&o.HedgeDelay, DefaultHedgeDelay},
	} {
		if *limit.value < 0 {
			return refuse("a time limit of AWS KMS is negative")
		}
		if *limit.value == 0 {
			*limit.value = limit.def
		}
	}
	if o.Memory == nil {
		o.Memory = seccache.Open(seccache.Prefer)
	}
	return nil
}

func (r *Region) settle(configured string) error {
	r.Name, r.KeyID = strings.TrimSpace(r.Name), strings.TrimSpace(r.KeyID)
	if r.KeyID == "" {
		return refuse("the AWS region %.60q has no KMS key", r.Name)
	}
	home, isARN, err := regionOfARN(r.KeyID)
	switch {
	case err != nil:
		return err
	case r.Name == "" && isARN:
		r.Name = home
	case r.Name == "":
		r.Name = configured
	case isARN && r.Name != home:
		return refuse("the KMS key of the AWS region %.60q has the ARN of a key in another region", r.Name)
	}
	if r.Name == "" {
		return refuse("the region of the KMS key is not known: name its ARN, or set " +
			"PreferredRegion or the environment variable AWS_REGION")
	}
	if !awsconf.ValidRegion(r.Name) {
		return refuse("%.60q is not the name of an AWS region, such as us-west-2", r.Name)
	}
	if r.Endpoint != "" {
		return awsconf.CheckEndpoint(r.Endpoint)
	}
	return nil
}

// regionOfARN returns the region of arn:partition:kms:region:account:key/id. isARN is false for other names of keys.
func regionOfARN(id string) (region string, isARN bool, err error) {
	if !strings.HasPrefix(id, "arn:") {
		if len(id) > 256 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
			return "", false, refuse("the id of a KMS key is malformed")
		}
		return "", false, nil
	}
	parts := strings.Split(id, ":")
	if len(parts) != 6 || parts[2] != "kms" || parts[3] == "" ||
		!strings.HasPrefix(parts[5], "key/") && !strings.HasPrefix(parts[5], "alias/") {
		return "", true, refuse("the ARN of a KMS key is malformed; it has the form arn:aws:kms:region:account:key/id")
	}
	return parts[3], true, nil
}

func refuse(format string, args ...any) error {
	return envelope.Errorf(envelope.Configuration, nil, format, args...)
}
