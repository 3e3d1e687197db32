package main

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/seccache"
)

// The numbers of the Cobhan functions that tests look for.
const (
	cobhanPanic          = -106
	cobhanNotInitialized = -100
)

// startCobhan has the Cobhan functions work with a metastore that panics while failing is true.
func startCobhan(t *testing.T, failing *bool) {
	t.Helper()
	arena := seccache.Open(seccache.Prefer)
	secret, err := arena.NewSecret(seccache.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	kms, err := static.New(arena, secret)
	if err != nil {
		t.Fatal(err)
	}
	f, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: faulty{memory.New(), failing}, KMS: kms,
		Policy: envelope.DefaultPolicy(), OnClose: func() { _ = kms.Close() },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &cobhanService{factory: f, ended: make(chan struct{})}
	s.users.Store(1)
	cobhan.last.Store(s)
	cobhan.current.Store(s)
}

func cobhanEncrypt() int {
	id, plaintext, record := []byte("partition"), []byte("x"), make([]byte, 1000)
	var written cSize
	return int(borderCobhanEncryptJSON(addressOf(id), cSize(len(id)), addressOf(plaintext), 1,
		addressOf(record), 1000, &written))
}

func TestPanicInACobhanCall(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	failing := true
	startCobhan(t, &failing)
	if got := cobhanEncrypt(); got != cobhanPanic {
		t.Errorf("a call that panics: %d", got)
	}
	failing = false
	if got := cobhanEncrypt(); got != cobhanPanic {
		t.Errorf("a call after that one: %d", got)
	}
	if broken.Load() {
		t.Error("the whole library is given up for the fault of one factory")
	}
	borderCobhanShutdown() // would wait for ever for a call that was not counted out
	if got := cobhanEncrypt(); got != cobhanNotInitialized {
		t.Errorf("a call after Shutdown: %d", got)
	}
	startCobhan(t, &failing)
	if got := cobhanEncrypt(); got != 0 {
		t.Errorf("after a new start: %d", got)
	}
	borderCobhanShutdown()
	if n := seccache.ReadStats().LiveSecrets; n != before {
		t.Errorf("%d live secrets, %d before", n, before)
	}
}

func TestCobhanAfterAFaultOfSharedState(t *testing.T) {
	defer broken.Store(false)
	never := false
	startCobhan(t, &never)
	broken.Store(true)
	if got := cobhanEncrypt(); got != cobhanPanic {
		t.Errorf("a call: %d", got)
	}
	text := []byte("{}")
	if got := borderCobhanSetup(addressOf(text), 2); got != cobhanPanic {
		t.Errorf("SetupJson: %d", got)
	}
	if got := borderCobhanSetEnv(addressOf(text), 2); got != cobhanPanic {
		t.Errorf("SetEnv: %d", got)
	}
	borderCobhanShutdown()
}

// For the race detector: the C tests look at what comes out.
func TestCobhanShutdownDuringCalls(t *testing.T) {
	config := []byte(`{"ServiceName":"s","ProductID":"p","Metastore":"memory","KMS":"test-debug-static"}`)
	var callers sync.WaitGroup
	var stop atomic.Bool
	var done atomic.Int64
	for range 4 {
		callers.Go(func() {
			for !stop.Load() {
				switch code := cobhanEncrypt(); code {
				case 0:
					done.Add(1)
				case cobhanNotInitialized:
				default:
					t.Errorf("a call: %d", code)
					return
				}
				borderCobhanEstimate(10, 10)
			}
		})
	}
	for round := 0; round < 100 || done.Load() == 0 && round < 100000; round++ {
		if code := borderCobhanSetup(addressOf(config), cSize(len(config))); code != 0 {
			t.Errorf("SetupJson: %d", code)
		}
		borderCobhanShutdown()
		if n := cobhan.last.Load().users.Load(); n != 0 {
			t.Fatalf("%d calls are in flight after Shutdown", n)
		}
	}
	stop.Store(true)
	callers.Wait()
	if done.Load() == 0 {
		t.Error("no call got through")
	}
}

func TestCobhanCodes(t *testing.T) {
	const failed = -103
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("any"), cobhanPanic},
		{envelope.Errorf(envelope.Internal, nil, "fault"), cobhanPanic},
		{envelope.Errorf(envelope.BufferTooSmall, nil, "small"), -3},
		{envelope.Errorf(envelope.InvalidArgument, nil, "long"), -2},
		{envelope.Errorf(envelope.MetastoreFailed, nil, "down"), failed},
		{envelope.Errorf(envelope.KMSFailed, nil, "down"), failed},
		{envelope.Errorf(envelope.TimedOut, nil, "late"), failed},
		{envelope.Errorf(envelope.LockedMemory, nil, "none"), failed},
	} {
		if got := int(cobhanCode(c.err, failed)); got != c.want {
			t.Errorf("%v: %d, not %d", c.err, got, c.want)
		}
	}
}
