package config

import (
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/kms/vault/vaulttest"
	"github.com/libasherah/libasherah/internal/seccache"
)

// onVault is a configuration whose system keys a Vault wraps.
func onVault(address string) given {
	return minimal().with("KMS", `"vault"`).with("VaultAddr", `"`+address+`"`).
		with("VaultTransitKey", `"`+vaulttest.Key+`"`).with("VaultTransitMount", `"`+vaulttest.Mount+`"`)
}

func TestVault(t *testing.T) {
	live := seccache.ReadStats().LiveSecrets
	s := vaulttest.Start(t, false)
	for name, g := range map[string]given{
		"token":   onVault(s.URL).with("VaultToken", `"`+vaulttest.RootToken+`"`),
		"approle": onVault(s.URL).with("VaultAuthMethod", `"approle"`).with("VaultApproleRoleId", `"`+vaulttest.RoleID+`"`).with("VaultApproleSecretId", `"`+vaulttest.SecretID+`"`),
		"alias":   onVault(s.URL).with("KMS", `"vault-transit"`).with("VaultToken", `"`+vaulttest.RootToken+`"`),
	} {
		c := mustParse(t, g.text())
		f := mustMake(t, c)
		c.Close() // what the KMS needs is its own
		if err := decrypts(f, encrypt(t, f, "text"), "text"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
	if s.Requests("/encrypt/"+vaulttest.Key) != 3 {
		t.Error("system keys were not wrapped by the server")
	}
	waitFor(t, func() bool { return seccache.ReadStats().LiveSecrets == live })
	for field, g := range map[string]given{
		"VaultToken":         onVault(s.URL),
		"VaultAddr":          onVault(s.URL).with("VaultToken", `"t"`).without("VaultAddr"),
		"VaultTransitKey":    onVault(s.URL).with("VaultToken", `"t"`).without("VaultTransitKey"),
		"VaultAuthRole":      onVault(s.URL).with("VaultAuthMethod", `"kubernetes"`),
		"VaultApproleRoleId": onVault(s.URL).with("VaultAuthMethod", `"approle"`),
		"VaultClientCert":    onVault(s.URL).with("VaultAuthMethod", `"cert"`),
		"VaultClientKey":     onVault(s.URL).with("VaultAuthMethod", `"cert"`).with("VaultClientCert", `"x"`),
	} {
		c, err := ParseJSON(g.text())
		wantRefused(t, c, err, field, "missing")
	}
}

// waitFor waits for what is done beside the caller.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}
