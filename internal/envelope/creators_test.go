package envelope_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// together runs f for 0..n-1 at the same time and returns the errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func wantNone(t testing.TB, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
}

// Processes that make the same key in the same moment agree on one, by the metastore's word, for several generations.
func TestCreatorsRace(t *testing.T) {
	const processes = 16
	w := newWorld(t)
	w.policy.ExpireAfter = 24 * time.Hour
	w.policy.RevokeCheckInterval = 25 * time.Hour // nobody looks before the keys expire
	var sessions []*envelope.Session
	for range processes {
		sessions = append(sessions, w.session())
	}
	var all []record
	for generation := range 5 {
		records := make([]record, processes)
		wantNone(t, together(processes, func(i int) error {
			text, err := sessions[i].EncryptBytes(background, []byte(secret))
			records[i] = record(text)
			return err
		}))
		for _, id := range []string{systemKeyID, intermediateKeyID} {
			created := w.store.created(id)
			if len(created) != generation+1 || created[generation] != w.clock.minute() {
				t.Fatalf("%s: keys created %d at %d, in generation %d", id, created, w.clock.seconds(), generation)
			}
		}
		for _, r := range records {
			if r.created(t) != w.clock.minute() {
				t.Fatalf("generation %d: a record names the key created %d", generation, r.created(t))
			}
		}
		all = append(all, records...)
		w.clock.advance(24*time.Hour + time.Minute)
	}
	for _, r := range all {
		for _, s := range sessions[:3] {
			decrypt(t, s, r)
		}
	}
}

// The loser of a race uses the winner's key: its own was never stored.
func TestLoserUsesTheWinnersKey(t *testing.T) {
	for _, name := range []string{"Store SK", "Store IK"} {
		w := newWorld(t)
		winner := w.session()
		var inside atomic.Bool
		var won record
		w.store.fail(func(_ context.Context, c call) error {
			if c.String() == name && !inside.Swap(true) {
				won = encrypt(t, winner)
			}
			return nil
		})
		loser := w.session()
		lost := encrypt(t, loser)
		if won == "" || w.store.count() != 2 {
			t.Fatalf("%s: %d keys", name, w.store.count())
		}
		decrypt(t, winner, lost)
		decrypt(t, loser, won)
		decrypt(t, w.session(), lost)
	}
}

// A winner's key that may not encrypt, as it is revoked at once, has the loser try again with a later time of creation.
func TestLoserOfARevokedWinner(t *testing.T) {
	for _, name := range []string{"Store SK", "Store IK"} {
		w := newWorld(t)
		winner := w.session()
		var inside atomic.Bool
		w.store.fail(func(_ context.Context, c call) error {
			if c.String() == name && !inside.Swap(true) {
				encrypt(t, winner)
				w.store.revoke(t, c.id)
			}
			return nil
		})
		s := w.session()
		r := encrypt(t, s)
		if latest := w.store.latest(t, intermediateKeyID); latest.Revoked || latest.Created != r.created(t) {
			t.Fatalf("%s: the record names the key created %d, the newest is %+v", name, r.created(t), latest)
		}
		if parent := w.store.latest(t, intermediateKeyID).Parent; parent.Created != w.store.latest(t, systemKeyID).Created {
			t.Errorf("%s: the parent is %+v", name, parent)
		}
		decrypt(t, w.session(), r)
	}
}

