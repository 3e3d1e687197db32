package config

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/awstest"
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

func TestAWSKMS(t *testing.T) {
	cloud := awstest.New(t, "us-west-2", "eu-north-1")
	west := cloud.Region("us-west-2").AddKey("1234abcd-12ab-34cd-56ef-123456789000", "asherah")
	north := cloud.Region("eu-north-1").AddKey("1234abcd-12ab-34cd-56ef-123456789001", "asherah")
	environment := cloud.Environment()
	SetLookup(func(name string) ([]byte, bool) { value, ok := environment(name); return []byte(value), ok })
	defer SetLookup(func(string) ([]byte, bool) { return nil, false })
	base := minimal().with("KMS", `"aws"`).with("KmsAttemptTimeoutMs", "30000").with("KmsTimeoutMs", "60000").
		with("KmsHedgeDelayMs", "30000").with("KmsEndpoints", `{"us-west-2":"`+cloud.Region("us-west-2").URL+
		`","eu-north-1":"`+cloud.Region("eu-north-1").URL+`"}`)
	for want, g := range map[string]given{
		"eu-north-1 us-west-2": base.with("RegionMap", `{"us-west-2":"`+west+`","eu-north-1":"`+north+`"}`).with("PreferredRegion", `"eu-north-1"`),
		"us-west-2": base.without("KmsEndpoints").with("KmsKeyId", `"`+west+`"`).
			with("KmsEndpoint", `"`+cloud.Region("us-west-2").URL+`"`),
		"eu-north-1": base.with("KmsKeyId", `"alias/asherah"`).with("PreferredRegion", `"eu-north-1"`).
			with("KmsEndpoints", `{"eu-north-1":"`+cloud.Region("eu-north-1").URL+`"}`),
	} {
		cloud.Forget()
		f := mustMake(t, mustParse(t, g.text()))
		if err := decrypts(f, encrypt(t, f, "text"), "text"); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if asked := cloud.RegionsAsked("GenerateDataKey", "Encrypt"); asked != want {
			t.Errorf("asked %q, want %q", asked, want)
		}
		f.Close()
	}
}

// A static key is no KMS for production, unless it is chosen by name.
func TestStaticWarns(t *testing.T) {
	for _, c := range []struct {
		given
		warns bool
	}{
		{minimal().without("KMS").with("StaticMasterKeyHex", `"`+exampleHex+`"`), true},
		{minimal().with("KMS", `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`), false},
	} {
		var lines []string
		hooks.SetLog(func(_ hooks.Level, _, line string) { lines = append(lines, line) }, 0, hooks.Warn, true)
		mustMake(t, mustParse(t, c.text()))
		hooks.ClearLog()
		if warned := strings.Contains(strings.Join(lines, "\n"), "no KMS for production"); warned != c.warns {
			t.Errorf("%s: %q", c.text(), lines)
		}
	}
}

func TestSecretsManager(t *testing.T) {
	cloud := awstest.New(t, "us-west-2")
	region := cloud.Region("us-west-2")
	region.AddSecret("master", exampleHex)
	environment := cloud.Environment()
	SetLookup(func(name string) ([]byte, bool) { value, ok := environment(name); return []byte(value), ok })
	defer SetLookup(func(string) ([]byte, bool) { return nil, false })
	path := filepath.Join(t.TempDir(), "keys.db")
	g := sqliteAt(path, `"secrets-manager"`).with("SecretsManagerSecretId", `"master"`).with("PreferredRegion", `"us-west-2"`).
		with("KmsEndpoint", `"`+region.URL+`"`).with("KmsAttemptTimeoutMs", "30000").with("KmsTimeoutMs", "60000")
	record := encrypt(t, mustMake(t, mustParse(t, g.text())), "text")
	// The same key, given otherwise, opens what it has sealed.
	static := mustMake(t, mustParse(t, sqliteAt(path, `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`).text()))
	if err := decrypts(static, record, "text"); err != nil {
		t.Error(err)
	}
	f, err := mustParse(t, g.with("SecretsManagerSecretId", `"none"`).text()).NewFactory()
	if f != nil || envelope.CodeOf(err) == envelope.OK || envelope.CodeOf(err) == envelope.Internal {
		t.Errorf("no such secret: %v", err)
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
