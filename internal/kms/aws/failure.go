package awskms

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

const target = "kms" // of log lines

// failure is that of one region. Its text is for the log hook: the SDK's words name accounts and keys.
type failure struct {
	region string
	class  awsconf.Class
	err    error
}

func newFailure(r *region, err error) *failure { return &failure{r.name, classify(err), err} }

func (f *failure) Error() string { return fmt.Sprintf("%s: %s: %v", f.region, f.class, f.err) }

func (f *failure) Unwrap() error { return f.err }

// public is the failure in words for the caller.
func (f *failure) public() string { return f.region + ": " + f.class.Describe(f.err) }

// failures are those of all regions of a call, in the order in which they are asked. As an error they are its cause.
type failures []*failure

func (list failures) Error() string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

func (list failures) Unwrap() []error {
	all := make([]error, len(list))
	for i, f := range list {
		all[i] = f
	}
	return all
}

func (list failures) all(c awsconf.Class) bool {
	for _, f := range list {
		if f.class != c {
			return false
		}
	}
	return len(list) > 0
}

// failed makes the error of a call whose regions have failed, and logs it with everything that is known. what is
// "decrypt a system key".
func (k *KMS) failed(ctx context.Context, what string, list failures) error {
	if ended := ctx.Err(); ended != nil {
		verb := "time limit passed"
		if errors.Is(ended, context.Canceled) {
			verb = "call was cancelled"
		}
		return envelope.Errorf(envelope.TimedOut, errors.Join(ended, list), "the %s while AWS KMS was asked to %s",
			verb, what)
	}
	if k.closing.Err() != nil {
		return envelope.Errorf(envelope.KMSFailed, list, "AWS KMS was closed while it was asked to %s", what)
	}
	if errors.Is(list, seccache.ErrLockedMemory) {
		return envelope.Errorf(envelope.LockedMemory, list, "%v", seccache.ErrLockedMemory)
	}
	hooks.Log(hooks.Error, target, "AWS KMS failed to %s: %v", what, list)
	words := make([]string, len(list))
	for i, f := range list {
		words[i] = f.public()
	}
	everywhere := ""
	if len(list) > 1 {
		everywhere = " in all regions"
	}
	code := envelope.KMSFailed
	switch {
	case list.all(awsconf.WrongKey):
		code = envelope.Authentication
	case list.all(awsconf.TimedOut):
		code = envelope.TimedOut
	}
	return envelope.Errorf(code, list, "AWS KMS failed to %s%s: %s", what, everywhere, strings.Join(words, "; "))
}
