package awskms

import (
	"context"
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/seccache"
)

var _ envelope.KMS = (*KMS)(nil)

// KMS wraps system keys in all its regions. It is safe for concurrent use until Close.
type KMS struct {
	options   Options
	regions   []*region // in the order in which they are asked
	settings  *awsconf.Settings
	transport *secrethttp.Transport

	closing context.Context
	stop    context.CancelFunc
	mu      sync.Mutex // of running, against closing
	running sync.WaitGroup
}

// New makes a KMS. It reads configuration files of AWS, and asks no server.
func New(o Options) (*KMS, error) {
	settings, err := awsconf.Open(o.AWS)
	if err != nil {
		return nil, err
	}
	if err := o.settle(settings.Region); err != nil {
		settings.Close()
		return nil, err
	}
	if settings.Region == "" { // for the service that roles are assumed with
		settings.Region, settings.SigningRegion = o.Preferred, o.Preferred
	}
	k := &KMS{options: o, settings: settings}
	k.transport = &secrethttp.Transport{TLS: settings.TLS, Proxy: settings.Proxy, Memory: o.Memory}
	k.closing, k.stop = context.WithCancel(context.Background())
	for _, r := range o.Regions {
		made, err := newRegion(&o, r, settings, k.transport)
		if err != nil {
			_ = k.Close()
			return nil, err
		}
		k.regions = append(k.regions, made)
	}
	return k, nil
}

// EncryptKey seals a 32-byte key with a new data key, which it has wrapped in all regions. A region that cannot is left
// out, unless all are required. created and revoked are not bound to it.
func (k *KMS) EncryptKey(ctx context.Context, key *seccache.Secret, _ int64, _ bool) ([]byte, error) {
	const what = "encrypt a new system key"
	if n := len(key.Bytes()); n != seccache.KeySize {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "a key of %d bytes cannot be wrapped; it must have %d",
			n, seccache.KeySize)
	}
	if err := k.enter(ctx); err != nil {
		return nil, err
	}
	defer k.running.Done()
	started := time.Now()
	if err := k.authenticate(ctx, what); err != nil {
		return nil, err
	}
	made := race[*dataKey]{
		kms: k, what: envelope.DataKeyGenerated, discard: func(d *dataKey) { d.key.Destroy() },
		try: func(ctx context.Context, r *region) (*dataKey, error) { return r.generateDataKey(ctx) },
	}
	data, maker, failed := made.run(ctx, lanes(k.regions, started), k.left(started))
	if data == nil {
		return nil, k.failed(ctx, what, failed)
	}
	defer data.key.Destroy()
	cipher, err := k.options.Memory.NewAEAD(data.key.Bytes())
	if err != nil {
		return nil, err
	}
	b := blob{sealed: envelope.SealKey(cipher.Seal, key.Bytes()), keks: []kek{{maker.name, maker.keyID, data.wrapped}}}
	cipher.Destroy()
	keks, failed := k.wrapElsewhere(ctx, maker, data.key, started)
	if err := ctx.Err(); err != nil || len(failed) > 0 && k.options.RequireAllRegions {
		return nil, k.failed(ctx, what, failed)
	}
	if len(failed) > 0 {
		hooks.Log(hooks.Warn, target, "a new system key is not wrapped in all regions: %v", failed)
	}
	b.keks = append(b.keks, keks...)
	return b.encode(), nil
}

// wrapElsewhere has all regions but one wrap a data key, at the same time. It takes no longer than two attempts, or
// half of what ctx still allows: a region that is down costs its copy, not the key.
func (k *KMS) wrapElsewhere(
	ctx context.Context, maker *region, key *seccache.Secret, started time.Time,
) ([]kek, failures) {
	limit := k.left(started)
	if !k.options.RequireAllRegions {
		limit = min(limit, 2*k.options.AttemptTimeout+4*pause)
		if end, bounded := ctx.Deadline(); bounded {
			limit = min(limit, time.Until(end)/2)
		}
	}
	type outcome struct {
		kek    kek
		failed failures
	}
	outcomes := make([]outcome, len(k.regions))
	var all sync.WaitGroup
	for i, r := range k.regions {
		if r == maker {
			continue
		}
		all.Go(func() {
			l := lane{r, 2, false}
			switch r.breaker.admit(time.Now()) {
			case probe:
				l.attempts = 1
			case barred:
				if l.attempts = 1; !k.options.RequireAllRegions {
					outcomes[i].failed = failures{{r.name, awsconf.Unreachable, errBarred}}
					return
				}
			}
			// A copy: an attempt may go on when this call has ended.
			copied, err := k.options.Memory.NewSecret(seccache.KeySize)
			if err != nil {
				outcomes[i].failed = failures{newFailure(r, err)}
				return
			}
			copy(copied.Bytes(), key.Bytes())
			wrap := race[[]byte]{
				kms: k, what: envelope.DataKeyEncrypted, discard: func([]byte) {}, finally: copied.Destroy,
				try: func(ctx context.Context, r *region) ([]byte, error) { return r.encrypt(ctx, copied) },
			}
			wrapped, _, failed := wrap.run(ctx, []lane{l}, limit)
			outcomes[i] = outcome{kek{r.name, r.keyID, wrapped}, failed}
		})
	}
	all.Wait()
	var keks []kek
	var failed failures
	for i, o := range outcomes {
		switch {
		case o.failed != nil:
			k.regions[i].leftOut.Add(1)
			failed = append(failed, o.failed...)
		case o.kek.wrapped != nil:
			keks = append(keks, o.kek)
		}
	}
	return keks, failed
}

