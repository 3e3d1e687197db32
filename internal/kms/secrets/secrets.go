// Package secrets makes a static KMS of a master key that AWS Secrets Manager keeps. It is for moving away from a
// master key in a configuration: the key is fetched once, when the KMS is made, and then used as package static does,
// without rotation and without a trace of its use at AWS.
package secrets

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/lockedjson"
	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Defaults of Options.
const (
	DefaultAttemptTimeout = 1500 * time.Millisecond
	DefaultBudget         = 6 * time.Second
)

// Options say where the master key is.
type Options struct {
	SecretID string // name or ARN

	AttemptTimeout time.Duration // of one request; 0: DefaultAttemptTimeout
	Budget         time.Duration // of all of them; 0: DefaultBudget

	AWS    awsconf.Options // credentials and environment; Region is that of the secret, unless SecretID is an ARN
	Memory *seccache.Arena
}

const (
	target = "kms" // of log lines
	// pause is the time before the second attempt; twice as long before each further one.
	pause = 100 * time.Millisecond
	// The members of an answer that hold the master key.
	secretString, secretBinary = "SecretString", "SecretBinary"
)

// Open fetches the master key. The secret is a text of 64 hex digits, or 32 bytes of binary. It is an error of class
// Configuration if it is something else.
func Open(ctx context.Context, o Options) (*static.KMS, error) {
	o.SecretID = strings.TrimSpace(o.SecretID)
	home, err := regionOf(o.SecretID)
	if err != nil {
		return nil, err
	}
	if home != "" {
		o.AWS.Region = home
	}
	if o.AttemptTimeout < 0 || o.Budget < 0 {
		return nil, refuse("a time limit of Secrets Manager is negative")
	}
	if o.AttemptTimeout == 0 {
		o.AttemptTimeout = DefaultAttemptTimeout
	}
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.Memory == nil {
		o.Memory = seccache.Open(seccache.Prefer)
	}
	settings, err := awsconf.Open(o.AWS)
	if err != nil {
		return nil, err
	}
	defer settings.Close()
	if settings.Region == "" {
		return nil, refuse("the region of the secret is not known: name its ARN, or set " +
			"PreferredRegion or the environment variable AWS_REGION")
	}
	key, err := fetch(ctx, &o, settings)
	if err != nil {
		return nil, err
	}
	return static.New(o.Memory, key)
}

// regionOf returns the region of an ARN, "" for a name.
func regionOf(id string) (string, error) {
	if id == "" {
		return "", refuse("the name or ARN of the secret with the master key is missing")
	}
	if !strings.HasPrefix(id, "arn:") {
		return "", nil
	}
	parts := strings.Split(id, ":")
	if len(parts) != 7 || parts[2] != "secretsmanager" || !awsconf.ValidRegion(parts[3]) {
		return "", refuse("the ARN of the secret is malformed; it has the form " +
			"arn:aws:secretsmanager:region:account:secret:name")
	}
	return parts[3], nil
}

// fetch asks until there is an answer that more asking would not change.
func fetch(ctx context.Context, o *Options, s *awsconf.Settings) (*seccache.Secret, error) {
	transport := &secrethttp.Transport{TLS: s.TLS, Proxy: s.Proxy, Memory: o.Memory}
	defer transport.Close()
	protocol := lockedjson.New(schemas.Secretsmanager, o.Memory, map[string]lockedjson.Encoding{
		secretString: lockedjson.Text, secretBinary: lockedjson.Base64,
	})
	client := secretsmanager.New(secretsmanager.Options{
		Region: s.Region, Credentials: s.Credentials, HTTPClient: transport, BaseEndpoint: s.Endpoint(awsconf.SecretsManager),
		EndpointOptions: secretsmanager.EndpointResolverOptions{UseFIPSEndpoint: s.FIPS, UseDualStackEndpoint: s.DualStack},
		Retryer:         aws.NopRetryer{},
	}, func(options *secretsmanager.Options) { options.Protocol = protocol })
	bounded, cancel := context.WithTimeout(ctx, o.Budget)
	defer cancel()
	_, err := s.Credentials.Retrieve(bounded)
	var last error // of an attempt that the budget has not cut short
	for n := 0; ; n++ {
		var x lockedjson.Exchange
		if err == nil {
			attempt, cancel := context.WithTimeout(bounded, o.AttemptTimeout)
			_, err = client.GetSecretValue(x.With(attempt), &secretsmanager.GetSecretValueInput{SecretId: &o.SecretID})
			cancel()
		}
		if err == nil {
			key, err := masterKey(&x, o.Memory)
			x.Destroy()
			return key, err
		}
		x.Destroy()
		if last == nil || bounded.Err() == nil {
			last = err
		}
		class := awsconf.Classify(last)
		if class == awsconf.BadSignature {
			s.ForgetCredentials()
		}
		if !class.Transient() || class == awsconf.BadSignature && n > 0 || !wait(bounded, pause<<n) {
			return nil, failed(ctx, s.Region, class, last)
		}
		hooks.Log(hooks.Debug, target, "Secrets Manager in %s: %s: %v", s.Region, class, err)
		err = nil
	}
}

// wait is false if ctx ends before d has passed.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// failed makes the error for the caller, and logs it with everything that is known.
func failed(ctx context.Context, region string, class awsconf.Class, err error) error {
	if ended := ctx.Err(); ended != nil {
		return envelope.Errorf(envelope.TimedOut, errors.Join(ended, err),
			"the call ended while Secrets Manager was asked for the master key")
	}
	if errors.Is(err, seccache.ErrLockedMemory) {
		return envelope.Errorf(envelope.LockedMemory, err, "%v", seccache.ErrLockedMemory)
	}
	hooks.Log(hooks.Error, target, "Secrets Manager in %s failed to give the master key: %s: %v", region, class, err)
	code := envelope.KMSFailed
	if class == awsconf.TimedOut {
		code = envelope.TimedOut
	}
	return envelope.Errorf(code, err, "Secrets Manager failed to give the master key: %s: %s", region, class.Describe(err))
}

// masterKey takes the key out of a secret.
func masterKey(x *lockedjson.Exchange, memory *seccache.Arena) (*seccache.Secret, error) {
	text, binary := x.Received[secretString], x.Received[secretBinary]
	key, err := memory.NewSecret(seccache.KeySize)
	if err != nil {
		return nil, envelope.Errorf(envelope.LockedMemory, err, "%v", err)
	}
	switch {
	case text != nil:
		digits := bytes.TrimSpace(text.Bytes())
		if len(digits) == hex.EncodedLen(seccache.KeySize) {
			if _, err := hex.Decode(key.Bytes(), digits); err == nil {
				return key, nil
			}
		}
		err = refuse("the secret is a text of %d bytes; it must have 64 hex digits", len(digits))
	case binary != nil && len(binary.Bytes()) == seccache.KeySize:
		copy(key.Bytes(), binary.Bytes())
		return key, nil
	case binary != nil:
		err = refuse("the secret is binary and has %d bytes; it must have %d", len(binary.Bytes()), seccache.KeySize)
	default:
		err = refuse("the secret is empty")
	}
	key.Destroy()
	return nil, err
}

func refuse(format string, args ...any) error {
	return envelope.Errorf(envelope.Configuration, nil, format, args...)
}
