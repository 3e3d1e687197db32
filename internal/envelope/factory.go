package envelope

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/seccache"
)

// Options is what a Factory is made of.
type Options struct {
	Service   string // service and product: not empty, UTF-8
	Product   string
	Metastore Metastore
	KMS       KMS
	Policy    Policy
	Decisions *Decisions       // nil: Policy decides everything
	Clock     func() time.Time // nil: time.Now
	Memory    *seccache.Arena  // nil: seccache.Open(seccache.Prefer)

	// AllowEmptyPartition accepts the empty partition id, for data that was written with it.
	AllowEmptyPartition bool
	// Timeout bounds what one call spends on metastore and KMS; 0 is no bound.
	Timeout time.Duration
	// SyncRefresh has keys looked at again, and expired ones replaced that are in use meanwhile, on the goroutine of one
	// caller instead of one of the factory's.
	SyncRefresh bool
	// OnClose is called once, when the factory is closed and its last session too. It must not block.
	OnClose func()
}

// Factory makes sessions and holds the keys they share. It is safe for concurrent use.
type Factory struct {
	service, product string
	suffix           string
	systemKeyID      string
	policy           Policy
	host             *Decisions // nil if it makes none
	queueing         bool       // rotation may be queued
	clock            func() time.Time
	start            time.Time
	memory           *seccache.Arena
	store            store
	kms              keyService
	emptyPartition   bool
	timeout          time.Duration
	syncRefresh      bool
	onClose          func()
	events           events

	systems       *tier
	intermediates *tier
	partitions    *seccache.Cache[string, *partitionSession]
	refreshers    chan struct{}
	sealLimits    sealLimits
	rotations     rotations

	lookFailing        incident
	reads, revocations reminders

	users    atomic.Int64 // the factory while it is open, its open sessions, calls, work in the background
	behind   atomic.Int64 // those that are work in the background
	closed   atomic.Bool
	poisoned atomic.Bool
}

// NewFactory makes a factory. It does no I/O.
func NewFactory(o Options) (*Factory, error) {
	if err := checkID("service name", o.Service, false); err != nil {
		return nil, err
	}
	if err := checkID("product id", o.Product, false); err != nil {
		return nil, err
	}
	if o.Metastore == nil || o.KMS == nil {
		return nil, Errorf(Configuration, nil, "a factory needs a metastore and a KMS")
	}
	if err := o.Policy.check(); err != nil {
		return nil, err
	}
	f := &Factory{
		service: o.Service, product: o.Product, suffix: o.Metastore.KeySuffix(),
		policy: o.Policy, clock: o.Clock, memory: o.Memory,
		emptyPartition: o.AllowEmptyPartition, timeout: o.Timeout, syncRefresh: o.SyncRefresh, onClose: o.OnClose,
		queueing: o.Policy.QueuedRotation, refreshers: make(chan struct{}, maxRefreshers), sealLimits: defaultSealLimits,
	}
	if err := checkID("region suffix", f.suffix, true); err != nil {
		return nil, err
	}
	if f.clock == nil {
		f.clock = time.Now
	}
	if f.memory == nil {
		f.memory = seccache.Open(seccache.Prefer)
	}
	f.start = f.clock()
	mono := func() time.Duration { return f.now().mono }
	f.store = store{o.Metastore, &f.events, newService("metastore", MetastoreFailed, mono)}
	f.kms = keyService{o.KMS, &f.events, newService("KMS", KMSFailed, mono)}
	f.lookFailing.every, f.rotations.failing.every = time.Minute, time.Minute
	f.systemKeyID = newPartition("", f.service, f.product, f.suffix).systemKeyID
	f.makeTiers(&o)
	if o.Policy.CacheSessions && o.Policy.SessionCacheSize > 0 && o.Policy.SessionCacheDuration > 0 {
		f.partitions = seccache.NewCache(o.Policy.SessionCacheSize, o.Policy.SessionCacheDuration,
			func(string, *partitionSession) { cached.sessions.Add(-1) })
	}
	f.users.Store(1)
	return f, nil
}

