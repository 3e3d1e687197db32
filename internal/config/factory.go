package config

import (
	"io"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Parts is what a factory may be given in place of what its configuration says.
type Parts struct {
	Metastore envelope.Metastore // nil: as configured; then it is closed with the factory
	KMS       envelope.KMS       // the same
	Decisions *envelope.Decisions
	// SyncRefresh has keys looked at again on the goroutines of callers only.
	SyncRefresh bool
	// OnClose is called once, when the factory is closed and its last session too. It must not block. It is not called
	// where no factory could be made.
	OnClose func()
}

// NewFactory makes a session factory. Each has a metastore, a KMS and a master key of its own, which go when its last
// session is closed after it, and lives on after c is closed. It may open a database.
func (c *Config) NewFactory() (*envelope.Factory, error) { return c.NewFactoryOn(Parts{}) }

// NewFactoryOn makes a session factory with the given parts, which stay the caller's.
func (c *Config) NewFactoryOn(parts Parts) (*envelope.Factory, error) {
	if !c.enter() {
		return nil, errClosed()
	}
	defer c.leave()
	if c.settings.verbose {
		hooks.LogToStderr()
	}
	var own []any
	kms, store := parts.KMS, parts.Metastore
	if kms == nil {
		var err error
		if kms, err = c.openKMS(); err != nil {
			return nil, err
		}
		own = append(own, kms)
	}
	if store == nil {
		var err error
		if store, err = c.openMetastore(); err != nil {
			closeAll(own)
			return nil, err
		}
		own = append(own, store)
	}
	if err := c.checkDrift(store); err != nil {
		closeAll(own)
		return nil, err
	}
	factory, err := envelope.NewFactory(envelope.Options{
		Service: c.settings.serviceName, Product: c.settings.productID,
		Metastore: store, KMS: kms, Policy: c.settings.policy(), Memory: c.arena,
		AllowEmptyPartition: c.settings.allowEmptyPartition,
		Timeout:             time.Duration(c.settings.timeoutMs) * time.Millisecond,
		Decisions:           parts.Decisions,
		SyncRefresh:         parts.SyncRefresh,
		OnClose: func() {
			closeAll(own)
			if parts.OnClose != nil {
				parts.OnClose()
			}
		},
	})
	if err != nil {
		closeAll(own)
		return nil, err
	}
	return factory, nil
}

// closeAll closes what holds something. It does not wait for databases: whoever frees the last session must not.
func closeAll(parts []any) {
	for _, part := range parts {
		if closer, ok := part.(io.Closer); ok {
			Close(closer)
		}
	}
}

// Close closes a metastore or a KMS. One that may have to wait for others is closed beside the caller.
func Close(part io.Closer) {
	if _, quick := part.(*static.KMS); quick {
		_ = part.Close()
		return
	}
	go func() {
		if err := part.Close(); err != nil {
			hooks.Log(hooks.Error, "config", "closing a metastore or KMS failed: %v", err)
		}
	}()
}

// OpenMetastore makes the metastore of c, to be closed where it is an io.Closer. It may open a database.
func (c *Config) OpenMetastore() (envelope.Metastore, error) {
	if !c.enter() {
		return nil, errClosed()
	}
	defer c.leave()
	return c.openMetastore()
}

// OpenKMS makes the KMS of c, to be closed where it is an io.Closer.
func (c *Config) OpenKMS() (envelope.KMS, error) {
	if !c.enter() {
		return nil, errClosed()
	}
	defer c.leave()
	return c.openKMS()
}

// Memory is where c keeps its secrets, under its policy for locked memory.
func (c *Config) Memory() *seccache.Arena { return c.arena }

// ReadOnly keeps what c opens from making a file or a table that is missing, and from switching a file to write-ahead
// logging.
func (c *Config) ReadOnly() { c.settings.sqliteCreate, c.readOnly = false, true }

// Identity returns the service and the product that the keys belong to.
func (c *Config) Identity() (service, product string) {
	return c.settings.serviceName, c.settings.productID
}

// Policy returns how long keys live and what is cached.
func (c *Config) Policy() envelope.Policy { return c.settings.policy() }

// CallbackTimeout bounds each call of a metastore or a KMS that the host supplies; 0 is no bound.
func (c *Config) CallbackTimeout() time.Duration {
	return time.Duration(c.settings.callbackTimeoutMs) * time.Millisecond
}

func errClosed() error {
	return envelope.Errorf(envelope.ClosedHandle, nil, "the configuration is closed")
}

// lockedMemory gives the error of an arena its class.
func lockedMemory(err error) error {
	return envelope.Errorf(envelope.LockedMemory, err, "%s", err.Error())
}

func (s *settings) policy() envelope.Policy {
	seconds := func(n int64) time.Duration { return time.Duration(n) * time.Second }
	return envelope.Policy{
		ExpireAfter:              seconds(s.expireAfter),
		RevokeCheckInterval:      seconds(s.checkInterval),
		RevokeCheckGrace:         seconds(s.revokeCheckGrace),
		CreatePrecision:          seconds(s.createDatePrecision),
		CacheSystemKeys:          s.cacheSystemKeys && s.systemKeyCacheMaxSize > 0,
		SystemKeyCacheSize:       int(s.systemKeyCacheMaxSize),
		CacheIntermediateKeys:    s.cacheIntermediateKeys && s.intermediateKeyCacheMaxSize > 0,
		IntermediateKeyCacheSize: int(s.intermediateKeyCacheMaxSize),
		CacheSessions:            s.enableSessionCaching && s.sessionCacheMaxSize > 0 && s.sessionCacheDuration > 0,
		SessionCacheSize:         int(s.sessionCacheMaxSize),
		SessionCacheDuration:     seconds(s.sessionCacheDuration),

		QueuedRotation:               s.rotationStrategy == "queued",
		NotifyExpiredSystemKey:       s.notifyExpiredSystemKey,
		NotifyExpiredIntermediateKey: s.notifyExpiredIntermediateKey,
	}
}
