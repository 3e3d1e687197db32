package envelope_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// A metastore or KMS that fails is told when it begins to, once a minute while it does, and when it answers again, not
// with each call. The line has the whole chain of causes, the error for the caller has not.
func TestOutageIsToldOnce(t *testing.T) {
	for _, test := range []struct {
		name string
		fail func(w *world, err error)
		want string
	}{
		{"metastore", func(w *world, err error) { w.store.failing("", err) }, "failed to load the latest key record"},
		{"KMS", func(w *world, err error) {
			w.kms.fail(func(string) error { return err })
		}, "failed to encrypt a system key"},
	} {
		for name, err := range map[string]error{
			"plain":  errDown,
			"chain":  envelope.Errorf(envelope.MetastoreFailed, fmt.Errorf("pool: %w", errDown), "no connection"),
			"host's": &envelope.Error{Code: envelope.HostCallback, Message: errDown.Error(), Host: -2000},
			"time":   fmt.Errorf("%w: %w", context.DeadlineExceeded, errDown),
		} {
			t.Run(test.name+" "+name, func(t *testing.T) {
				logged := captureLog(t)
				w := newWorld(t)
				s := w.session()
				test.fail(w, err)
				for minute := range 3 {
					for range 50 {
						if tryEncrypt(s) == nil {
							t.Fatal("no failure")
						}
					}
					if n := logged(test.want); n != minute+1 {
						t.Fatalf("%d lines in minute %d, want %d", n, minute+1, minute+1)
					}
					w.clock.advance(time.Minute)
				}
				if n := logged("(failures since the last such line: 50)"); n != 2 {
					t.Errorf("%d lines give the number of failures, want 2", n)
				}
				if n := logged("connection refused by db.example"); n != 3 {
					t.Errorf("%d lines name the cause, want 3", n)
				}
				if n := logged("answers again"); n != 0 {
					t.Error("told to answer again, during the outage")
				}
				test.fail(w, nil)
				for range 3 {
					encrypt(t, w.session())
					encrypt(t, s)
					w.clock.advance(time.Hour)
				}
				if n := logged("answers again"); n != 1 {
					t.Errorf("%d lines about the end, want 1", n)
				}
			})
		}
	}
}

// A metastore that fails now and then is told of as often as one that fails all the time.
func TestFlappingMetastore(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	f := w.factory()
	const minutes = 3
	for range minutes {
		for i := range 30 {
			s := openSession(t, f, fmt.Sprint("partition ", i, w.clock.seconds()))
			w.store.failing("", errDown)
			if tryEncrypt(s) == nil {
				t.Fatal("no failure")
			}
			w.store.fail(nil)
			encrypt(t, s)
		}
		w.clock.advance(time.Minute)
	}
	if n := logged("failed to"); n != minutes {
		t.Errorf("%d lines about 90 failures in %d minutes", n, minutes)
	}
	if n := logged("answers again"); n != minutes {
		t.Errorf("%d lines about the end, in %d minutes", n, minutes)
	}
}

// What says nothing about the metastore is not told as its failure.
func TestWhatIsNoOutage(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	s := w.session()
	ctx, cancel := context.WithCancel(background)
	w.store.fail(func(context.Context, call) error { cancel(); return errDown })
	_, err := s.EncryptBytes(ctx, []byte(secret))
	wantCode(t, err, envelope.Cancelled)
	if strings.Contains(err.Error(), "db.example") {
		t.Errorf("the message repeats the driver's words: %v", err)
	}
	w.store.failing("", envelope.Errorf(envelope.MalformedRecord, nil, "broken row"))
	wantCode(t, tryEncrypt(s), envelope.MalformedRecord)
	w.store.fail(nil)
	encrypt(t, s)
	if n := logged("failed to") + logged("answers again"); n != 0 {
		t.Errorf("%d lines", n)
	}
}

// Slow answers of metastore and KMS are told once in ten minutes; others are not.
func TestSlowAnswersAreToldOnce(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	f := w.factory()
	encrypt(t, openSession(t, f, partition))
	if n := logged(" took "); n != 0 {
		t.Fatalf("%d lines about quick answers", n)
	}
	f.SetSlowAnswer(time.Millisecond)
	w.store.fail(func(context.Context, call) error { time.Sleep(2 * time.Millisecond); return nil })
	slow := func() {
		for i := range 5 {
			encrypt(t, openSession(t, f, fmt.Sprint("partition ", i, w.clock.seconds())))
		}
	}
	slow()
	if n := logged("to load the latest key record (slow answers since the last such line: 1)"); n != 1 {
		t.Errorf("%d lines, want 1", n)
	}
	w.clock.advance(9 * time.Minute)
	slow()
	w.clock.advance(time.Minute)
	slow()
	if n := logged("slow answers since the last such line"); n != 2 {
		t.Errorf("%d lines in ten minutes, want 2", n)
	}
	w.store.fail(nil)
	w.kms.fail(func(string) error { time.Sleep(2 * time.Millisecond); return nil })
	f = w.factory()
	f.SetSlowAnswer(time.Millisecond)
	encrypt(t, openSession(t, f, partition))
	if n := logged("to decrypt a system key (slow"); n != 1 {
		t.Errorf("%d lines about the KMS, want 1", n)
	}
}

// A new key has a line, and its successor one that names both.
func TestNewKeysAreTold(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	old := encrypt(t, w.session())
	for kind, id := range map[string]string{"system": systemKeyID, "intermediate": intermediateKeyID} {
		if n := logged(fmt.Sprintf("created %s key %q created %d", kind, id, old.created(t))); n != 1 {
			t.Errorf("%d lines about the new %s key, want 1", n, kind)
		}
	}
	w.clock.advance(w.policy.ExpireAfter + time.Minute)
	next := encrypt(t, w.session())
	for kind, id := range map[string]string{"system": systemKeyID, "intermediate": intermediateKeyID} {
		if n := logged(fmt.Sprintf("rotated %s key %q: created %d, after that created %d", kind, id, next.created(t), old.created(t))); n != 1 {
			t.Errorf("%d lines about the %s key's successor, want 1", n, kind)
		}
	}
	if n := logged(" key "); n != 4 {
		t.Errorf("%d lines, want 4", n)
	}
}

// In a long outage the keys that are looked at early do not fill the log.
func TestEarlyLooksThatFailAreToldOnce(t *testing.T) {
	logged := captureLog(t)
	w := newWorld(t)
	f := w.factory()
	var sessions []*envelope.Session
	for i := range 20 {
		sessions = append(sessions, openSession(t, f, fmt.Sprint("partition ", i)))
		encrypt(t, sessions[i])
	}
	w.store.failing("", errDown)
	w.clock.advance(58 * time.Minute)
	for _, s := range sessions {
		encrypt(t, s)
		within(t, "a refresh does not end", func() bool { return f.Refreshing() == 0 })
	}
	if n := logged("before its time is up failed"); n != 1 {
		t.Errorf("%d lines about 20 keys, want 1", n)
	}
}
