package callback

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hostcall"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
)

// functions are those of a host that keeps its records in memory. answer, if it is there, answers in their place.
type functions struct {
	store    *memory.Metastore
	answer   func(name string) (hostcall.Reply, bool)
	releases atomic.Int64
	calls    atomic.Int64
	discards atomic.Int64
}

func (f *functions) Nesting() hostcall.Nesting { return hostcall.Nesting{} }

func (f *functions) Release() { f.releases.Add(1) }

// reply is that of a call which gets a result that goes when the reply is discarded, as in C.
func (f *functions) reply(name string, compute func() (int32, []byte)) hostcall.Reply {
	f.calls.Add(1)
	r, answered := hostcall.Reply{}, false
	if f.answer != nil {
		r, answered = f.answer(name)
	}
	if !answered {
		r.Status, r.Result = compute()
	}
	r.Free = func() {
		f.discards.Add(1)
		clear(r.Result)
	}
	return r
}

func found(r *envelope.KeyRecord, err error) (int32, []byte) {
	switch {
	case err != nil:
		return -1, nil
	case r == nil:
		return absent, nil
	}
	return 0, r.AppendJSON(nil)
}

func (f *functions) Load(_ hostcall.Nesting, id string, created int64) hostcall.Reply {
	return f.reply("load", func() (int32, []byte) { return found(f.store.Load(context.Background(), id, created)) })
}

func (f *functions) LoadLatest(_ hostcall.Nesting, id string) hostcall.Reply {
	return f.reply("load_latest", func() (int32, []byte) { return found(f.store.LoadLatest(context.Background(), id)) })
}

func (f *functions) Store(_ hostcall.Nesting, id string, created int64, text []byte) hostcall.Reply {
	return f.reply("store", func() (int32, []byte) {
		r, err := envelope.ParseKeyRecord(text)
		if err != nil || r.Created != created {
			return -1, nil
		}
		stored, err := f.store.Store(context.Background(), id, created, r)
		switch {
		case err != nil:
			return -1, nil
		case !stored:
			return duplicate, nil
		}
		return 0, nil
	})
}

func (f *functions) KeySuffix(hostcall.Nesting) hostcall.Reply {
	return f.reply("key_suffix", func() (int32, []byte) { return 0, []byte(f.store.KeySuffix()) })
}

// open makes a metastore, which must discard every reply it got and be released once.
func open(t *testing.T, f *functions) *Metastore {
	t.Helper()
	if f.store == nil {
		f.store = memory.New()
	}
	m, err := New(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Release()
		m.Release()
		if f.releases.Load() != 1 || f.calls.Load() != f.discards.Load() {
			t.Errorf("%d releases, %d calls, %d replies discarded", f.releases.Load(), f.calls.Load(), f.discards.Load())
		}
	})
	return m
}

func TestConformance(t *testing.T) {
	for name, limit := range map[string]time.Duration{"unlimited": 0, "limited": time.Hour} {
		t.Run(name, func(t *testing.T) {
			metastoretest.Run(t, metastoretest.Harness{
				Open: func(t *testing.T) envelope.Metastore { return open(t, &functions{}).WithTimeout(limit) },
				Reopen: func(t *testing.T, first envelope.Metastore) envelope.Metastore {
					t.Helper()
					return open(t, &functions{store: first.(*Metastore).functions.(*functions).store})
				},
			})
		})
	}
}

func TestKeySuffix(t *testing.T) {
	f := &functions{store: memory.NewWithSuffix("eu-west-1")}
	m := open(t, f)
	for range 3 {
		if got := m.KeySuffix(); got != "eu-west-1" {
			t.Errorf("%q", got)
		}
	}
	if f.calls.Load() != 1 {
		t.Errorf("asked %d times", f.calls.Load())
	}
	for _, c := range []struct {
		reply hostcall.Reply
		host  int32
	}{{hostcall.Reply{Status: -77}, -77}, {hostcall.Reply{Status: 1}, 0}, {hostcall.Reply{Result: []byte{0xff}}, 0}} {
		f := &functions{store: memory.New(), answer: func(string) (hostcall.Reply, bool) { return c.reply, true }}
		m, err := New(f)
		mustFail(t, err, c.host)
		if m != nil || f.releases.Load() != 0 || f.discards.Load() != 1 {
			t.Errorf("%+v: %v, %d releases, %d replies discarded", c.reply, m, f.releases.Load(), f.discards.Load())
		}
	}
}

