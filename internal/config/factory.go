package config

import (
	"errors"
	"io"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
	"github.com/libasherah/libasherah/internal/seccache"
)

// testMasterKey is the key that the Asherah family publishes for tests.
const testMasterKey = "thisIsAStaticMasterKeyForTesting"

// NewFactory makes a session factory. Each has a metastore, a KMS and a master key of its own, which go when its last
// session is closed after it, and lives on after c is closed. It may open a database.
func (c *Config) NewFactory() (*envelope.Factory, error) {
	if !c.enter() {
		return nil, envelope.Errorf(envelope.ClosedHandle, nil, "the configuration is closed")
	}
	defer c.leave()
	if c.settings.verbose {
		hooks.LogToStderr()
	}
	kms, err := c.newKMS()
	if err != nil {
		return nil, err
	}
	store, err := c.openMetastore()
	if err != nil {
		_ = kms.Close()
		return nil, err
	}
	end := func() {
		_ = kms.Close()
		if pool, ok := store.(io.Closer); ok {
			go closePool(pool)
		}
	}
	factory, err := envelope.NewFactory(envelope.Options{
		Service: c.settings.serviceName, Product: c.settings.productID,
		Metastore: store, KMS: kms, Policy: c.settings.policy(), Memory: c.arena,
		AllowEmptyPartition: c.settings.allowEmptyPartition,
		Timeout:             time.Duration(c.settings.timeoutMs) * time.Millisecond,
		OnClose:             end,
	})
	if err != nil {
		end()
		return nil, err
	}
	return factory, nil
}

// closePool runs beside whoever frees the last session, who must not wait for a database.
func closePool(pool io.Closer) {
	if err := pool.Close(); err != nil {
		hooks.Log(hooks.Error, "config", "closing the metastore failed: %v", err)
	}
}

func (c *Config) openMetastore() (envelope.Metastore, error) {
	if c.settings.metastore == "memory" {
		return memory.NewWithSuffix(c.settings.regionSuffix), nil
	}
	return rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{
		Path:      string(sqlitePath(c.settings.connectionString)),
		Create:    c.settings.sqliteCreate,
		KeySuffix: c.settings.regionSuffix,
	})
}

func (c *Config) newKMS() (*static.KMS, error) {
	key, err := c.arena.NewSecret(seccache.KeySize)
	if err != nil {
		return nil, lockedMemory(err)
	}
	switch {
	case c.settings.kms == "test-debug-static":
		hooks.Log(hooks.Warn, "config", "KMS \"test-debug-static\" wraps system keys with a published key: "+
			"nothing is protected; for tests only")
		copy(key.Bytes(), testMasterKey)
	case c.settings.staticMasterKeyHex != nil:
		copy(key.Bytes(), c.settings.staticMasterKeyHex.Bytes())
	default:
		copy(key.Bytes(), c.settings.staticMasterKey.Bytes())
	}
	kms, err := static.New(c.arena, key)
	if errors.Is(err, seccache.ErrLockedMemory) {
		return nil, lockedMemory(err)
	}
	return kms, err
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
	}
}
