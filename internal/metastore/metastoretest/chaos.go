package metastoretest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Outages says how to bring down the server of a store.
type Outages struct {
	// Open opens a store over the same table as every other call, as another process would.
	Open func(t *testing.T) envelope.Metastore
	// Kill ends the server without warning, and Start starts it again; it returns when the server answers.
	Kill, Start func(t *testing.T)
	// Rounds is how often that is done; 0: 3, or 30 where ASHERAH_LONG is set.
	Rounds int
}

const (
	chaosThreads    = 16
	chaosPartitions = 6
	chaosExpiry     = 3 * time.Minute // of the test's clock
	chaosPrecision  = time.Minute
	// The test's clock goes by what is done, so that a slow machine sees keys live as long as a fast one: a step for so
	// many calls, a life of a key for 144.
	chaosStep  = 15 * time.Second
	chaosCalls = 12
)

// Chaos kills and starts a server while 16 threads of two factories encrypt and decrypt with keys that expire all the
// time. Every record that was written must decrypt, no key may be made because the store could not be read, and a call
// that begins after the server answers again must succeed. It returns what was not so.
func Chaos(t *testing.T, o Outages) (problems []string) {
	t.Helper()
	if o.Rounds == 0 {
		o.Rounds = 3
		if os.Getenv("ASHERAH_LONG") != "" {
			o.Rounds = 30
		}
	}
	c := &chaos{arena: seccache.Open(seccache.Prefer)}
	c.now.Store(noon)
	kms := c.kms(t)
	factories := []*envelope.Factory{c.factory(t, o.Open(t), kms), c.factory(t, o.Open(t), kms)}
	var threads sync.WaitGroup
	for i := range chaosThreads {
		threads.Go(func() { c.work(factories[i%len(factories)]) })
	}
	for round := range o.Rounds {
		c.awaitRecords(t, 200)
		o.Kill(t)
		time.Sleep(time.Duration(50+rand.IntN(100)) * time.Millisecond)
		c.now.Add(int64(2 * chaosExpiry / time.Second)) // every key expires while the server is down
		time.Sleep(time.Duration(50+rand.IntN(100)) * time.Millisecond)
		o.Start(t)
		for i, f := range factories {
			if err := c.write(f, "after a restart"); err != nil {
				c.problem("round %d: factory %d cannot encrypt after the restart: %v (%v)", round, i, err, chain(err))
			}
		}
	}
	c.awaitRecords(t, 200)
	c.stop.Store(true)
	threads.Wait()
	for _, f := range factories {
		f.Close()
	}
	c.readAll(c.factory(t, o.Open(t), kms))
	c.checkKeys()
	if c.failed.Load() == 0 {
		c.problem("no call failed: the server was never down")
	}
	t.Logf("%d records, %d failed calls, %d keys", len(c.written), c.failed.Load(), len(c.stored))
	return c.problems
}

type chaos struct {
	arena  *seccache.Arena
	now    atomic.Int64
	calls  atomic.Int64
	stop   atomic.Bool
	failed atomic.Int64

	mu       sync.Mutex
	written  []chaosRecord
	stored   []envelope.KeyMeta
	problems []string
}

type chaosRecord struct{ partition, text, record string }