func mustFail(t *testing.T, err error, host int32) {
	t.Helper()
	var e *envelope.Error
	if !errors.As(err, &e) || e.Code != envelope.HostCallback || e.Host != host {
		t.Errorf("%#v, not a failure of the host's with status %d", err, host)
	}
}

func TestFailuresAreNoAbsence(t *testing.T) {
	var reply hostcall.Reply
	failing := false
	f := &functions{answer: func(string) (hostcall.Reply, bool) { return reply, failing }}
	m := open(t, f)
	failing = true
	r := &envelope.KeyRecord{ID: "id", Created: 5, Key: []byte("key")}
	for _, status := range []int32{-1, -1000, -1 << 31, 2, 1<<31 - 1} {
		reply.Status = status
		host := min(status, 0)
		got, err := m.Load(t.Context(), "id", 5)
		mustFail(t, err, host)
		latest, latestErr := m.LoadLatest(t.Context(), "id")
		mustFail(t, latestErr, host)
		stored, err := m.Store(t.Context(), "id", 5, r)
		mustFail(t, err, host)
		if got != nil || latest != nil || stored {
			t.Errorf("status %d: %+v, %+v, %t", status, got, latest, stored)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	var reply hostcall.Reply
	failing := false
	f := &functions{answer: func(string) (hostcall.Reply, bool) { return reply, failing }}
	m := open(t, f)
	failing = true
	for _, c := range []struct {
		text         string
		load, latest envelope.Code
	}{
		{"", envelope.HostCallback, envelope.HostCallback},
		{"garbage", envelope.MalformedRecord, envelope.MalformedRecord},
		{`{"Created":5}`, envelope.MalformedRecord, envelope.MalformedRecord},
		{`{"Created":6,"Key":"AA=="}`, envelope.HostCallback, envelope.OK},
		{`{"Created":5,"Key":"AA=="}`, envelope.OK, envelope.OK},
	} {
		reply.Result = []byte(c.text)
		r, err := m.Load(t.Context(), "id", 5)
		if envelope.CodeOf(err) != c.load || (r != nil) != (err == nil) {
			t.Errorf("load of %s: %+v, %v", c.text, r, err)
		}
		reply.Result = []byte(c.text)
		r, err = m.LoadLatest(t.Context(), "id")
		if envelope.CodeOf(err) != c.latest || (r != nil) != (err == nil) || r != nil && (r.ID != "id" || len(r.Key) != 1) {
			t.Errorf("load_latest of %s: %+v, %v", c.text, r, err)
		}
	}
}

func TestWithTimeout(t *testing.T) {
	goOn := make(chan struct{})
	hanging := false
	f := &functions{answer: func(string) (hostcall.Reply, bool) {
		if hanging {
			<-goOn
		}
		return hostcall.Reply{}, false
	}}
	m := open(t, f)
	limited := m.WithTimeout(5 * time.Millisecond)
	hanging = true
	if r, err := limited.LoadLatest(t.Context(), "id"); r != nil || envelope.CodeOf(err) != envelope.TimedOut {
		t.Errorf("%+v, %v", r, err)
	}
	m.Release()
	if f.releases.Load() != 0 {
		t.Error("released under the call")
	}
	if _, err := limited.Load(t.Context(), "id", 1); envelope.CodeOf(err) != envelope.ClosedHandle {
		t.Errorf("after the release: %v", err)
	}
	close(goOn)
	for range 10_000 {
		if f.releases.Load() == 1 && f.discards.Load() == f.calls.Load() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("it was not released when the call returned")
}
