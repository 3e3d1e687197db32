package awskms

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/awstest"
	"github.com/libasherah/libasherah/internal/metastore/memory"
)

// told are the requests that a factory was told of.
type told struct {
	mu    sync.Mutex
	lines []string
	ended atomic.Bool
	after atomic.Int64 // told when the factory was closed
}

var requestNames = map[envelope.EventType]string{
	envelope.DataKeyGenerated: "generate", envelope.DataKeyEncrypted: "encrypt", envelope.DataKeyDecrypted: "decrypt",
}

func (l *told) tell(e envelope.Event) {
	if e.Region == "" {
		return
	}
	if l.ended.Load() {
		l.after.Add(1)
	}
	line := requestNames[e.Type] + " " + e.Region
	if e.Failed {
		line += " failed"
	}
	if e.Duration <= 0 || !e.System {
		line += fmt.Sprintf(" strangely: %+v", e)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

// take returns the requests in alphabetical order, and forgets them.
func (l *told) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.lines)
	lines := strings.Join(l.lines, ", ")
	l.lines = nil
	return lines
}

// watched makes a session of a factory on k that is watched.
func watched(t *testing.T, k *KMS, store envelope.Metastore) (*envelope.Factory, *envelope.Session, *told) {
	t.Helper()
	f, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: store, KMS: k, Policy: envelope.DefaultPolicy(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	l := &told{}
	if err := f.Watch(&envelope.Watcher{Tell: l.tell, End: func() { l.ended.Store(true) }}); err != nil {
		t.Fatal(err)
	}
	s, err := f.Session("partition")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return f, s, l
}

// TestRequestsAreTold: each request to a region is told to the factory that made it, those that fail too.
func TestRequestsAreTold(t *testing.T) {
	f := newFixture(t)
	k := f.open(nil)
	store := memory.New()
	_, s, l := watched(t, k, store)
	record, err := s.EncryptBytes(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.take(), "encrypt eu-north-1, encrypt us-east-1, generate us-west-2"; got != want {
		t.Errorf("a new key: %s; want %s", got, want)
	}
	_, cold, other := watched(t, k, store)
	if _, err := cold.DecryptBytes(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	if got, want := other.take(), "decrypt us-west-2"; got != want {
		t.Errorf("a known key: %s; want %s", got, want)
	}
	if got := l.take(); got != "" {
		t.Errorf("another factory is told %s", got)
	}
	f.Region(west).Fail(awstest.AccessDenied)
	_, cold, other = watched(t, k, store)
	if _, err := cold.DecryptBytes(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	if got, want := other.take(), "decrypt us-east-1, decrypt us-west-2 failed"; got != want {
		t.Errorf("with a region that fails: %s; want %s", got, want)
	}
	f.Region(east).Fail(awstest.Internal)
	f.Region(north).Fail(awstest.AccessDenied)
	_, cold, other = watched(t, k, memory.New())
	if _, err := cold.EncryptBytes(t.Context(), []byte("x")); err == nil {
		t.Error("a key is made without a region")
	}
	want := "generate eu-north-1 failed" + strings.Repeat(", generate us-east-1 failed", attempts) +
		", generate us-west-2 failed"
	if got := other.take(); got != want {
		t.Errorf("with none that serves: %s; want %s", got, want)
	}
}

// TestRequestsThatLingerAreTold: a region that answers when another has served is told of when it does, also while and
// after the factory is closed, which nobody waits for.
func TestRequestsThatLingerAreTold(t *testing.T) {
	f := newFixture(t)
	store := memory.New()
	_, s, _ := watched(t, f.open(nil), store)
	record, err := s.EncryptBytes(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, closed := range []bool{false, true} {
		t.Run(fmt.Sprintf("closed %v", closed), func(t *testing.T) {
			release := make(chan struct{})
			f.Region(west).FailOn(func(awstest.Call) *awstest.Fault { <-release; return nil })
			defer f.Region(west).Fail(nil)
			k := f.open(hedging)
			factory, s, l := watched(t, k, store)
			if _, err := s.DecryptBytes(t.Context(), record); err != nil {
				t.Fatal(err)
			}
			if got, want := l.take(), "decrypt us-east-1"; got != want {
				t.Errorf("told %s; want %s", got, want)
			}
			if closed {
				s.Close()
				factory.Close()
				if !l.ended.Load() {
					t.Error("closing waits for a request that lingers")
				}
			}
			close(release)
			eventually(t, "the late request is told", func() bool { return l.take() == "decrypt us-west-2" })
			if n := l.after.Load(); (n == 1) != closed {
				t.Errorf("%d requests were told when the factory was closed", n)
			}
		})
	}
}
