package config

import (
	"errors"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/kms/vault"
	"github.com/libasherah/libasherah/internal/seccache"
)

// testMasterKey is the key that the Asherah family publishes for tests.
const testMasterKey = "thisIsAStaticMasterKeyForTesting"

// validateKMS looks at the fields of the chosen KMS together.
func (s *settings) validateKMS() error {
	switch s.kms {
	case "static", "test-debug-static":
		return s.validateStatic()
	case "vault", "vault-transit":
		return s.validateVault()
	case "secrets-manager":
		if s.secretsManagerSecretID == "" {
			return missing("SecretsManagerSecretId", "KMS \"secrets-manager\" needs it")
		}
		return s.validateAWS()
	}
	return s.validateAWSKMS()
}

func (s *settings) validateStatic() error {
	given := s.staticMasterKeyHex != nil || s.staticMasterKey != nil
	switch {
	case s.kms == "test-debug-static" && given:
		return refuse("configuration field KMS: \"test-debug-static\" uses a published key, not the one in " +
			"StaticMasterKeyHex or StaticMasterKey; use \"static\" for yours")
	case s.kms == "static" && !given:
		return refuse("configuration field KMS: \"static\" needs StaticMasterKeyHex (64 hex digits) or StaticMasterKey " +
			"(32 bytes of UTF-8); for tests there is \"test-debug-static\", whose key is published")
	case s.staticMasterKeyHex != nil && s.staticMasterKey != nil:
		return refuse("configuration fields StaticMasterKeyHex and StaticMasterKey are both there; give one")
	}
	return nil
}

func (s *settings) validateVault() error {
	if s.vaultAuthMethod == "" {
		if s.vaultToken == nil {
			return missing("VaultToken", "KMS \"vault\" needs it unless VaultAuthMethod says how else to log in")
		}
		s.vaultAuthMethod = string(vault.Token)
	}
	for _, need := range []struct {
		method vault.Method // "": all
		field  string
		absent bool
	}{
		{"", "VaultAddr", s.vaultAddr == ""},
		{"", "VaultTransitKey", s.vaultTransitKey == ""},
		{vault.Token, "VaultToken", s.vaultToken == nil},
		{vault.Kubernetes, "VaultAuthRole", s.vaultAuthRole == ""},
		{vault.AppRole, "VaultApproleRoleId", s.vaultAppRoleRoleID == ""},
		{vault.Certificate, "VaultClientCert", s.vaultClientCert == ""},
		{vault.Certificate, "VaultClientKey", s.vaultClientKey == ""},
	} {
		if need.absent && need.method == "" {
			return missing(need.field, "KMS \"vault\" needs it")
		}
		if need.absent && string(need.method) == s.vaultAuthMethod {
			return missing(need.field, "VaultAuthMethod \""+s.vaultAuthMethod+"\" needs it")
		}
	}
	return nil
}

// missing is the error for a field that another one needs.
func missing(name, why string) error {
	return refuse("configuration field %s is missing; %s%s", name, why, hint(fieldNamed[name]))
}

func (c *Config) openKMS() (envelope.KMS, error) {
	switch c.settings.kms {
	case "vault", "vault-transit":
		return c.newVault()
	case "aws":
		return c.newAWSKMS()
	case "secrets-manager":
		return c.newSecretsManager()
	}
	return c.newStaticKMS()
}

func (c *Config) newStaticKMS() (envelope.KMS, error) {
	key, err := c.arena.NewSecret(seccache.KeySize)
	if err != nil {
		return nil, lockedMemory(err)
	}
	if !c.given["KMS"] {
		hooks.Log(hooks.Warn, "config", "the KMS is a static key, which is no KMS for production: it has no rotation and "+
			"no audit. KMS \"static\" in the configuration says that it is meant")
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
	switch {
	case errors.Is(err, seccache.ErrLockedMemory):
		return nil, lockedMemory(err)
	case err != nil:
		return nil, err
	}
	return kms, nil
}

func (c *Config) newVault() (envelope.KMS, error) {
	s := &c.settings
	login := vault.Login{
		Method: vault.Method(s.vaultAuthMethod), Mount: s.vaultAuthMount, Role: s.vaultAuthRole,
		TokenPath: s.vaultK8sTokenPath, RoleID: s.vaultAppRoleRoleID,
		ClientCert: s.vaultClientCert, ClientKey: s.vaultClientKey,
	}
	var err error
	if login.Token, err = c.copyOf(s.vaultToken); err != nil {
		return nil, err
	}
	if login.SecretID, err = c.copyOf(s.vaultAppRoleSecretID); err != nil {
		login.Token.Destroy()
		return nil, err
	}
	k, err := vault.New(vault.Options{
		Address: s.vaultAddr, Key: s.vaultTransitKey, Mount: s.vaultTransitMount, Namespace: s.vaultNamespace,
		CACert: s.vaultCACert, Login: login, Memory: c.arena,
		AttemptTimeout: milliseconds(s.kmsAttemptTimeoutMs), Budget: milliseconds(s.kmsTimeoutMs),
	})
	if err != nil {
		return nil, err // not k: it would be an interface with a nil in it
	}
	return k, nil
}

// copyOf copies a secret for a part that outlives c, nil for none.
func (c *Config) copyOf(secret *seccache.Secret) (*seccache.Secret, error) {
	if secret == nil {
		return nil, nil
	}
	own, err := c.arena.NewSecret(len(secret.Bytes()))
	if err != nil {
		return nil, lockedMemory(err)
	}
	copy(own.Bytes(), secret.Bytes())
	return own, nil
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
