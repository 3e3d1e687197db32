// Package config turns a configuration, JSON or environment variables, into a session factory.
//
// One table, fields, says for every field what it is called, what it may hold and what it means; parsing, redaction and
// docs/configuration.md follow from it. No error or warning of this package holds a value from a configuration, only
// names of fields, so that nothing secret can be in one. Secrets are kept in locked memory and nowhere else.
package config

import (
	"fmt"
	"sync"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Config is a configuration that was found to be valid. It is safe for concurrent use.
type Config struct {
	settings settings
	given    map[string]bool // the fields that are there
	readOnly bool            // nothing is made or changed by opening it
	arena    *seccache.Arena

	mu     sync.Mutex
	users  int // calls that use the secrets
	closed bool
}

// settings has one member for each field of the table; a field that is absent has its default, or the zero value.
type settings struct {
	serviceName, productID string
	allowEmptyPartition    bool
	regionSuffix           string
	enableRegionSuffix     bool

	metastore        string
	connectionString *seccache.Secret
	sqliteCreate     bool

	sqlMetastoreDBType, replicaReadConsistency                 string
	poolMaxOpen, poolMaxIdle, poolMaxLifetime, poolMaxIdleTime int64
	queryTimeoutMs, queryRetryMs                               int64
	localTimeZone, driftGuard                                  string
	dynamoDBTableName, dynamoDBRegion                          string
	dynamoDBSigningRegion, dynamoDBEndpoint                    string
	awsProfileName, awsAccessKeyID                             string
	awsSecretAccessKey, awsSessionToken                        *seccache.Secret
	kms                                                        string
	staticMasterKeyHex, staticMasterKey                        *seccache.Secret // both hold the key itself
	regionMap, kmsEndpoints                                    entries
	preferredRegion, kmsKeyID, secretsManagerSecretID          string
	kmsEndpoint                                                string
	kmsRequireAllRegions, kmsAnyKey                            bool
	kmsAttemptTimeoutMs, kmsTimeoutMs, kmsHedgeDelayMs         int64
	vaultAddr, vaultTransitKey, vaultTransitMount              string
	vaultNamespace, vaultCACert                                string
	vaultAuthMethod, vaultAuthRole, vaultAuthMount             string
	vaultAppRoleRoleID                                         string
	vaultClientCert, vaultClientKey, vaultK8sTokenPath         string
	vaultToken, vaultAppRoleSecretID                           *seccache.Secret
	expireAfter, checkInterval, revokeCheckGrace               int64 // seconds
	createDatePrecision                                        int64 // seconds
	cacheSystemKeys, cacheIntermediateKeys                     bool
	systemKeyCacheMaxSize, intermediateKeyCacheMaxSize         int64
	enableSessionCaching                                       bool
	sessionCacheMaxSize                                        int64
	sessionCacheDuration                                       int64 // seconds
	lockedMemory                                               string
	rotationStrategy                                           string
	notifyExpiredSystemKey, notifyExpiredIntermediateKey       bool
	timeoutMs, callbackTimeoutMs                               int64 // milliseconds
	strictConfig, verbose                                      bool
	disableZeroCopy, nullDataCheck, enableCanaries             bool
}

// entry is a member of an object of strings.
type entry struct{ name, value string }

// entries are the members of an object of strings in the order of the configuration.
type entries []entry

// value returns the value of a member, "" if there is none.
func (e entries) value(name string) string {
	for _, member := range e {
		if member.name == name {
			return member.value
		}
	}
	return ""
}

func newConfig(from source) *Config {
	c := &Config{arena: seccache.Open(seccache.Prefer), given: map[string]bool{}}
	for i := range fields {
		fields[i].setDefault(&c.settings, from)
	}
	c.settings.strictConfig = from == fromTool
	return c
}

// Close wipes the secrets of c, or has the last of the calls that use them do it. Factories made from it go on working.
// Further calls do nothing.
func (c *Config) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.wipeIfUnused()
}

// enter counts a user of the secrets, unless c is closed. There is no lock to hold meanwhile: a log hook may close c.
func (c *Config) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.users++
	return true
}

func (c *Config) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users--
	c.wipeIfUnused()
}

func (c *Config) wipeIfUnused() {
	if !c.closed || c.users > 0 {
		return
	}
	for i := range fields {
		if secret, ok := fields[i].into(&c.settings).(**seccache.Secret); ok && *secret != nil {
			(*secret).Destroy()
			*secret = nil
		}
	}
}

// String describes c without its secrets.
func (c *Config) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := "configuration{"
	for i := range fields {
		f := &fields[i]
		if shown := f.show(&c.settings); shown != "" {
			text += f.name + ":" + shown + " "
		}
	}
	return text[:len(text)-1] + "}"
}

// Format writes what String returns, whatever the verb: %#v and its like would print the members.
func (c *Config) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(c.String())) }

func refuse(format string, args ...any) error {
	return envelope.Errorf(envelope.Configuration, nil, format, args...)
}

func warn(format string, args ...any) { hooks.Log(hooks.Warn, "config", format, args...) }
