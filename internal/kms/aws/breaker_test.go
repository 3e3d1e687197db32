package awskms

import (
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/kms/awstest"
)

func TestBreaker(t *testing.T) {
	var b breaker
	now := time.Unix(1_700_000_000, 0)
	expect := func(when string, want admission) {
		t.Helper()
		if got := b.admit(now); got != want {
			t.Errorf("%s: %v; want %v", when, got, want)
		}
	}
	b.report(true, now)
	b.report(true, now)
	expect("two outages", admitted)
	b.report(false, now)
	b.report(true, now)
	b.report(true, now)
	expect("two in a row", admitted)
	b.report(true, now)
	expect("three in a row", barred)
	now = now.Add(firstRest - 1)
	expect("before its time", barred)
	now = now.Add(1)
	expect("in its time", probe)
	expect("while one finds out", barred)
	b.withdraw()
	expect("nothing was found out", probe)
	for rest := 2 * firstRest; rest <= 2*longestRest; rest *= 2 {
		b.report(true, now)
		wait := min(rest, longestRest)
		now = now.Add(wait - 1)
		expect("after another outage", barred)
		now = now.Add(1)
		expect("after a longer rest", probe)
	}
	b.report(false, now)
	expect("serves", admitted)
	expect("serves", admitted)
	for range strikes {
		b.report(true, now)
	}
	now = now.Add(firstRest)
	expect("the first rest is short again", probe)
}

// rest has the breaker of a region want to know now whether the region is back.
func (r *region) restEnds() {
	r.breaker.mu.Lock()
	defer r.breaker.mu.Unlock()
	if !r.breaker.until.IsZero() {
		r.breaker.until = time.Unix(1, 0)
	}
}

// TestDeadRegionCostsNothing: after the first calls a region that is down is neither asked nor waited for, and it is
// asked again when it is back.
func TestDeadRegionCostsNothing(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	k := f.open(func(o *Options) { o.HedgeDelay, o.AttemptTimeout = 50*time.Millisecond, 500*time.Millisecond })
	dead := k.regions[0]
	f.Region(west).BlackHole(true)
	for range strikes {
		failed := dead.failures.Load()
		mustUnwrap(t, k, text, key)
		// Nobody waits for the outcome in the region, but it is found out.
		eventually(t, "one more failure", func() bool { return dead.failures.Load() > failed })
	}
	if !k.Stats()[0].Down {
		t.Fatalf("%+v", k.Stats())
	}
	k.options.HedgeDelay = time.Hour // whoever waits for the region hangs
	k.options.AttemptTimeout = time.Hour
	k.options.Budget = time.Hour
	requests := dead.requests.Load()
	for range 20 {
		mustUnwrap(t, k, text, key)
		if s := spell(t, wrap(t, k, key)); s.in() != east+" "+north {
			t.Fatalf("wrapped in %s", s.in())
		}
	}
	if n := dead.requests.Load() - requests; n != 0 {
		t.Errorf("%d requests to a region that is down", n)
	}

	// A probe goes beside the region that serves; the call does not wait for it.
	k.options.AttemptTimeout = 500 * time.Millisecond
	dead.restEnds()
	mustUnwrap(t, k, text, key)
	eventually(t, "the probe", func() bool { return dead.requests.Load() == requests+1 })
	if !k.Stats()[0].Down {
		t.Error("not down after a probe that failed")
	}

	f.Region(west).BlackHole(false)
	k.options.AttemptTimeout = 30 * time.Second
	eventually(t, "back", func() bool {
		dead.restEnds()
		mustUnwrap(t, k, text, key)
		return !k.Stats()[0].Down
	})
	f.Forget()
	mustUnwrap(t, k, text, key)
	if got := f.RegionsAsked(); got != west {
		t.Errorf("asked %s", got)
	}
}

// TestAllBarred: with every region down they are all asked at once, each once, rather than none.
func TestAllBarred(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	k := f.open(nil)
	for _, r := range k.regions {
		for range strikes {
			r.breaker.report(true, time.Now())
		}
	}
	f.Region(west).Fail(awstest.Silent)
	f.Forget()
	mustUnwrap(t, k, text, key) // neither the hedge delay nor the attempt of the first is waited for
	if n := len(f.Calls()); n > len(everywhere) {
		t.Errorf("%d calls", n)
	}
}

// TestLingering: the attempts that nobody waits for are bounded.
func TestLingering(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	f.Region(west).Fail(awstest.Silent)
	k := f.open(func(o *Options) { o.HedgeDelay = 10 * time.Millisecond })
	for range 3 * maxLingering {
		mustUnwrap(t, k, text, key)
	}
	eventually(t, "no more than the bound", func() bool { return k.regions[0].lingering.Load() == maxLingering })
}