// DecryptKey opens what EncryptKey of this or a canonical SDK made, with the help of the first region that can.
func (k *KMS) DecryptKey(ctx context.Context, text []byte, _ int64, _ bool) (*seccache.Secret, error) {
	const what = "decrypt a system key"
	if err := k.enter(ctx); err != nil {
		return nil, err
	}
	defer k.running.Done()
	b, err := decode(text)
	if err != nil {
		return nil, err
	}
	regions := k.with(b)
	if len(regions) == 0 {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "the system key was wrapped by AWS KMS in %s, and none of "+
			"these regions is configured", b.regions())
	}
	started := time.Now()
	if err := k.authenticate(ctx, what); err != nil {
		return nil, err
	}
	opened := race[*seccache.Secret]{
		kms: k, what: envelope.DataKeyDecrypted, discard: (*seccache.Secret).Destroy,
		try: func(ctx context.Context, r *region) (*seccache.Secret, error) { return k.open(ctx, r, b) },
	}
	key, _, failed := opened.run(ctx, lanes(regions, started), k.left(started))
	if key == nil {
		return nil, k.failed(ctx, what, failed)
	}
	return key, nil
}

// open has one region unwrap the data key and opens the system key with it. A region may be there more than once.
func (k *KMS) open(ctx context.Context, r *region, b *blob) (key *seccache.Secret, err error) {
	for _, wrapped := range b.keks {
		if wrapped.region != r.name {
			continue
		}
		if key, err = k.openWith(ctx, r, b, wrapped.wrapped); err == nil || classify(err) != awsconf.WrongKey {
			return key, err
		}
	}
	return nil, err
}

func (k *KMS) openWith(ctx context.Context, r *region, b *blob, wrapped []byte) (*seccache.Secret, error) {
	data, err := r.decrypt(ctx, wrapped)
	if err != nil {
		return nil, err
	}
	defer data.Destroy()
	cipher, err := k.options.Memory.NewAEAD(data.Bytes())
	if err != nil {
		return nil, err
	}
	defer cipher.Destroy()
	key, err := envelope.OpenKey(k.options.Memory, cipher.Open, b.sealed)
	if envelope.CodeOf(err) == envelope.Authentication {
		return nil, errWrongKey
	}
	return key, err
}

// with returns the regions that have wrapped b.
func (k *KMS) with(b *blob) (list []*region) {
	for _, r := range k.regions {
		for _, wrapped := range b.keks {
			if wrapped.region == r.name {
				list = append(list, r)
				break
			}
		}
	}
	return list
}

// enter begins a call, which ends with running.Done.
func (k *KMS) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closing.Err() != nil {
		return envelope.Errorf(envelope.KMSFailed, nil, "the AWS KMS is closed")
	}
	k.running.Add(1)
	return nil
}

// authenticate gets credentials before any region is asked, so that waiting for them counts for none.
func (k *KMS) authenticate(ctx context.Context, what string) error {
	bounded, cancel := context.WithTimeout(ctx, k.options.Budget)
	defer cancel()
	defer context.AfterFunc(k.closing, cancel)()
	if _, err := k.settings.Credentials.Retrieve(bounded); err != nil {
		return k.failed(ctx, what, failures{newFailure(k.regions[0], err)})
	}
	return nil
}

func (k *KMS) left(started time.Time) time.Duration { return k.options.Budget - time.Since(started) }

// Close ends what is under way and waits for it, which does not take long. It is idempotent.
func (k *KMS) Close() error {
	k.mu.Lock()
	k.stop()
	k.mu.Unlock()
	k.transport.Close()
	k.settings.Close()
	k.running.Wait()
	return nil
}
