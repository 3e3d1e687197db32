package envelope_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// hostPolicy is a policy of the host's that decides everything, as the Policy would unless a test changes its answers,
// and counts what it is asked.
type hostPolicy struct {
	mu       sync.Mutex
	asked    map[string]int
	failing  map[string]error
	expired  func(created int64) bool
	interval time.Duration
	yes      map[string]bool
	truncate func(created int64) int64
	hook     func(name string) // run with each question
}

// decide has the factories of a world ask a hostPolicy.
func (w *world) decide() *hostPolicy {
	p := &hostPolicy{
		asked: map[string]int{}, failing: map[string]error{}, interval: time.Hour,
		yes:      map[string]bool{"CacheSystemKeys": true, "CacheIntermediateKeys": true},
		expired:  func(created int64) bool { return w.clock.seconds()-created > int64(w.policy.ExpireAfter/time.Second) },
		truncate: func(created int64) int64 { return created / 60 * 60 },
	}
	w.change = func(o *envelope.Options) { o.Decisions = p.decisions() }
	return p
}

func (p *hostPolicy) decisions() *envelope.Decisions {
	yes := func(name string) func() (bool, error) {
		return func() (bool, error) {
			err := p.ask(name)
			defer p.mu.Unlock()
			return p.yes[name], err
		}
	}
	truncate := func(name string) func(int64) (int64, error) {
		return func(created int64) (int64, error) {
			err := p.ask(name)
			defer p.mu.Unlock()
			return p.truncate(created), err
		}
	}
	return &envelope.Decisions{
		KeyExpired: func(created int64) (bool, error) {
			err := p.ask("KeyExpired")
			defer p.mu.Unlock()
			return p.expired(created), err
		},
		RevokeCheckInterval: func() (time.Duration, error) {
			err := p.ask("RevokeCheckInterval")
			defer p.mu.Unlock()
			return p.interval, err
		},
		CacheSystemKeys:              yes("CacheSystemKeys"),
		CacheIntermediateKeys:        yes("CacheIntermediateKeys"),
		QueuedRotation:               yes("QueuedRotation"),
		NotifyExpiredSystemKey:       yes("NotifyExpiredSystemKey"),
		NotifyExpiredIntermediateKey: yes("NotifyExpiredIntermediateKey"),
		TruncateSystemKey:            truncate("TruncateSystemKey"),
		TruncateIntermediateKey:      truncate("TruncateIntermediateKey"),
	}
}

// ask counts a question and locks p.
func (p *hostPolicy) ask(name string) error {
	if p.hook != nil {
		p.hook(name)
	}
	p.mu.Lock()
	p.asked[name]++
	return p.failing[name]
}

// set changes answers.
func (p *hostPolicy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// wantAsked fails the test unless these were the questions since the last time.
func (p *hostPolicy) wantAsked(t testing.TB, what string, want map[string]int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !maps.Equal(p.asked, want) {
		t.Errorf("%s: asked %v, want %v", what, p.asked, want)
	}
	clear(p.asked)
}
