package awskms

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/awstest"
)

// TestExpiredCredentials: credentials that are refused for a while serve again at once afterwards; nothing is kept of
// the failure.
func TestExpiredCredentials(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	k := f.open(nil)
	text := wrap(t, k, key)
	f.Expire(awstest.AccessKeyID, true)
	for range 3 {
		f.Forget()
		err := mustFail(t, k, text, envelope.KMSFailed)
		if !strings.Contains(err.Error(), "us-west-2: credentials refused (request ") {
			t.Errorf("%v", err)
		}
		if n := len(f.Calls()); n != 2*len(everywhere) {
			t.Errorf("%d calls; want one more in each region, with new credentials", n)
		}
	}
	if k.Stats()[0].Down {
		t.Error("the region counts as down")
	}
	f.Expire(awstest.AccessKeyID, false)
	mustUnwrap(t, k, text, key)
	wrap(t, k, key)
}

// TestCredentialsFromFile: what a tool has written to the credentials file meanwhile is used in the same call.
func TestCredentialsFromFile(t *testing.T) {
	f := newFixture(t)
	file := filepath.Join(t.TempDir(), "credentials")
	write := func(id, secret, token string) {
		t.Helper()
		text := "[work]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret +
			"\naws_session_token = " + token + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f.AddCredentials("ASIAFIRST", "first secret", "first token")
	f.AddCredentials("ASIASECOND", "second secret", "second token")
	write("ASIAFIRST", "first secret", "first token")
	k := f.open(func(o *Options) {
		o.AWS.Profile = "work"
		o.AWS.Lookup = f.Environment("AWS_SHARED_CREDENTIALS_FILE", file, "AWS_ACCESS_KEY_ID", "AKIDUNKNOWN")
	})
	key := newKey(t)
	text := wrap(t, k, key)
	f.Expire("ASIAFIRST", true)
	write("ASIASECOND", "second secret", "second token")
	mustUnwrap(t, k, text, key)
}

// TestClockSkew: a machine whose clock is an hour off is told the time by AWS.
func TestClockSkew(t *testing.T) {
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			f := newFixture(t)
			for _, name := range everywhere {
				f.Region(name).SetClock(skew)
			}
			key := newKey(t)
			k := f.open(nil)
			text := wrap(t, k, key)
			mustUnwrap(t, k, text, key)
			f.Forget()
			mustUnwrap(t, k, text, key)
			if n := len(f.Calls()); n != 1 {
				t.Errorf("%d calls; the time is known by now", n)
			}
		})
	}
}

// TestNoCredentials: no region is asked without, and none counts as down.
func TestNoCredentials(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	f.Forget()
	k := f.open(func(o *Options) {
		o.AWS.Lookup = f.Environment("AWS_ACCESS_KEY_ID", "", "AWS_SECRET_ACCESS_KEY", "")
	})
	err := mustFail(t, k, text, envelope.KMSFailed)
	if !strings.Contains(err.Error(), "us-west-2: no credentials (where they are looked for: docs/aws-kms.md") || len(f.Calls()) != 0 {
		t.Errorf("%v, %v", err, f.Calls())
	}
	if _, err := k.EncryptKey(t.Context(), key, 0, false); envelope.CodeOf(err) != envelope.KMSFailed {
		t.Errorf("%v", err)
	}
}

// TestWrongCredentials are refused and named so.
func TestWrongCredentials(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	k := f.open(func(o *Options) { o.AWS.AccessKeyID, o.AWS.SecretAccessKey = awstest.AccessKeyID, "another secret" })
	err := mustFail(t, k, text, envelope.KMSFailed)
	if !strings.Contains(err.Error(), "credentials refused") || strings.Contains(err.Error(), "another secret") {
		t.Errorf("%v", err)
	}
}
