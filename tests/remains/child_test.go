//go:build !race

package remains

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/seccache"
)

// childVariable is set in the process whose memory is searched; its value is the file for what the parent needs to find
// out the keys.
const childVariable = "REMAINS_TEST_CHILD"

const (
	plaintextSize = 4096
	partitions    = 12
	cached        = 5 // of the intermediate keys
	generations   = 3 // of all keys, by expiry
)

// evidence is a line of that file: a key record, or a data row record.
type evidence struct {
	ID     string // of a key record
	Record json.RawMessage
}

type child struct {
	t         *testing.T
	plaintext []byte // held while it is used, wiped at each stage
	evidence  *os.File
	seconds   atomic.Int64
}

// TestChild is the other process. Secrets come in through read(2) into a buffer that it wipes.
func TestChild(t *testing.T) {
	path := os.Getenv(childVariable)
	if path == "" {
		return
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, plaintext: make([]byte, plaintextSize), evidence: out}
	c.seconds.Store(1_700_000_000)

	held := make([]byte, seccache.KeySize)
	readAll(t, held)
	readAll(t, c.plaintext)
	marker := []byte(strings.Repeat("planted ", 4))
	for i := range marker {
		marker[i] ^= 0x55 // so that it is not in the program's file
	}
	c.stage("planted")

	arena := seccache.Open(seccache.Require)
	master, err := arena.NewSecret(seccache.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	copy(master.Bytes(), held)
	seccache.Wipe(held)
	seccache.Wipe(marker)
	kms, err := static.New(arena, master)
	if err != nil {
		t.Fatal(err)
	}
	policy := envelope.DefaultPolicy()
	policy.ExpireAfter, policy.RevokeCheckInterval, policy.IntermediateKeyCacheSize = time.Hour, 10*time.Minute, cached
	factory, err := envelope.NewFactory(envelope.Options{
		Service: "service", Product: "product", Metastore: recording{memory.New(), c}, KMS: kms, Policy: policy,
		Memory: arena, Clock: func() time.Time { return time.Unix(c.seconds.Load(), 0) }, OnClose: func() { _ = kms.Close() },
	})
	if err != nil {
		t.Fatal(err)
	}
	sessions := c.open(factory)
	for range generations {
		c.everyone(sessions, (*child).use)
		c.seconds.Add(7200)
	}
	c.everyone(sessions, (*child).use)
	seccache.Wipe(c.plaintext)
	c.stage("working")

	readAll(t, c.plaintext)
	c.everyone(sessions, (*child).fail)
	seccache.Wipe(c.plaintext)
	c.stage("failed")

	for _, s := range sessions {
		s.Close()
	}
	factory.Close()
	if s := seccache.ReadStats(); s.LiveSecrets != 0 || s.LockedBytes != 0 || s.HeapCiphers != 0 {
		t.Fatalf("%+v after everything was closed", s)
	}
	c.stage("closed")
}

func readAll(t *testing.T, b []byte) {
	for len(b) > 0 {
		n, err := syscall.Read(0, b)
		if n <= 0 {
			t.Fatal("read: ", n, err)
		}
		b = b[n:]
	}
}

func (c *child) stage(name string) { stage(c.t, name) }

// stage tells the parent where the child is, and waits for it to have looked.
func stage(t *testing.T, name string) {
	fmt.Printf("stage %s\n", name)
	readAll(t, make([]byte, 1))
}

func (c *child) open(f *envelope.Factory) []*envelope.Session {
	var sessions []*envelope.Session
	for i := range partitions {
		s, err := f.Session(fmt.Sprint("partition", i))
		if err != nil {
			c.t.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	return sessions
}

// everyone does something with all sessions at the same time, on small stacks and on grown ones, with collections in
// between.
func (c *child) everyone(sessions []*envelope.Session, do func(*child, *envelope.Session, int) error) {
	var group sync.WaitGroup
	for i, s := range sessions {
		group.Go(func() {
			for n := range 8 {
				if err := deep(n%4*10, func() error { return do(c, s, i*100+n) }); err != nil {
					c.t.Error(err)
				}
				if n%4 == 3 {
					runtime.GC()
				}
			}
		})
	}
	group.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
}

func deep(n int, do func() error) error {
	var frame [512]byte
	if n == 0 {
		return do()
	}
	err := deep(n-1, do)
	runtime.KeepAlive(&frame)
	return err
}

func (c *child) use(s *envelope.Session, n int) error {
	ctx := context.Background()
	plaintext := c.plaintext[:(n*97)%plaintextSize]
	record, err := s.EncryptBytes(ctx, plaintext)
	if err != nil {
		return err
	}
	c.note(evidence{Record: record})
	roomy := make([]byte, len(plaintext)+seccache.Overhead)
	tight, work := make([]byte, len(plaintext)), make([]byte, len(plaintext)+seccache.Overhead)
	defer seccache.Wipe(roomy)
	defer seccache.Wipe(tight)
	if n, err := s.Decrypt(ctx, roomy, nil, record); err != nil || !bytes.Equal(roomy[:n], plaintext) {
		return fmt.Errorf("decrypted %d bytes: %w", n, err)
	}
	if n, err := s.Decrypt(ctx, tight, work, record); err != nil || !bytes.Equal(tight[:n], plaintext) {
		return fmt.Errorf("decrypted %d bytes: %w", n, err)
	}
	general := append([]byte(" "), record...) // through the general reader
	opened, err := s.DecryptBytes(ctx, general)
	seccache.Wipe(opened)
	return err
}

// fail has calls fail late: the keys have been opened by then.
func (c *child) fail(s *envelope.Session, n int) error {
	ctx := context.Background()
	record, err := s.EncryptBytes(ctx, c.plaintext)
	if err != nil {
		return err
	}
	c.note(evidence{Record: bytes.Clone(record)})
	roomy := make([]byte, plaintextSize+seccache.Overhead)
	damaged := len(record) - 200 // in the ciphertext
	if n%2 == 0 {
		damaged = bytes.Index(record, []byte(`"Key":"`)) + 20
	}
	if record[damaged] == 'A' {
		record[damaged] = 'B'
	} else {
		record[damaged] = 'A'
	}
	var failure *envelope.Error
	if _, err := s.Decrypt(ctx, roomy, nil, record); !errors.As(err, &failure) || failure.Code != envelope.Authentication {
		return fmt.Errorf("a damaged record: %w", err)
	}
	if _, err := s.Encrypt(ctx, roomy[:10], c.plaintext); !errors.As(err, &failure) || failure.Code != envelope.BufferTooSmall {
		return fmt.Errorf("a small buffer: %w", err)
	}
	return nil
}

func (c *child) note(e evidence) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = c.evidence.Write(append(line, '\n'))
	}
	if err != nil {
		panic(err)
	}
}

// recording notes what is stored.
type recording struct {
	envelope.Metastore
	c *child
}

func (r recording) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	stored, err := r.Metastore.Store(ctx, id, created, record)
	if stored {
		r.c.note(evidence{ID: id, Record: record.AppendJSON(nil)})
	}
	return stored, err
}