func (c *chaos) problem(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.problems) < 20 {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

func (c *chaos) kms(t *testing.T) envelope.KMS {
	t.Helper()
	key, err := c.arena.NewSecret(32)
	if err != nil {
		t.Fatal(err)
	}
	k, err := static.New(c.arena, key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (c *chaos) factory(t *testing.T, m envelope.Metastore, kms envelope.KMS) *envelope.Factory {
	t.Helper()
	policy := envelope.DefaultPolicy()
	policy.ExpireAfter, policy.CreatePrecision, policy.RevokeCheckInterval = chaosExpiry, chaosPrecision, chaosPrecision
	f, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: &watched{Metastore: m, c: c}, KMS: kms, Policy: policy,
		Memory: c.arena, Clock: func() time.Time { return time.Unix(c.now.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// awaitRecords waits until so many more records were written.
func (c *chaos) awaitRecords(t *testing.T, more int) {
	t.Helper()
	count := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.written)
	}
	begin, limit := count(), time.Now().Add(5*time.Minute)
	for count() < begin+more {
		if time.Now().After(limit) {
			c.problem("no %d records are written in five minutes", more)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (c *chaos) work(f *envelope.Factory) {
	for i := 0; !c.stop.Load(); i++ {
		if c.calls.Add(1)%chaosCalls == 0 {
			c.now.Add(int64(chaosStep / time.Second))
		}
		if err := c.write(f, fmt.Sprint("text ", i)); err != nil {
			c.failure(err)
			continue
		}
		c.mu.Lock()
		r := c.written[rand.IntN(len(c.written))]
		c.mu.Unlock()
		if err := c.read(f, r); err != nil {
			c.failure(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// failure counts a call that failed. While a server is down calls fail, for that reason and no other one.
func (c *chaos) failure(err error) {
	c.failed.Add(1)
	if envelope.CodeOf(err) != envelope.MetastoreFailed {
		c.problem("a call fails with class %d: %v (%v)", envelope.CodeOf(err), err, chain(err))
	}
	time.Sleep(10 * time.Millisecond)
}

func (c *chaos) write(f *envelope.Factory, text string) error {
	partition := fmt.Sprint("p", rand.IntN(chaosPartitions))
	s, err := f.Session(partition)
	if err != nil {
		return err
	}
	defer s.Close()
	record, err := s.EncryptBytes(context.Background(), []byte(text))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written = append(c.written, chaosRecord{partition, text, string(record)})
	return nil
}

func (c *chaos) read(f *envelope.Factory, r chaosRecord) error {
	s, err := f.Session(r.partition)
	if err != nil {
		return err
	}
	defer s.Close()
	text, err := s.DecryptBytes(context.Background(), []byte(r.record))
	if err == nil && string(text) != r.text {
		c.problem("a record decrypts to %q; want %q", text, r.text)
	}
	return err
}

func (c *chaos) readAll(f *envelope.Factory) {
	lost := 0
	for _, r := range c.written {
		if err := c.read(f, r); err != nil {
			if lost++; lost == 1 {
				c.problem("a record does not decrypt in the end: %v (%v)", err, chain(err))
			}
		}
	}
	if lost > 0 {
		c.problem("%d of %d records do not decrypt in the end", lost, len(c.written))
	}
}

// checkKeys: keys have expired, or nothing was seen.
func (c *chaos) checkKeys() {
	systemKeys := 0
	for _, name := range c.stored {
		if name.ID == "_SK_service_product" {
			systemKeys++
		}
	}
	if systemKeys < 2 {
		c.problem("%d system keys: none expired", systemKeys)
	}
}

func chain(err error) error {
	if e, ok := err.(*envelope.Error); ok {
		return e.Cause
	}
	return nil
}

// watched holds a store to its word: what it has stored is found by every read that begins later, and no key is made
// after its id could not be looked for.
type watched struct {
	envelope.Metastore
	c      *chaos
	unread sync.Map // ids whose last LoadLatest failed
}

func (w *watched) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	known := w.c.knows(envelope.KeyMeta{ID: id, Created: created})
	r, err := w.Metastore.Load(ctx, id, created)
	if r == nil && err == nil && known {
		w.c.problem("a key that is stored is said to be absent")
	}
	return r, err
}

func (w *watched) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	newest, known := w.c.newest(id)
	r, err := w.Metastore.LoadLatest(ctx, id)
	if err != nil {
		w.unread.Store(id, true)
		return r, err
	}
	w.unread.Delete(id)
	if known && (r == nil || r.Created < newest) {
		w.c.problem("a key that is stored is not found as the newest one")
	}
	return r, nil
}

func (w *watched) Store(ctx context.Context, id string, created int64, r *envelope.KeyRecord) (bool, error) {
	if _, failed := w.unread.Load(id); failed {
		w.c.problem("a key is made after the newest one of its id could not be read")
	}
	stored, err := w.Metastore.Store(ctx, id, created, r)
	if stored && err == nil {
		w.c.mu.Lock()
		defer w.c.mu.Unlock()
		w.c.stored = append(w.c.stored, envelope.KeyMeta{ID: id, Created: created})
	}
	return stored, err
}

func (c *chaos) knows(name envelope.KeyMeta) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.stored, name)
}

func (c *chaos) newest(id string) (created int64, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range c.stored {
		if name.ID == id && (!known || name.Created > created) {
			created, known = name.Created, true
		}
	}
	return created, known
}