// Attempts end.
func TestCreationIsBounded(t *testing.T) {
	// Whatever is stored has been stored by another already, and is revoked when it is looked for.
	w := newWorld(t)
	w.store.lieStored(func(c call, _ bool) bool {
		return false
	})
	w.store.lie(func(_ call, r *envelope.KeyRecord) *envelope.KeyRecord {
		if r == nil {
			return nil
		}
		revoked := *r
		revoked.Revoked = true
		return &revoked
	})
	s := w.session()
	wantCode(t, tryEncrypt(s), envelope.MetastoreFailed)
	if n := len(w.store.created(systemKeyID)); n != 5 {
		t.Errorf("%d attempts, want 5", n)
	}
	w.store.lie(nil)
	w.store.lieStored(nil)
	r := encrypt(t, s)
	decrypt(t, w.session(), r)

	// The metastore says that it has the key and does not find it.
	w = newWorld(t)
	w.store.lieStored(func(call, bool) bool { return false })
	w.store.lie(func(call, *envelope.KeyRecord) *envelope.KeyRecord { return nil })
	s = w.session()
	w.store.calls()
	wantCode(t, tryEncrypt(s), envelope.MetastoreFailed)
	w.wantCalls("inconsistent reads", "LoadLatest IK", "LoadLatest SK", "Store SK", "LoadLatest SK")

	// It finds an older one only.
	w = newWorld(t)
	old := encrypt(t, w.session())
	w.store.revoke(t, intermediateKeyID)
	row := w.store.latest(t, intermediateKeyID)
	w.clock.advance(time.Hour)
	w.store.lieStored(func(call, bool) bool { return false })
	w.store.lie(func(c call, r *envelope.KeyRecord) *envelope.KeyRecord {
		if c.op == "LoadLatest" && c.id == intermediateKeyID {
			return &row
		}
		return r
	})
	s = w.session()
	wantCode(t, tryEncrypt(s), envelope.MetastoreFailed)
	w.store.lie(nil)
	w.store.lieStored(nil)
	decrypt(t, s, old)
	decrypt(t, s, encrypt(t, s))
}

// A thousand cold sessions of one factory ask for each key once.
func TestColdSessionsAskOnce(t *testing.T) {
	const sessions = 1000
	w := newWorld(t)
	old := encrypt(t, w.session())
	for _, test := range []struct {
		name  string
		do    func(s *envelope.Session) error
		calls []string
	}{
		{"encrypt", tryEncrypt, []string{"LoadLatest IK", "Load SK"}},
		{"decrypt", func(s *envelope.Session) error { return tryDecrypt(s, old) }, []string{"Load IK", "Load SK"}},
	} {
		f := w.factory()
		w.store.calls()
		w.kms.decrypt.Store(0)
		w.store.fail(func(context.Context, call) error { time.Sleep(20 * time.Millisecond); return nil })
		wantNone(t, together(sessions, func(int) error {
			s, err := f.Session(partition)
			if err != nil {
				return err
			}
			defer s.Close()
			return test.do(s)
		}))
		w.store.fail(nil)
		w.wantCalls(test.name, test.calls...)
		if n := w.kms.decrypt.Load(); n != 1 {
			t.Errorf("%s: the KMS was asked %d times", test.name, n)
		}
	}
}

// Who did not find a key and is late to have it loaded uses what was loaded meanwhile.
func TestLateComerAsksNobody(t *testing.T) {
	w := newWorld(t)
	old := encrypt(t, w.session())
	for name, do := range map[string]func(s *envelope.Session) error{
		"encrypt": tryEncrypt,
		"decrypt": func(s *envelope.Session) error { return tryDecrypt(s, old) },
	} {
		f := w.factory()
		missed, release := make(chan struct{}), make(chan struct{})
		var misses atomic.Int64
		hooks.SetMetrics(func(m hooks.MetricType, _ time.Duration, name string) {
			if m == hooks.CacheMiss && name == "intermediate" && misses.Add(1) == 1 {
				close(missed)
				<-release
			}
		}, 0, true)
		late := make(chan error)
		go func() { late <- do(openSession(t, f, partition)) }()
		<-missed
		wantCode(t, do(openSession(t, f, partition)), envelope.OK)
		w.store.calls()
		close(release)
		wantCode(t, <-late, envelope.OK)
		hooks.ClearMetrics()
		w.wantCalls("late " + name)
		if n := misses.Load(); n != 2 {
			t.Errorf("%s: %d misses were counted for two calls", name, n)
		}
	}
}

// Cold sessions of many partitions share one system key, made once.
func TestColdPartitionsShareOneSystemKey(t *testing.T) {
	const partitions = 100
	w := newWorld(t)
	f := w.factory()
	w.store.fail(func(context.Context, call) error { time.Sleep(5 * time.Millisecond); return nil })
	wantNone(t, together(partitions, func(i int) error {
		s, err := f.Session(fmt.Sprint("partition ", i))
		if err != nil {
			return err
		}
		defer s.Close()
		return tryEncrypt(s)
	}))
	calls := w.store.calls()
	for name, want := range map[string]int{
		"LoadLatest SK": 1, "Store SK": 1, "LoadLatest IK": partitions,
		"Store IK": partitions,
	} {
		if got := len(calls) - len(slices.DeleteFunc(slices.Clone(calls),
			func(c string) bool { return c == name })); got != want {
			t.Errorf("%d calls %s, want %d", got, name, want)
		}
	}
	w.wantKMS("all", 1, 0)
}

