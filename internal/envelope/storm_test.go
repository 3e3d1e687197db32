package envelope_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// stormTime is how long each variant of the storm blows: about ten seconds in all, or what ASHERAH_LONG=1 asks for.
func stormTime() time.Duration {
	if os.Getenv("ASHERAH_LONG") == "1" {
		return 20 * time.Second
	}
	return 800 * time.Millisecond
}

// 64 goroutines on two factories that share a metastore open and close sessions at random, while the clock takes steps
// in which every key expires, and keys are revoked.
func TestStorm(t *testing.T) {
	for _, test := range []struct {
		name           string
		keys, sessions int // sizes of caches, 0 for none
		synchronous    bool
		queued         bool
		host           bool // decides, as the Policy does
	}{
		{"one key", 1, 0, false, false, false},
		{"two keys", 2, 0, false, false, false},
		{"16 keys", 16, 0, true, false, false},
		{"one key, one session", 1, 1, false, false, false},
		{"16 keys, 2 sessions", 16, 2, false, false, false},
		{"1000 keys, 1000 sessions", 1000, 1000, false, false, false},
		{"no keys", 0, 0, false, false, false},
		{"no keys, 16 sessions", 0, 16, false, false, false},
		{"16 keys, queued", 16, 0, false, true, false},
		{"1000 keys, 16 sessions, queued", 1000, 16, false, true, false},
		{"16 keys, queued, synchronous", 16, 0, true, true, false},
		{"no keys, queued", 0, 0, false, true, false},
		{"16 keys, host", 16, 0, false, false, true},
		{"16 keys, 2 sessions, queued, host", 16, 2, false, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.policy.ExpireAfter, w.policy.CreatePrecision = time.Minute, time.Minute
			w.policy.RevokeCheckInterval = 150 * time.Second
			w.policy.SystemKeyCacheSize, w.policy.IntermediateKeyCacheSize = min(test.keys, 2), test.keys
			w.policy.CacheSessions, w.policy.SessionCacheSize = test.sessions > 0, test.sessions
			w.policy.QueuedRotation = test.queued
			w.policy.NotifyExpiredSystemKey, w.policy.NotifyExpiredIntermediateKey = true, true
			var decisions *envelope.Decisions
			if test.host {
				decisions = w.decideAtRandom(test.queued)
			}
			var closed atomic.Int64
			w.change = func(o *envelope.Options) {
				o.Decisions = decisions
				o.SyncRefresh = test.synchronous
				o.OnClose = func() { closed.Add(1) }
			}
			s := newStorm(w)
			s.blow(stormTime())
			if t.Failed() {
				return
			}
			for _, f := range s.factories {
				settled(t, f)
			}
			within(t, "a factory stays open", func() bool { return closed.Load() == int64(len(s.factories)) })
			checkSecrets(t, w.kms.secrets)
			systems, intermediates, sessions := envelope.CacheCounts()
			if systems != 0 || intermediates != 0 || sessions != 0 {
				t.Errorf("caches hold %d, %d, %d", systems, intermediates, sessions)
			}
			t.Logf("%d encrypted, %d decrypted, %d steps of the clock, %d keys", s.encrypted.Load(), s.decrypted.Load(),
				s.steps, w.store.count())
			if !s.enough() {
				t.Errorf("that was no storm")
			}
		})
	}
}

// decideAtRandom is a policy of the host's that agrees with the Policy about the age of keys, and changes its mind about
// everything else.
func (w *world) decideAtRandom(queued bool) *envelope.Decisions {
	p := w.decide()
	d := p.decisions()
	p.expired = func(created int64) bool { return w.clock.now().Sub(time.Unix(created, 0)) > w.policy.ExpireAfter }
	coin := func() (bool, error) { return rand.IntN(4) > 0, nil }
	d.CacheSystemKeys, d.CacheIntermediateKeys = coin, coin
	d.NotifyExpiredSystemKey, d.NotifyExpiredIntermediateKey = coin, coin
	d.QueuedRotation = func() (bool, error) { return queued && rand.IntN(2) > 0, nil }
	d.RevokeCheckInterval = func() (time.Duration, error) { return rand.N(5 * time.Minute), nil }
	return d
}

const stormPartitions = 24

type storm struct {
	w         *world
	factories []*envelope.Factory
	stop      atomic.Bool
	steps     int

	encrypted, decrypted atomic.Int64

	mu      sync.Mutex
	records map[string][]sealed // the last ones made, by partition
}

const remembered = 16

type sealed struct {
	partition string
	plaintext []byte
	record    []byte
}

func newStorm(w *world) *storm {
	return &storm{w: w, factories: []*envelope.Factory{w.factory(), w.factory()}, records: map[string][]sealed{}}
}

