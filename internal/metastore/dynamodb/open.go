package dynamodb

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/auth"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
)

// Limits of one call where options say nothing else: one attempt, all of them, and how many there are. Attempts after a
// throttled one wait longer and longer, up to a second.
const (
	defaultAttempt = 3 * time.Second
	defaultBudget  = 10 * time.Second
	maxAttempts    = 8
	longestPause   = time.Second
)

// Settings says which table of which account, and how patient to be.
type Settings struct {
	AWS            *awsconf.Settings // becomes the metastore's
	Table          string            // "": DefaultTable
	KeySuffix      string
	AttemptTimeout time.Duration // 0: three seconds
	Budget         time.Duration // 0: ten seconds
}

// Open makes a metastore and its client. It does no I/O. A missing region is a Configuration error.
func Open(s Settings) (*Metastore, error) {
	if s.AWS.Region == "" {
		s.AWS.Close()
		return nil, envelope.Errorf(envelope.Configuration, nil,
			"DynamoDB metastore: no region; give DynamoDBRegion (environment variable AWS_REGION)")
	}
	if s.AttemptTimeout == 0 {
		s.AttemptTimeout = defaultAttempt
	}
	http := *s.AWS.HTTP
	http.Timeout = s.AttemptTimeout
	client := dynamodb.New(dynamodb.Options{
		Region: s.AWS.Region, Credentials: s.AWS.Credentials, BaseEndpoint: s.AWS.Endpoint(awsconf.DynamoDB), HTTPClient: &http,
		EndpointOptions: dynamodb.EndpointResolverOptions{
			UseFIPSEndpoint: s.AWS.FIPS, UseDualStackEndpoint: s.AWS.DualStack,
		},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = maxAttempts, longestPause
			// A factory asks seldom: it would use up a budget of retries in the first outage, and have none afterwards.
			o.RateLimiter = ratelimit.None
		}),
	}, func(o *dynamodb.Options) {
		o.AuthSchemeResolver = signedFor{o.AuthSchemeResolver, s.AWS.SigningRegion}
	})
	m := New(Options{Client: client, Table: s.Table, KeySuffix: s.KeySuffix, Budget: s.Budget})
	m.aws = s.AWS
	return m, nil
}

// signedFor has requests signed for a region.
type signedFor struct {
	dynamodb.AuthSchemeResolver
	region string
}

func (s signedFor) ResolveAuthSchemes(ctx context.Context, p *dynamodb.AuthResolverParameters) ([]*auth.Option, error) {
	signed := *p
	signed.Region = s.region
	return s.AuthSchemeResolver.ResolveAuthSchemes(ctx, &signed)
}
