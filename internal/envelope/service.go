package envelope

import (
	"context"
	"errors"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// service watches what a factory asks outside, its metastore or its KMS: it gives failures their class, and tells the
// operator when they begin and end, and when answers are slow.
type service struct {
	name  string
	code  Code // of a failure that has no class
	clock func() time.Duration

	failing, slow incident
	slowAfter     time.Duration
}

// slowAnswer is how long an answer takes that is worth a line.
const slowAnswer = time.Second

func newService(name string, code Code, clock func() time.Duration) *service {
	s := &service{name: name, code: code, clock: clock, slowAfter: slowAnswer}
	s.failing.every, s.slow.every = time.Minute, 10*time.Minute
	return s
}

// asked ends a question that began at start. It returns its error with a class. The message says what was tried; the
// words of a driver, which may name hosts and accounts, go to the log hook and into the chain.
func (s *service) asked(ctx context.Context, start time.Time, what string, err error) error {
	if err == nil {
		s.answered(time.Since(start), what)
		return nil
	}
	err = classify(ctx, err, s.code, s.name, what)
	switch CodeOf(err) {
	case Cancelled, ClosedHandle, InvalidArgument, LockedMemory, MalformedRecord, Unsupported:
		return err // says nothing about the service
	}
	if times, due := s.failing.occurred(s.clock()); due {
		hooks.Log(hooks.Error, s.name,
			"failed to %s (failures since the last such line: %d): %v", what, times, chain(err))
	}
	return err
}

func (s *service) answered(took time.Duration, what string) {
	if s.failing.over() {
		hooks.Log(hooks.Warn, s.name, "answers again: it was asked to %s", what)
	}
	if took < s.slowAfter {
		return
	}
	if times, due := s.slow.occurred(s.clock()); due {
		hooks.Log(hooks.Warn, s.name,
			"took %v to %s (slow answers since the last such line: %d)", took.Round(time.Millisecond), what, times)
	}
}

// chain returns the words of an error and, where they are not part of it, those of its causes, for the log.
func chain(err error) string {
	text := err.Error()
	var e *Error
	for errors.As(err, &e) && e.Cause != nil {
		err = e.Cause
		text += ": " + err.Error()
	}
	return text
}

// classify turns the error of a metastore or a KMS into ours.
func classify(ctx context.Context, err error, code Code, who, what string) error {
	var e *Error
	ended := ctx.Err()
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(ended, context.Canceled):
		return Errorf(Cancelled, err, "the call was cancelled while the %s was asked to %s", who, what)
	case ended != nil || errors.Is(err, context.DeadlineExceeded):
		return Errorf(TimedOut, err, "the time limit passed while the %s was asked to %s", who, what)
	case errors.Is(err, seccache.ErrLockedMemory):
		return Errorf(LockedMemory, err, "%v", err)
	}
	return Errorf(code, err, "the %s failed to %s; the log hook has the cause", who, what)
}

// keyError classifies the failure to make a cipher or a secret.
func keyError(err error) error {
	if errors.Is(err, seccache.ErrLockedMemory) {
		return Errorf(LockedMemory, err, "%v", err)
	}
	return Errorf(Unsupported, err, "AES-256-GCM cannot be used here: is GODEBUG set to fips140=only, which forbids nonces of the caller's?")
}
