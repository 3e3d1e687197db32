package main

import (
	"bytes"
	"io"
	"os"

	"github.com/awnumar/memguard"
	"golang.org/x/term"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
)

// maxConfiguration is the longest configuration file, in bytes.
const maxConfiguration = 1 << 20

// configuration reads the parts of the configuration that a command needs. A file with a key in it is in guarded memory
// while it is read, and so is a key that is typed.
func (t *tool) configuration(needs config.Needs) (*config.Config, error) {
	if t.flags.Config == "" {
		if t.flags.AskKey {
			return nil, fail(envelope.InvalidArgument, "--ask-key needs --config: the key takes the place of a field of it")
		}
		return config.FromEnvFor(lookup, needs)
	}
	text, err := t.configurationText()
	if err != nil {
		return nil, err
	}
	defer func() { text.Destroy() }()
	if t.flags.AskKey {
		key, err := t.askKey()
		if err != nil {
			return nil, err
		}
		defer key.Destroy()
		if text, err = withKey(text, key); err != nil {
			return nil, err
		}
	}
	return config.ParseStrict(text.Bytes(), needs)
}

func (t *tool) configurationText() (*memguard.LockedBuffer, error) {
	source := t.in
	if t.flags.Config != "-" {
		file, err := os.Open(t.flags.Config)
		if err != nil {
			return nil, fail(envelope.Configuration, "the configuration file cannot be read: %v", err)
		}
		defer func() { _ = file.Close() }()
		source = file
	}
	text, err := memguard.NewBufferFromEntireReader(io.LimitReader(source, maxConfiguration+1))
	switch {
	case err != nil:
		text.Destroy()
		return nil, fail(envelope.Configuration, "the configuration cannot be read: %v", err)
	case text.Size() > maxConfiguration:
		text.Destroy()
		return nil, fail(envelope.Configuration, "the configuration is longer than %d bytes", maxConfiguration)
	}
	return text, nil
}

// askKey reads a key from the terminal, without showing it.
func (t *tool) askKey() (*memguard.LockedBuffer, error) {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, fail(envelope.Configuration, "there is no terminal to ask for the key on")
	}
	defer func() { _ = terminal.Close() }()
	_, _ = io.WriteString(terminal, "Static master key (64 hex digits): ")
	typed, err := term.ReadPassword(int(terminal.Fd()))
	_, _ = io.WriteString(terminal, "\n")
	if err != nil {
		return nil, fail(envelope.Configuration, "the key was not read: %v", err)
	}
	return memguard.NewBufferFromBytes(bytes.TrimSpace(typed)), nil // wipes typed
}

// withKey adds the master key to the text of a configuration, which it destroys.
func withKey(text, key *memguard.LockedBuffer) (*memguard.LockedBuffer, error) {
	defer text.Destroy()
	const before, after = `,"StaticMasterKeyHex":"`, `"}`
	body, ok := bytes.CutSuffix(bytes.TrimSpace(text.Bytes()), []byte("}"))
	if !ok || bytes.ContainsAny(key.Bytes(), `"\`) {
		return nil, fail(envelope.Configuration, "the configuration is not a JSON object, or the key not 64 hex digits")
	}
	whole := memguard.NewBuffer(len(body) + len(before) + key.Size() + len(after))
	n := 0
	for _, part := range [][]byte{body, []byte(before), key.Bytes(), []byte(after)} {
		n += copy(whole.Bytes()[n:], part)
	}
	if len(bytes.TrimSpace(body)) == 1 { // an empty object: no member for the comma to follow
		whole.Bytes()[bytes.IndexByte(whole.Bytes(), ',')] = ' '
	}
	return whole, nil
}

// openMetastore opens the metastore of the configuration; end closes both.
func (t *tool) openMetastore() (c *config.Config, store envelope.Metastore, end func(), err error) {
	if c, err = t.configuration(config.Metastore); err != nil {
		return nil, nil, nil, err
	}
	if store, err = c.OpenMetastore(); err != nil {
		c.Close()
		return nil, nil, nil, err
	}
	return c, store, func() { closePart(store); c.Close() }, nil
}

// closePart closes a metastore or a KMS where it holds something.
func closePart(part any) {
	if closer, ok := part.(io.Closer); ok {
		_ = closer.Close()
	}
}
