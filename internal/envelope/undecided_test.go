package envelope_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Each decision that fails fails the call that needs it, with its own error, and makes no key, whatever grace there is.
func TestFailingDecisions(t *testing.T) {
	own := &envelope.Error{Code: envelope.HostCallback, Message: "the host's own words", Host: -4711}
	plain := errors.New("no answer from policy.example")
	for _, test := range []struct {
		decision     string
		cold, warm   bool // encrypting fails
		decryptFails bool // cold
	}{
		{"KeyExpired", true, true, false},
		{"RevokeCheckInterval", true, true, true},
		{"CacheSystemKeys", true, false, true},
		{"CacheIntermediateKeys", true, true, true},
		{"TruncateSystemKey", true, false, false},
		{"TruncateIntermediateKey", true, false, false},
		{"NotifyExpiredSystemKey", false, false, true},
		{"NotifyExpiredIntermediateKey", false, false, true},
	} {
		for _, failure := range []error{own, plain} {
			t.Run(test.decision, func(t *testing.T) {
				w := newWorld(t)
				w.policy.RevokeCheckGrace = time.Hour
				r := encrypt(t, w.session())
				other := newWorld(t) // an empty metastore
				p := w.decide()
				other.change = w.change
				p.set(func() { p.failing[test.decision] = failure })
				check := func(what string, err error, fails bool) {
					t.Helper()
					if !fails {
						wantCode(t, err, envelope.OK)
						return
					}
					var e *envelope.Error
					if !errors.As(err, &e) || e.Code != envelope.HostCallback {
						t.Fatalf("%s: %v", what, err)
					}
					if failure == plain && !errors.Is(err, plain) {
						t.Errorf("%s: the cause is lost: %v", what, err)
					}
					if failure == own && (e.Host != own.Host || e.Message != own.Message) {
						t.Errorf("%s: the host's own number and words became %d, %q", what, e.Host, e.Message)
					}
					if strings.Contains(err.Error(), "policy.example") {
						t.Errorf("%s: the message repeats the host's words: %v", what, err)
					}
				}
				s := other.session()
				check("cold encrypt, empty metastore", tryEncrypt(s), test.cold)
				if n := other.store.count(); test.cold && n != 0 && test.decision != "TruncateIntermediateKey" {
					t.Errorf("%d keys were made", n)
				}
				if n := len(other.store.created(intermediateKeyID)); test.cold && n != 0 {
					t.Errorf("%d intermediate keys were made", n)
				}
				check("cold decrypt", tryDecrypt(w.session(), r), test.decryptFails)

				s = w.session()
				p.set(func() { clear(p.failing) })
				encrypt(t, s)
				decrypt(t, s, r)
				records := w.store.count()
				p.set(func() { p.failing[test.decision] = failure })
				check("warm encrypt", tryEncrypt(s), test.warm)
				if n := w.store.count(); n != records {
					t.Errorf("%d keys were made", n-records)
				}
				p.set(func() { clear(p.failing) })
				decrypt(t, s, encrypt(t, s))
			})
		}
	}
}

// A decision that fails while a key is looked at is no outage: grace is not for it. The metastore's failure is one,
// also where it is a function of the host's.
func TestGraceIsNotForDecisions(t *testing.T) {
	failure := &envelope.Error{Code: envelope.HostCallback, Message: "down", Host: -2000}
	w := newWorld(t)
	w.policy.RevokeCheckGrace = 30 * time.Minute
	p := w.decide()
	s := w.session()
	r := encrypt(t, s)
	w.clock.advance(w.policy.RevokeCheckInterval + time.Minute)
	p.set(func() { p.failing["CacheSystemKeys"] = failure }) // asked when the parent is looked at
	err := tryEncrypt(s)
	var e *envelope.Error
	if !errors.As(err, &e) || e.Host != failure.Host {
		t.Fatalf("a key in grace was used although the host's policy failed: %v", err)
	}
	p.set(func() { clear(p.failing) })
	w.store.failing("", failure)
	if again := encrypt(t, s); again.created(t) != r.created(t) {
		t.Error("a new key in grace")
	}
	decrypt(t, s, r)
	w.clock.advance(30 * time.Minute)
	for _, err := range []error{tryEncrypt(s), tryDecrypt(s, r)} {
		if !errors.As(err, &e) || e.Host != failure.Host || e.Message != failure.Message {
			t.Errorf("after the grace: %v", err)
		}
	}
}
