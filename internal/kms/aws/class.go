package awskms

import (
	"errors"

	"github.com/libasherah/libasherah/internal/awsconf"
)

var (
	// errWrongKey is the failure to open a key with what a region gave.
	errWrongKey = errors.New("what the region has unwrapped does not open the system key")
	// errAnswer is for answers that KMS does not give.
	errAnswer = errors.New("not an answer of KMS")
)

func classify(err error) awsconf.Class {
	switch {
	case errors.Is(err, errWrongKey):
		return awsconf.WrongKey
	case errors.Is(err, errAnswer):
		return awsconf.BadAnswer
	}
	return awsconf.Classify(err)
}