func (f *Factory) makeTiers(o *Options) {
	p := &f.policy
	f.systems = &tier{
		f: f, level: systemLevel, label: "system", gauge: &cached.systemKeys, notify: p.NotifyExpiredSystemKey,
		open: f.openSystemKey, make: f.makeSystemKey,
	}
	f.intermediates = &tier{
		f: f, level: intermediateLevel, label: "intermediate", gauge: &cached.intermediateKeys,
		notify: p.NotifyExpiredIntermediateKey, open: f.openIntermediateKey, make: f.makeIntermediateKey,
	}
	if o.Decisions.any() {
		f.host = o.Decisions
		f.systems.host, f.intermediates.host = f.host.systems(), f.host.intermediates()
		f.queueing = f.queueing || f.host.QueuedRotation != nil
		f.syncRefresh = true
	}
	f.systems.makeCache(p.CacheSystemKeys, p.SystemKeyCacheSize)
	f.intermediates.makeCache(p.CacheIntermediateKeys, p.IntermediateKeyCacheSize)
}

// Session opens a session for a partition. It does no I/O.
func (f *Factory) Session(partition string) (*Session, error) {
	if err := checkID("partition id", partition, f.emptyPartition); err != nil {
		return nil, err
	}
	if f.closed.Load() || !f.enter() {
		return nil, errClosed("session factory")
	}
	return &Session{shared: f.partitionSession(partition)}, nil
}

func (f *Factory) partitionSession(id string) *partitionSession {
	if f.partitions == nil {
		return newPartitionSession(f, id)
	}
	now := f.now()
	if s, ok := f.partitions.Get(id, now.mono); ok {
		return s
	}
	s := newPartitionSession(f, id)
	cached.sessions.Add(1)
	f.partitions.Put(id, s, now.mono)
	return s
}

// Close closes the factory to new sessions. It does not block and may be called again. Open sessions stay usable; when
// the last of them is closed, all keys are wiped.
func (f *Factory) Close() {
	if f.closed.CompareAndSwap(false, true) {
		f.leave()
	}
}

// enter counts a user unless the last one has left.
func (f *Factory) enter() bool {
	for {
		n := f.users.Load()
		if n == 0 {
			return false
		}
		if f.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (f *Factory) leave() {
	if f.users.Add(-1) > 0 {
		return
	}
	if f.partitions != nil {
		f.partitions.Close()
	}
	f.intermediates.close()
	f.systems.close()
	if f.onClose != nil {
		f.onClose()
	}
	f.events.end()
}

// enterBehind counts work in the background, unless nobody is left that it could be for.
func (f *Factory) enterBehind() bool {
	if !f.enter() {
		return false
	}
	if f.users.Load() > f.behind.Add(1) {
		return true
	}
	f.leaveBehind()
	return false
}

func (f *Factory) leaveBehind() {
	f.behind.Add(-1)
	f.leave()
}

// poisonOnPanic is deferred where a panic could leave shared state half-changed: from then on every call fails.
func (f *Factory) poisonOnPanic() {
	if r := recover(); r != nil {
		f.poisoned.Store(true)
		panic(r)
	}
}

func (f *Factory) now() instant {
	t := f.clock()
	return instant{wall: t.UnixNano(), mono: t.Sub(f.start)}
}

func (f *Factory) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout > 0 {
		return context.WithTimeout(ctx, f.timeout)
	}
	return ctx, func() {}
}

func errClosed(what string) error { return Errorf(ClosedHandle, nil, "the %s is closed", what) }

func quoteJSON(s string) string {
	text, _ := json.Marshal(s) // cannot fail: it is a string
	return string(text)
}

// cached counts what the caches of all factories hold.
var cached struct{ systemKeys, intermediateKeys, sessions atomic.Int64 }

// CacheCounts tells how many keys and sessions the caches of all factories of the process hold.
func CacheCounts() (systemKeys, intermediateKeys, sessions int64) {
	return cached.systemKeys.Load(), cached.intermediateKeys.Load(), cached.sessions.Load()
}