// Who waits for another's question is not failed by that one's giving up, and gives up by itself in time.
func TestGivingUpInAFlight(t *testing.T) {
	w := newWorld(t)
	r := encrypt(t, w.session())
	for _, test := range []struct {
		name string
		do   func(ctx context.Context, s *envelope.Session) error
	}{
		{"encrypt", func(ctx context.Context, s *envelope.Session) error {
			_, err := s.EncryptBytes(ctx, []byte(secret))
			return err
		}},
		{"decrypt", func(ctx context.Context, s *envelope.Session) error {
			_, err := s.DecryptBytes(ctx, []byte(r))
			return err
		}},
	} {
		for _, where := range []string{"IK", "SK"} {
			t.Run(test.name+" "+where, func(t *testing.T) {
				f := w.factory()
				entered := make(chan struct{}, 100)
				w.store.fail(func(ctx context.Context, c call) error {
					if c.String()[len(c.op)+1:] != where {
						return nil
					}
					entered <- struct{}{}
					<-ctx.Done()
					return ctx.Err()
				})
				leader, leave := context.WithCancel(background)
				short, cancel := context.WithTimeout(background, 10*time.Millisecond)
				defer cancel()
				results := make(chan error, 2)
				go func() { results <- test.do(leader, openSession(t, f, partition)) }()
				<-entered
				// One who waits for less long.
				wantCode(t, test.do(short, openSession(t, f, partition)), envelope.TimedOut)
				// One who goes on when the first gives up.
				patient := make(chan error, 1)
				go func() { patient <- test.do(background, openSession(t, f, partition)) }()
				time.Sleep(10 * time.Millisecond)
				w.store.fail(nil)
				leave()
				wantCode(t, <-results, envelope.Cancelled)
				wantCode(t, <-patient, envelope.OK)
			})
		}
	}
}

// Who joins a look that began before and fails looks once more, all of them together, and no more often.
func TestJoiningAFailure(t *testing.T) {
	const joiners = 20
	for _, test := range []struct {
		name  string
		again error // of the second look
		want  envelope.Code
	}{
		{"that is over", nil, envelope.OK},
		{"that lasts", errStore, envelope.MetastoreFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				encrypt(t, w.session())
				f := w.factory()
				defer f.Close()
				looks := 0
				w.store.fail(func(context.Context, call) error {
					looks++
					time.Sleep(time.Second)
					switch looks {
					case 1:
						return errStore
					case 2:
						return test.again
					}
					return nil
				})
				results := make(chan error, joiners)
				first := make(chan error, 1)
				go func() { first <- tryEncrypt(openSession(t, f, partition)) }()
				synctest.Wait()
				for range joiners {
					go func() { results <- tryEncrypt(openSession(t, f, partition)) }()
				}
				wantCode(t, <-first, envelope.MetastoreFailed)
				for range joiners {
					wantCode(t, <-results, test.want)
				}
				if test.again != nil && looks != 2 {
					t.Errorf("%d looks", looks)
				}
			})
		})
	}
}

var errStore = envelope.Errorf(envelope.MetastoreFailed, nil, "the store is down")

// Who joins the loading of a key and began later, when the key has expired meanwhile, has a newer one made.
func TestJoinerOfAnExpiredKey(t *testing.T) {
	w := newWorld(t)
	w.policy.ExpireAfter = time.Hour
	encrypt(t, w.session())
	f := w.factory()
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.store.fail(func(_ context.Context, c call) error {
		if c.String() == "LoadLatest IK" {
			once.Do(func() { close(entered); <-release })
		}
		return nil
	})
	first := make(chan record)
	go func() {
		text, _ := openSession(t, f, partition).EncryptBytes(background, []byte(secret))
		first <- record(text)
	}()
	<-entered
	w.clock.advance(2 * time.Hour)
	second := make(chan record)
	go func() {
		text, _ := openSession(t, f, partition).EncryptBytes(background, []byte(secret))
		second <- record(text)
	}()
	time.Sleep(10 * time.Millisecond)
	close(release)
	<-first
	if got := (<-second).created(t); got != w.clock.minute() {
		t.Errorf("a call at %d used the key created %d, which had expired", w.clock.seconds(), got)
	}
}
