package vault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// class says what kind of failure it was, in words that a caller may see.
type class string

const (
	unreachable class = "unreachable: the server cannot be reached, or does not speak as Vault does"
	untrusted   class = "unreachable: the server's certificate is not trusted; VaultCACert names the authorities to trust"
	timedOut    class = "timed out: the server did not answer in time"
	denied      class = "denied: the token is not valid, or its policy does not allow it"
	notFound    class = "not found: there is no such transit engine or key"
	wrongKey    class = "wrong key: the record was wrapped by another key, or is damaged"
	refused     class = "refused: the request was not accepted"
	throttled   class = "throttled: too many requests"
	sealed      class = "unavailable: the server is sealed, in maintenance, or no active node"
	failing     class = "failing: the server has an error of its own"
	ended       class = "given up: the caller's time was over"
)

// passing says that the same request may succeed a little later.
func (c class) passing() bool {
	switch c {
	case unreachable, timedOut, throttled, sealed, failing:
		return true
	}
	return false
}

// failure is a request that failed.
type failure struct {
	class class
	what  string // what was asked for
	code  int    // HTTP status, 0 if there was no answer
	words string // of the server; for the log hook
	cause error
}

func (f *failure) Error() string {
	text := fmt.Sprintf("Vault was asked to %s: %s", f.what, f.class)
	if f.code != 0 {
		text += fmt.Sprintf(": HTTP %d", f.code)
	}
	if f.words != "" {
		text += ": " + f.words
	}
	if f.cause != nil {
		text += fmt.Sprintf(": %v", f.cause)
	}
	return text
}

func (f *failure) Unwrap() error { return f.cause }

// failure classifies an answer that is no success.
func (a *answer) failure(code int, what string) *failure {
	f := &failure{what: what, code: code, words: a.words()}
	switch {
	case code == http.StatusForbidden || code == http.StatusUnauthorized:
		f.class = denied
	case code == http.StatusNotFound:
		f.class = notFound
	case code == http.StatusTooManyRequests && f.words != "", code == http.StatusPreconditionFailed:
		f.class = throttled
	case code == http.StatusTooManyRequests, code == 472, code == 473, code == http.StatusServiceUnavailable:
		f.class = sealed // without words 429, 472 and 473 are a standby node
	case code >= 500:
		f.class = failing
	case strings.Contains(f.words, "encryption key not found"):
		f.class = notFound
	case strings.Contains(f.words, "message authentication failed") || strings.Contains(f.words, "invalid ciphertext"):
		f.class = wrongKey
	default:
		f.class = refused
	}
	return f
}

// asEnvelope gives a failure its class for the caller and tells the log hook the rest.
func asEnvelope(err error) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	code := envelope.KMSFailed
	switch f.class {
	case ended:
		if errors.Is(f.cause, context.Canceled) {
			return context.Canceled
		}
		code = envelope.TimedOut
	case timedOut:
		code = envelope.TimedOut
	case wrongKey:
		code = envelope.Authentication
	}
	hooks.Log(hooks.Error, "vault", "%v", f)
	return envelope.Errorf(code, f, "Vault failed to %s: %s", f.what, f.class)
}

func isDenied(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.class == denied
}
