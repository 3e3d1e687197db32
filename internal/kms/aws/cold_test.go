package awskms

import (
	"fmt"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/awstest"
	"github.com/libasherah/libasherah/internal/metastore/memory"
)

func newFactory(t *testing.T, k *KMS, m envelope.Metastore) *envelope.Factory {
	t.Helper()
	f, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: m, KMS: k, Policy: envelope.DefaultPolicy(),
		Memory: k.options.Memory,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

const coldSessions = 1000

// everySession opens sessions of different partitions that all begin at the same moment.
func everySession(t *testing.T, f *envelope.Factory, do func(i int, s *envelope.Session) error) (failed int) {
	t.Helper()
	var sessions []*envelope.Session
	for i := range coldSessions {
		s, err := f.Session(fmt.Sprint("partition", i))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		sessions = append(sessions, s)
	}
	begin := make(chan struct{})
	var all sync.WaitGroup
	var mu sync.Mutex
	for i, s := range sessions {
		all.Go(func() {
			<-begin
			if err := do(i, s); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed++
			}
		})
	}
	close(begin)
	all.Wait()
	return failed
}

// TestColdStart: a thousand sessions that start cold at once ask KMS once for the system key, whether it has to be made
// or opened; when that fails, nothing is kept of the failure.
func TestColdStart(t *testing.T) {
	f := newFixture(t)
	store := memory.New()
	records := make([][]byte, coldSessions)

	making := newFactory(t, f.open(nil), store)
	if failed := everySession(t, making, func(i int, s *envelope.Session) (err error) {
		records[i], err = s.EncryptBytes(t.Context(), []byte("text"))
		return err
	}); failed != 0 {
		t.Fatalf("%d sessions failed", failed)
	}
	made, wrapped := len(f.Calls("GenerateDataKey")), len(f.Calls("Encrypt"))
	if made != 1 || wrapped != len(everywhere)-1 {
		t.Errorf("%d data keys, wrapped %d times more", made, wrapped)
	}

	opening := newFactory(t, f.open(nil), store)
	decrypt := func(i int, s *envelope.Session) error {
		text, err := s.DecryptBytes(t.Context(), records[i])
		if err == nil && string(text) != "text" {
			t.Errorf("%q", text)
		}
		return err
	}
	for _, name := range everywhere {
		f.Region(name).Fail(awstest.AccessDenied)
	}
	if failed := everySession(t, opening, decrypt); failed != coldSessions {
		t.Errorf("%d of %d sessions failed without KMS", failed, coldSessions)
	}
	for _, name := range everywhere {
		f.Region(name).Fail(nil)
	}
	f.Forget()
	if failed := everySession(t, opening, decrypt); failed != 0 {
		t.Errorf("%d sessions failed", failed)
	}
	if got := f.RegionsAsked(); got != west {
		t.Errorf("asked %s", got)
	}
}
