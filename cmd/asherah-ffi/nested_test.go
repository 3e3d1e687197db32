package main

import (
	"context"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/static"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/seccache"
)

// calling is a metastore which uses the session that loads from it, as a function of the host may.
type calling struct {
	envelope.Metastore
	session func() cHandle
	flags   cFlags
	inside  bool
	status  envelope.Code
}

type cFlags = _Ctype_uint32_t

func (c *calling) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	if !c.inside {
		c.inside = true
		plaintext, record := []byte("x"), make([]byte, 1000)
		var written cSize
		c.status = envelope.Code(borderEncrypt(c.session(), addressOf(plaintext), 1, addressOf(record), 1000, &written, c.flags))
	}
	return c.Metastore.LoadLatest(ctx, id)
}

// A call inside of another one would wait for the one that waits for it, but for the flag that the C side sets: without
// it only the time limit of the factory ends the two.
func TestCallInsideOfACall(t *testing.T) {
	const nested cFlags = 1 << 31 // BORDER_NESTED, as border.h has it
	for _, c := range []struct {
		flags   cFlags
		timeout time.Duration
		want    envelope.Code
	}{{nested, 0, envelope.OK}, {0, 100 * time.Millisecond, envelope.TimedOut}} {
		arena := seccache.Open(seccache.Prefer)
		secret, err := arena.NewSecret(seccache.KeySize)
		if err != nil {
			t.Fatal(err)
		}
		kms, err := static.New(arena, secret)
		if err != nil {
			t.Fatal(err)
		}
		store := &calling{Metastore: memory.New(), flags: c.flags}
		factory, err := envelope.NewFactory(envelope.Options{
			Service: "service", Product: "product", Metastore: store, KMS: kms, Policy: envelope.DefaultPolicy(),
			Timeout: c.timeout, OnClose: func() { _ = kms.Close() },
		})
		if err != nil {
			t.Fatal(err)
		}
		session, err := factory.Session("partition")
		if err != nil {
			t.Fatal(err)
		}
		factory.Close()
		h := cHandle(live.Add(sessionHandle, session))
		store.session = func() cHandle { return h }
		encrypt(h)
		if store.status != c.want {
			t.Errorf("with flags %#x the call inside ends with %d, not %d", c.flags, store.status, c.want)
		}
		borderSessionFree(h)
	}
}

// A part is closed once, when its handle and all who use it are gone.
func TestSharedPartsEndWithTheirLastUser(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		closings := 0
		m := memory.New()
		h, err := share(metastoreHandle, &sharedMetastore{
			part: m, client: envelope.NewMetastoreClient(m), close: func() { closings++ },
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := useParts(cHandle(h), 0)
		if err != nil {
			t.Fatal(err)
		}
		s, err := use[*sharedMetastore](metastoreHandle, cHandle(h))
		if err != nil {
			t.Fatal(err)
		}
		ends := []func(){func() { borderMetastoreFree(cHandle(h)) }, p.leave, s.leave}
		for i, end := range order {
			if closings != 0 {
				t.Errorf("order %v: closed after %d of its users", order, i)
			}
			ends[end]()
		}
		borderMetastoreFree(cHandle(h))
		if _, err := use[*sharedMetastore](metastoreHandle, cHandle(h)); envelope.CodeOf(err) != envelope.ClosedHandle || closings != 1 {
			t.Errorf("order %v: %v, closed %d times", order, err, closings)
		}
	}
}
