package hostcall

import (
	"strings"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/envelope"
)

// MaxMessage is how much of the message of a failure is kept, in bytes.
const MaxMessage = 4096

// Reply is what a function of the host answered.
type Reply struct {
	Status  int32
	Message []byte // of a failure, copied; nil: none
	Result  []byte // not Go's memory: valid until the reply is discarded; nil: none
	Free    func() // wipes Result and gives it back; may be nil
}

// Discard ends the reply's result.
func (r *Reply) Discard() {
	if r.Free != nil {
		r.Free()
	}
}

// Failure returns the failure that a reply of the function with this name stands for, nil if its status is 0 or good,
// which is 0 where only 0 is. A negative status goes to the caller as it is, with the host's words.
func (r *Reply) Failure(name string, good int32) error {
	switch {
	case r.Status == 0 || r.Status == good:
		return nil
	case r.Status > 0:
		return envelope.Errorf(envelope.HostCallback, nil,
			"the host's %s answered %d, which means nothing here", name, r.Status)
	}
	return Failed(name, r.Status, r.Message)
}

// Failed is the failure of the host's function with this name. The message is made UTF-8 and cut to MaxMessage.
func Failed(name string, status int32, message []byte) error {
	text := strings.ToValidUTF8(string(message), "\ufffd")
	if len(text) > MaxMessage {
		end := MaxMessage
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	err := envelope.Errorf(envelope.HostCallback, nil, "the host's %s failed with status %d", name, status)
	if text != "" {
		err.Message = text
	}
	err.Host = status
	return err
}
