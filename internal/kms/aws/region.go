package awskms

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/schemas"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/lockedjson"
	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/seccache"
)

// plaintext is the member of requests and answers that holds a data key.
const plaintext = "Plaintext"

// region is one region of KMS and the key in it.
type region struct {
	name, keyID string
	anyKey      bool
	client      *kms.Client
	breaker     breaker

	requests, failures, leftOut atomic.Uint64
	lingering                   atomic.Int64 // attempts whose outcome nobody waits for

	mu       sync.Mutex
	incident awsconf.Class // what it fails of, "" while it does not
	since    uint64
}

// newRegion makes the region's client, which all calls share.
func newRegion(o *Options, r Region, s *awsconf.Settings, transport *secrethttp.Transport) (*region, error) {
	endpoint := s.Endpoint(awsconf.KMS)
	if r.Endpoint != "" {
		endpoint = &r.Endpoint
	}
	options := kms.Options{
		Region: r.Name, Credentials: s.Credentials, HTTPClient: transport, BaseEndpoint: endpoint,
		EndpointOptions: kms.EndpointResolverOptions{UseFIPSEndpoint: s.FIPS, UseDualStackEndpoint: s.DualStack},
		Retryer:         aws.NopRetryer{}, // retries are ours
	}
	parameters := kms.EndpointParameters{
		Region: &r.Name, Endpoint: endpoint,
		UseFIPS:      aws.Bool(s.FIPS == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(s.DualStack == aws.DualStackEndpointStateEnabled),
	}
	if _, err := kms.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), parameters); err != nil {
		return nil, envelope.Errorf(envelope.Configuration, err, "AWS KMS has no such endpoint in %s: %v", r.Name, err)
	}
	secret := map[string]lockedjson.Encoding{plaintext: lockedjson.Base64}
	protocol := lockedjson.New(schemas.TrentService, o.Memory, secret)
	client := kms.New(options, func(o *kms.Options) { o.Protocol = protocol })
	return &region{name: r.Name, keyID: r.KeyID, anyKey: o.AnyKey, client: client}, nil
}

// dataKey is a data key in the clear and as the region that made it has wrapped it.
type dataKey struct {
	key     *seccache.Secret
	wrapped []byte
}

func (r *region) generateDataKey(ctx context.Context) (*dataKey, error) {
	var x lockedjson.Exchange
	defer x.Destroy()
	out, err := r.client.GenerateDataKey(x.With(ctx), &kms.GenerateDataKeyInput{
		KeyId: &r.keyID, KeySpec: types.DataKeySpecAes256,
	})
	if err != nil {
		return nil, err
	}
	if n := len(out.CiphertextBlob); n == 0 || n > maxKek {
		return nil, fmt.Errorf("%w: a wrapped key of %d bytes", errAnswer, n)
	}
	key, err := keyIn(&x, errAnswer)
	if err != nil {
		return nil, err
	}
	return &dataKey{key, out.CiphertextBlob}, nil
}

// encrypt wraps a data key.
func (r *region) encrypt(ctx context.Context, key *seccache.Secret) ([]byte, error) {
	x := lockedjson.Exchange{Name: plaintext, Value: key.Bytes()}
	defer x.Destroy()
	out, err := r.client.Encrypt(x.With(ctx), &kms.EncryptInput{KeyId: &r.keyID, Plaintext: []byte{}})
	if err != nil {
		return nil, err
	}
	if n := len(out.CiphertextBlob); n == 0 || n > maxKek {
		return nil, fmt.Errorf("%w: a wrapped key of %d bytes", errAnswer, n)
	}
	return out.CiphertextBlob, nil
}

// decrypt unwraps a data key.
func (r *region) decrypt(ctx context.Context, wrapped []byte) (*seccache.Secret, error) {
	in := kms.DecryptInput{CiphertextBlob: wrapped, KeyId: &r.keyID}
	if r.anyKey {
		in.KeyId = nil
	}
	var x lockedjson.Exchange
	defer x.Destroy()
	if _, err := r.client.Decrypt(x.With(ctx), &in); err != nil {
		return nil, err
	}
	return keyIn(&x, errWrongKey)
}

// keyIn takes a data key out of an answer. One of another length is the given error.
func keyIn(x *lockedjson.Exchange, otherLength error) (*seccache.Secret, error) {
	key := x.Received[plaintext]
	if key == nil {
		return nil, fmt.Errorf("%w: no data key", errAnswer)
	}
	if n := len(key.Bytes()); n != seccache.KeySize {
		return nil, fmt.Errorf("%w: a data key of %d bytes", otherLength, n)
	}
	delete(x.Received, plaintext)
	return key, nil
}

// note counts the outcome of a request, and logs the first of an incident and the end of it.
func (r *region) note(err error) {
	r.requests.Add(1)
	now := time.Now()
	if err == nil {
		r.breaker.report(false, now)
		if count, ended := r.recovered(); ended {
			hooks.Log(hooks.Info, target, "AWS KMS in %s serves again, after %d failures", r.name, count)
		}
		return
	}
	f := newFailure(r, err)
	if f.class == awsconf.Abandoned {
		r.breaker.withdraw()
		return
	}
	r.failures.Add(1)
	r.breaker.report(f.class.Outage(), now)
	if r.fails(f.class) {
		hooks.Log(hooks.Warn, target, "AWS KMS in %v; further failures of this kind are counted only", f)
	} else if hooks.Enabled(hooks.Debug) {
		hooks.Log(hooks.Debug, target, "AWS KMS in %v", f)
	}
}

// fails is true for the first failure of an incident.
func (r *region) fails(c awsconf.Class) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since++
	first := r.incident != c
	r.incident = c
	return first
}

// recovered ends an incident, if there is one.
func (r *region) recovered() (count uint64, ended bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count, ended = r.since, r.incident != ""
	r.incident, r.since = "", 0
	return count, ended
}
