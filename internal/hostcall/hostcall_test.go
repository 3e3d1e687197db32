package hostcall

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestWithoutALimit(t *testing.T) {
	table, h := open(t)
	var c call
	done := false
	reply, err := table.Do(background, c.of(h, 0, func() { done = true }))
	if err != nil || reply.Status != 7 || !done {
		t.Fatalf("%+v, %v", reply, err)
	}
	c.check(t, 1, 1, 0)
	reply.Discard()
	c.check(t, 1, 1, 1)
	if c.nesting != (Nesting{Depth: 1}) {
		t.Errorf("nesting %+v", c.nesting)
	}
}

// A call that is not made is ended all the same.
func TestCallsThatAreNotMade(t *testing.T) {
	cancelled, cancel := context.WithCancel(background)
	cancel()
	for _, limit := range []time.Duration{0, long} {
		table, h := open(t)
		var c call
		if _, err := table.Do(cancelled, c.of(h, limit, func() {})); !errors.Is(err, context.Canceled) {
			t.Errorf("%v with a context that has ended", err)
		}
		c.check(t, 0, 1, 0)

		h.nesting.Depth = MaxDepth + 1
		_, err := table.Do(background, c.of(h, limit, func() {}))
		mustBe(t, err, envelope.HostCallback)
		c.check(t, 0, 2, 0)
		h.nesting.Depth = MaxDepth
		_, err = table.Do(background, c.of(h, limit, func() {}))
		mustBe(t, err, envelope.OK)
		c.check(t, 1, 3, 0)

		table.Close()
		table.Close()
		_, err = table.Do(background, c.of(h, limit, func() {}))
		mustBe(t, err, envelope.ClosedHandle)
		c.check(t, 1, 4, 0)
	}
}

// The owner closes while calls are made: each either runs before the release or not at all.
func TestCloseAmongCalls(t *testing.T) {
	for range 200 {
		h := &fakeHost{}
		table := NewTable(h)
		var group sync.WaitGroup
		for g := range 4 {
			group.Go(func() {
				for range 10 {
					var c call
					limit := time.Duration(g%2) * long
					_, err := table.Do(background, c.of(h, limit, func() {
						if h.releases.Load() != 0 {
							t.Error("called after the release")
						}
					}))
					if code := envelope.CodeOf(err); code != envelope.OK && code != envelope.ClosedHandle {
						t.Error(err)
					}
					if table.Enter() {
						table.Leave()
					}
				}
			})
		}
		group.Go(func() {
			time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
			table.Close()
		})
		group.Wait()
		eventually(t, "the release", func() bool { return h.releases.Load() == 1 })
		if h.late.Load() != 0 {
			t.Fatal("released while a call is under way")
		}
	}
}

func TestFailure(t *testing.T) {
	long := strings.Repeat("€", 2000)
	for _, c := range []struct {
		reply   Reply
		good    int32
		code    envelope.Code
		host    int32
		message string
	}{
		{Reply{}, 0, envelope.OK, 0, ""},
		{Reply{Status: 1}, 1, envelope.OK, 0, ""},
		{Reply{Status: 1}, 0, envelope.HostCallback, 0, "the host's f answered 1, which means nothing here"},
		{
			Reply{Status: 2, Message: []byte("m")},
			1, envelope.HostCallback, 0,
			"the host's f answered 2, which means nothing here",
		},
		{Reply{Status: -1234}, 1, envelope.HostCallback, -1234, "the host's f failed with status -1234"},
		{Reply{Status: -9, Message: []byte("mine")}, 0, envelope.HostCallback, -9, "mine"},
		{Reply{Status: -1, Message: []byte("a\xffb")}, 0, envelope.HostCallback, -1, "a\ufffdb"},
		{Reply{Status: -1, Message: []byte(long)}, 0, envelope.HostCallback, -1, long[:MaxMessage-MaxMessage%3]},
	} {
		err := c.reply.Failure("f", c.good)
		var e *envelope.Error
		if c.code == envelope.OK {
			if err != nil {
				t.Errorf("%d: %v", c.reply.Status, err)
			}
			continue
		}
		if !errors.As(err, &e) || e.Code != c.code || e.Host != c.host || e.Message != c.message {
			t.Errorf("status %d: %+v, not code %d, status %d, %.60q", c.reply.Status, err, c.code, c.host, c.message)
		}
	}
}
