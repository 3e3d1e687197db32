package awskms

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/kms/awstest"
)

// hedging has the next region asked soon, where an attempt may take as long as the test.
func hedging(o *Options) { o.HedgeDelay = 50 * time.Millisecond }

// TestBlackHole: where the preferred region's packets are dropped, the next one opens a key although the first attempt
// is far from timed out.
func TestBlackHole(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	for name, warm := range map[string]bool{"cold": false, "with connections": true} {
		t.Run(name, func(t *testing.T) {
			k := f.open(hedging)
			if warm {
				mustUnwrap(t, k, text, key)
			}
			f.Region(west).BlackHole(true)
			defer f.Region(west).BlackHole(false)
			f.Forget()
			begin := time.Now()
			mustUnwrap(t, k, text, key)
			if d := time.Since(begin); d >= k.options.AttemptTimeout {
				t.Errorf("it took %v: the first attempt was waited for", d)
			}
			if got := f.RegionsAsked("Decrypt"); !strings.HasPrefix(got, east) {
				t.Errorf("answers of %s", got)
			}
			// A new key is wrapped where that is possible.
			k.options.AttemptTimeout = time.Second
			if s := spell(t, wrap(t, k, key)); s.in() != east+" "+north {
				t.Errorf("wrapped in %s", s.in())
			}
			if s := k.Stats(); s[0].Region != west || s[0].LeftOut != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestWithoutHedging shows that the test above sees hedging: without, the black hole is waited for.
func TestWithoutHedging(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	f.Region(west).BlackHole(true)
	k := f.open(func(o *Options) { o.AttemptTimeout = 500 * time.Millisecond })
	begin := time.Now()
	mustUnwrap(t, k, text, key)
	if d := time.Since(begin); d < k.options.AttemptTimeout {
		t.Errorf("it took %v only", d)
	}
}

// TestHalfDown: with half of the regions gone, in each way, every key opens and new ones are made.
func TestHalfDown(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	for name, fault := range map[string]*awstest.Fault{
		"denied": awstest.AccessDenied, "throttled": awstest.Throttled, "internal": awstest.Internal,
		"unavailable": awstest.Unavailable, "key unavailable": awstest.KeyUnavailable, "silent": awstest.Silent,
		"reset": awstest.Reset, "slow": {Delay: 10 * time.Second},
		"wrong length": {Plaintext: make([]byte, 31)}, "too long": {Plaintext: make([]byte, 33)},
		"wrong key": {Plaintext: bytes.Repeat([]byte("another "), 4)}, "no key": {Plaintext: []byte{}},
		"redirect": {Status: 307},
	} {
		t.Run(name, func(t *testing.T) {
			for _, down := range []string{west, east} {
				f.Region(down).Fail(fault)
				defer f.Region(down).Fail(nil)
			}
			k := f.open(func(o *Options) {
				hedging(o)
				if fault.Silent || fault.Delay > 0 {
					o.AttemptTimeout = time.Second
				}
			})
			mustUnwrap(t, k, text, key)
			again := wrap(t, k, key)
			s := spell(t, again)
			if fault.Plaintext == nil && s.in() != north {
				t.Errorf("wrapped in %s", s.in())
			}
			if name == "wrong key" && s.in() != strings.Join(everywhere, " ") {
				t.Errorf("wrapped in %s", s.in())
			}
			if name != "wrong key" { // which nobody can tell from the right one there
				mustUnwrap(t, k, again, key)
			}
		})
	}
}

func coded(code string) *awstest.Fault { return &awstest.Fault{Status: 400, Code: code} }

// TestAllDown: the error names the class of each region and AWS's number of the request, and no key or account.
func TestAllDown(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	for name, tc := range map[string]struct {
		fault *awstest.Fault
		class string
		code  envelope.Code
		calls int // in each region
	}{
		"denied":        {awstest.AccessDenied, "access denied", envelope.KMSFailed, 1},
		"throttled":     {awstest.Throttled, "throttled", envelope.KMSFailed, attempts},
		"internal":      {awstest.Internal, "unavailable", envelope.KMSFailed, attempts},
		"no JSON":       {awstest.Unavailable, "unavailable", envelope.KMSFailed, attempts},
		"too many":      {&awstest.Fault{Status: 429}, "throttled", envelope.KMSFailed, attempts},
		"silent":        {awstest.Silent, "timed out", envelope.TimedOut, attempts},
		"reset":         {awstest.Reset, "unreachable", envelope.KMSFailed, attempts},
		"wrong length":  {&awstest.Fault{Plaintext: make([]byte, 16)}, "wrong key", envelope.Authentication, 1},
		"wrong key":     {&awstest.Fault{Plaintext: make([]byte, 32)}, "wrong key", envelope.Authentication, 1},
		"other":         {coded("DryRunOperation"), "refused (DryRunOperation)", envelope.KMSFailed, 1},
		"strange code":  {coded("arn:aws:kms:us " + awstest.Account), "refused", envelope.KMSFailed, 1},
		"no credential": {coded("InvalidClientTokenId"), "credentials refused", envelope.KMSFailed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			for _, name := range everywhere {
				f.Region(name).Fail(tc.fault)
				defer f.Region(name).Fail(nil)
			}
			lines := listen(t, hooks.Error)
			k := f.open(func(o *Options) {
				if tc.fault.Silent {
					o.AttemptTimeout = 100 * time.Millisecond
				}
			})
			f.Forget()
			err := mustFail(t, k, text, tc.code)
			for _, name := range everywhere {
				if !strings.Contains(err.Error(), name+": "+tc.class) {
					t.Errorf("%v", err)
				}
			}
			// Of those that time out some may not have come as far as the server.
			if n := len(f.Calls("Decrypt")); n > tc.calls*len(everywhere) || n < tc.calls*len(everywhere) && !tc.fault.Silent {
				t.Errorf("%d calls; want %d in each region", n, tc.calls)
			}
			if tc.class != "timed out" && tc.class != "unreachable" && !strings.Contains(err.Error(), "wrong key") {
				last := f.Calls("Decrypt")[len(f.Calls("Decrypt"))-1]
				if !strings.Contains(err.Error(), "(request "+last.RequestID+")") {
					t.Errorf("%v; want request %s", err, last.RequestID)
				}
			}
			if got := lines.with("kms: AWS KMS failed to decrypt a system key", west, north); len(got) != 1 {
				t.Errorf("logged %q", got)
			}
			if name == "denied" && len(lines.with(awstest.Account)) == 0 {
				t.Error("the log has not the words of AWS")
			}
			if _, err := k.EncryptKey(t.Context(), key, 0, false); err == nil && tc.class != "wrong key" {
				t.Error("EncryptKey works")
			} else if err != nil {
				discreet(t, err)
			}
		})
	}
	mustUnwrap(t, f.open(nil), text, key)
}

// TestStates: what is wrong with a key is told, and not asked for twice.
func TestStates(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	f.Region(west).SetState(f.arns[west], awstest.Disabled)
	f.Region(east).SetState(f.arns[east], awstest.PendingDeletion)
	f.Region(north).RemoveKey(f.arns[north])
	f.Forget()
	k := f.open(nil)
	err := mustFail(t, k, text, envelope.KMSFailed)
	for _, want := range []string{
		"in all regions: us-west-2: key disabled (request ", "us-east-1: not usable in its state (request ",
		"eu-north-1: not found (request ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	if n := len(f.Calls()); n != len(everywhere) {
		t.Errorf("%d calls", n)
	}
	f.Region(west).SetState(f.arns[west], "")
	mustUnwrap(t, k, text, key) // nothing is kept of a failure
}

// TestBudget: when nobody answers, the call ends with its budget, and nothing is left running.
func TestBudget(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	for _, name := range everywhere {
		f.Region(name).BlackHole(true)
	}
	ignore := goleak.IgnoreCurrent()
	k := f.open(func(o *Options) { o.Budget, o.HedgeDelay = 300*time.Millisecond, 50*time.Millisecond })
	begin := time.Now()
	err := mustFail(t, k, text, envelope.TimedOut)
	if d := time.Since(begin); d >= k.options.AttemptTimeout {
		t.Errorf("it took %v", d)
	}
	if !strings.Contains(err.Error(), "us-west-2: timed out; us-east-1: timed out; eu-north-1: timed out") {
		t.Errorf("%v", err)
	}
	// The caller's own limit ends it as well, with the caller's error.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = k.DecryptKey(ctx, text, 0, false)
	if !errors.Is(err, context.DeadlineExceeded) || envelope.CodeOf(err) != envelope.TimedOut {
		t.Errorf("%v", err)
	}
	if _, err := k.EncryptKey(ctx, key, 0, false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	_ = k.Close()
	goleak.VerifyNone(t, ignore)
}

// TestClose ends calls that wait, and attempts that nobody waits for.
func TestClose(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	ignore := goleak.IgnoreCurrent()
	f.Region(west).Fail(awstest.Silent)
	k := f.open(hedging)
	f.Forget()
	mustUnwrap(t, k, text, key)
	f.Region(east).Fail(awstest.Silent)
	f.Region(north).Fail(awstest.Silent)
	failed := make(chan error)
	go func() { _, err := k.DecryptKey(t.Context(), text, 0, false); failed <- err }()
	eventually(t, "asked everywhere", func() bool { return len(f.Calls("Decrypt")) >= 5 })
	begin := time.Now()
	_ = k.Close()
	if d := time.Since(begin); d >= k.options.AttemptTimeout {
		t.Errorf("Close took %v", d)
	}
	if err := <-failed; envelope.CodeOf(err) != envelope.KMSFailed || !strings.Contains(err.Error(), "closed") {
		t.Errorf("%v", err)
	}
	goleak.VerifyNone(t, ignore)
}

// TestRequireAllRegions refuses what otherwise is counted and logged.
func TestRequireAllRegions(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	f.Region(east).Fail(awstest.AccessDenied)
	k := f.open(func(o *Options) { o.RequireAllRegions = true })
	text, err := k.EncryptKey(t.Context(), key, 0, false)
	if text != nil || envelope.CodeOf(err) != envelope.KMSFailed ||
		!strings.Contains(err.Error(), "us-east-1: access denied (request ") {
		t.Fatalf("%s, %v", text, err)
	}
	discreet(t, err)
	f.Region(east).Fail(nil)
	if s := spell(t, wrap(t, k, key)); s.in() != strings.Join(everywhere, " ") {
		t.Errorf("wrapped in %s", s.in())
	}
}

// TestIncident: a region that is left out is counted each time and logged once until it serves again.
func TestIncident(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	lines := listen(t, hooks.Info)
	k := f.open(nil)
	f.Region(north).Fail(awstest.AccessDenied)
	for range 5 {
		if s := spell(t, wrap(t, k, key)); s.in() != west+" "+east {
			t.Errorf("wrapped in %s", s.in())
		}
	}
	if s := k.Stats()[2]; s.Region != north || s.Requests != 5 || s.Failures != 5 || s.LeftOut != 5 {
		t.Errorf("%+v", s)
	}
	if got := lines.with("AWS KMS in eu-north-1: access denied"); len(got) != 1 {
		t.Errorf("logged %q", got)
	}
	if got := lines.with("not wrapped in all regions"); len(got) != 5 {
		t.Errorf("%d lines for 5 keys that are not wrapped everywhere", len(got))
	}
	f.Region(north).Fail(awstest.Throttled) // another kind
	wrap(t, k, key)
	if got := lines.with("AWS KMS in eu-north-1: throttled"); len(got) != 1 {
		t.Errorf("logged %q", got)
	}
	f.Region(north).Fail(nil)
	wrap(t, k, key)
	if got := lines.with("AWS KMS in eu-north-1 serves again, after 7 failures"); len(got) != 1 {
		t.Errorf("logged %q", lines.with("eu-north-1"))
	}
}
