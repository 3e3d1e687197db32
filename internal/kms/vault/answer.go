package vault

import (
	"bytes"
	"encoding/json/jsontext"
	"strconv"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Destroy wipes the answer. There may be none.
func (a *answer) Destroy() {
	if a != nil {
		a.Secret.Destroy()
	}
}

// member returns the JSON value at a path of names, nil if there is none. It is in the answer's memory.
func (a *answer) member(path ...string) jsontext.Value {
	value := jsontext.Value(a.json)
	for _, name := range path {
		if value = memberOf(value, name); value == nil {
			return nil
		}
	}
	return value
}

func memberOf(object jsontext.Value, name string) (found jsontext.Value) {
	d := jsontext.NewDecoder(bytes.NewBuffer(object))
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return nil
	}
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			return nil
		}
		matches := key.String() == name
		value, err := d.ReadValue()
		if err != nil {
			return nil
		}
		if matches {
			found = value
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	return found
}

// text returns the string at a path, in locked memory that the caller destroys.
func (a *answer) text(path ...string) (*seccache.Secret, error) {
	quoted := a.member(path...)
	if quoted.Kind() != '"' {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "Vault: the answer has no text %s", strings.Join(path, "."))
	}
	scratch, err := a.memory.NewSecret(len(quoted))
	if err != nil {
		return nil, err
	}
	defer scratch.Destroy()
	plain, err := jsontext.AppendUnquote(scratch.Bytes()[:0], quoted)
	if err != nil || len(plain) == 0 {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "Vault: the answer has an empty %s", strings.Join(path, "."))
	}
	text, err := a.memory.NewSecret(len(plain))
	if err != nil {
		return nil, err
	}
	copy(text.Bytes(), plain)
	return text, nil
}

// seconds returns the number of seconds at a path, 0 if there is none.
func (a *answer) seconds(path ...string) time.Duration {
	n, err := strconv.ParseInt(string(a.member(path...)), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

func (a *answer) isTrue(path ...string) bool { return a.member(path...).Kind() == 't' }

// words returns what the server says is wrong, for the log hook.
func (a *answer) words() string {
	d := jsontext.NewDecoder(bytes.NewBuffer(a.member("errors")))
	var words []string
	for {
		token, err := d.ReadToken()
		if err != nil {
			return strings.Join(words, "; ")
		}
		if token.Kind() == '"' {
			words = append(words, token.String())
		}
	}
}