// enough says that so much has happened that it was a storm.
func (s *storm) enough() bool {
	return s.encrypted.Load() >= 300 && s.decrypted.Load() >= 300 && s.steps >= 10
}

// blow blows for d, and longer where little happens in that time, as on a busy machine under the race detector.
func (s *storm) blow(d time.Duration) {
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() { s.work(rand.New(rand.NewPCG(1, uint64(i)))) })
	}
	random := rand.New(rand.NewPCG(2, 3))
	begin := time.Now()
	for ; !s.stop.Load(); s.steps++ {
		if past := time.Since(begin); past > d+time.Minute || past > d && s.enough() {
			break
		}
		time.Sleep(4 * time.Millisecond)
		s.w.clock.advance(time.Minute + time.Duration(random.Int64N(int64(time.Minute))))
		switch random.IntN(8) {
		case 0:
			s.revoke(systemKeyID)
		case 1, 2:
			s.revoke(fmt.Sprintf("_IK_p%d_billing_shop", random.IntN(stormPartitions)))
		}
	}
	s.stop.Store(true)
	for _, f := range s.factories {
		f.Close() // sessions are open still
	}
	wg.Wait()
}

func (s *storm) revoke(id string) {
	if len(s.w.store.created(id)) > 0 {
		s.w.store.revoke(s.w.t, id)
	}
}

// work opens sessions, holds a few at a time, and uses them.
func (s *storm) work(random *rand.Rand) {
	type held struct {
		partition string
		session   *envelope.Session
	}
	var open []held
	defer func() {
		for _, h := range open {
			h.session.Close()
		}
	}()
	for !s.stop.Load() {
		if len(open) == 0 || len(open) < 4 && random.IntN(4) == 0 {
			partition := fmt.Sprintf("p%d", random.IntN(stormPartitions))
			session, err := s.factories[random.IntN(2)].Session(partition)
			if err != nil {
				if !s.stop.Load() || envelope.CodeOf(err) != envelope.ClosedHandle {
					s.fail("open: %v", err)
				}
				return
			}
			open = append(open, held{partition, session})
		}
		i := random.IntN(len(open))
		h := open[i]
		switch random.IntN(8) {
		case 0:
			h.session.Close()
			open = append(open[:i], open[i+1:]...)
		case 1:
			if clone, err := h.session.Clone(); err == nil {
				h.session.Close()
				open[i].session = clone
			} else {
				s.fail("clone: %v", err)
			}
		case 2, 3, 4:
			s.encrypt(h.session, h.partition, random)
		default:
			s.decrypt(h.session, h.partition, random)
		}
	}
}

func (s *storm) encrypt(session *envelope.Session, partition string, random *rand.Rand) {
	plaintext := randomBytes(random, random.IntN(300))
	at := s.w.clock.now()
	text, err := session.EncryptBytes(background, plaintext)
	if err != nil {
		s.fail("encrypt: %v", err)
		return
	}
	meta := record(text).form(s.w.t).Key.ParentKeyMeta
	if expires := time.Unix(meta.Created, 0).Add(s.w.policy.ExpireAfter); expires.Before(at) && !s.w.policy.QueuedRotation {
		s.fail("a call that began %v used a key that expired %v", at, expires)
	}
	if meta.KeyId != "_IK_"+partition+"_billing_shop" {
		s.fail("partition %s: key %s", partition, meta.KeyId)
	}
	s.encrypted.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	made := append(s.records[partition], sealed{partition, plaintext, text})
	s.records[partition] = made[max(0, len(made)-remembered):]
}

func (s *storm) decrypt(session *envelope.Session, partition string, random *rand.Rand) {
	from := partition
	if random.IntN(8) == 0 {
		from = fmt.Sprintf("p%d", random.IntN(stormPartitions))
	}
	s.mu.Lock()
	made := s.records[from]
	s.mu.Unlock()
	if len(made) == 0 {
		return
	}
	r := made[random.IntN(len(made))]
	got, err := session.DecryptBytes(background, r.record)
	switch {
	case r.partition != partition:
		if envelope.CodeOf(err) != envelope.PartitionMismatch {
			s.fail("partition %s, record of %s: %v", partition, r.partition, err)
		}
	case err != nil:
		s.fail("decrypt: %v", err)
	case !bytes.Equal(got, r.plaintext):
		s.fail("decrypt: %x, want %x", got, r.plaintext)
	default:
		s.decrypted.Add(1)
	}
}

func (s *storm) fail(format string, args ...any) {
	s.stop.Store(true)
	s.w.t.Errorf(format, args...)
}
