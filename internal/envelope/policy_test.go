package envelope_test

import (
	"math"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestExpired(t *testing.T) {
	const (
		second = int64(time.Second)
		day    = 24 * time.Hour
		ever   = time.Duration(math.MaxInt64)
	)
	now := noon.UnixNano()
	for _, test := range []struct {
		name          string
		expire        time.Duration
		created, wall int64
		want          bool
	}{
		{"young", 90 * day, noon.Unix(), now, false},
		{"exactly of age", day, noon.Unix() - 86400, now, false},
		{"a nanosecond older", day, noon.Unix() - 86400, now + 1, true},
		{"from the future", day, noon.Unix() + 86400*365, now, false},
		{"from the far future", day, math.MaxInt64, now, false},
		{"from beyond nanoseconds", time.Nanosecond, math.MaxInt64/second + 1, now, false},
		{"the last second of nanoseconds", time.Nanosecond, math.MaxInt64 / second, now, false},
		{"the last second, then", time.Nanosecond, math.MaxInt64 / second, math.MaxInt64, true},
		{"1970", 90 * day, 0, now, true},
		{"before 1970", 90 * day, -1, now, true},
		{"the distant past", 90 * day, math.MinInt64, now, true},
		{"never expires", ever, 0, now, false},
		{"older than the longest life", ever, math.MinInt64, now, true},
		{"never expires, at the end of the clock", ever, 0, math.MaxInt64, false},
		{"never expires, before 1970", ever, -60, -30 * second, false},
		{"before 1970, young", day, -60, -30 * second, false},
		{"before 1970, old", day, -3 * 86400, -30 * second, true},
		{"the beginning of the clock", ever, 0, math.MinInt64, false},
	} {
		p := envelope.DefaultPolicy()
		p.ExpireAfter = test.expire
		if got := envelope.Expired(p, test.created, test.wall); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// The canonical defaults.
func TestDefaultPolicy(t *testing.T) {
	want := envelope.Policy{
		ExpireAfter: 90 * 24 * time.Hour, RevokeCheckInterval: time.Hour, CreatePrecision: time.Minute,
		CacheSystemKeys: true, CacheIntermediateKeys: true, SystemKeyCacheSize: 1000, IntermediateKeyCacheSize: 1000,
		SessionCacheSize: 1000, SessionCacheDuration: 2 * time.Hour,
	}
	if got := envelope.DefaultPolicy(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
