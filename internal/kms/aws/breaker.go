package awskms

import (
	"sync"
	"time"
)

const (
	// strikes is how many outages in a row open the circuit.
	strikes = 3
	// firstRest is how long it stays open at first, and longestRest at most, twice as long each time.
	firstRest   = 5 * time.Second
	longestRest = time.Minute
)

// breaker keeps requests from a region that is down: open, it lets one request through from time to time to find out
// whether the region is back.
type breaker struct {
	mu      sync.Mutex
	outages int // in a row
	rest    time.Duration
	until   time.Time // when to probe; zero: closed
	probing bool
}

// admission is what a breaker says to a request.
type admission int

const (
	admitted admission = iota
	probe              // to find out; its outcome has to be reported
	barred
)

func (b *breaker) admit(now time.Time) admission {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return admitted
	case b.probing || now.Before(b.until):
		return barred
	}
	b.probing = true
	return probe
}

// report takes the outcome of a request.
func (b *breaker) report(outage bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	if !outage {
		b.outages, b.rest, b.until = 0, 0, time.Time{}
		return
	}
	if b.outages++; b.outages < strikes {
		return
	}
	if b.rest = min(2*b.rest, longestRest); b.rest == 0 {
		b.rest = firstRest
	}
	b.until = now.Add(b.rest)
}

// withdraw says that a request has ended without an outcome.
func (b *breaker) withdraw() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.until.IsZero()
}
