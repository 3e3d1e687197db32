package main

import (
	"context"
	"io"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
)

type encryptCommand struct {
	Partition string `help:"Partition whose key is used: a user, a tenant, a shop." required:"" placeholder:"ID"`
	Output    string `help:"File for the record, made for its owner only; - is standard output." short:"o" default:"-" placeholder:"FILE"`
	Input     string `arg:"" optional:"" help:"File to encrypt; - is standard input." default:"-"`
}

type decryptCommand struct {
	Partition string `help:"Partition that the record belongs to." required:"" placeholder:"ID"`
	Output    string `help:"File for the plaintext, made for its owner only; - is standard output." short:"o" default:"-" placeholder:"FILE"`
	Input     string `arg:"" optional:"" help:"File with the record; - is standard input." default:"-"`
}

// Run encrypts.
func (c *encryptCommand) Run(ctx context.Context, t *tool) error {
	return t.transform(ctx, c.Partition, c.Input, c.Output, func(s *envelope.Session, in []byte) ([]byte, error) {
		record, err := s.EncryptBytes(ctx, in)
		if err != nil {
			return nil, err
		}
		return append(record, '\n'), nil // records that are collected are one a line
	})
}

// Run decrypts.
func (c *decryptCommand) Run(ctx context.Context, t *tool) error {
	return t.transform(ctx, c.Partition, c.Input, c.Output,
		func(s *envelope.Session, in []byte) ([]byte, error) { return s.DecryptBytes(ctx, in) })
}

// maxInput is the longest input, in bytes: as much as a record of the library may have.
const maxInput = 1<<31 - 1 - 65536

// transform reads the input, has it encrypted or decrypted, and writes the output. What is read and written is wiped.
func (t *tool) transform(ctx context.Context, partition, from, to string, work func(*envelope.Session, []byte) ([]byte, error)) error {
	session, err := t.session(partition)
	if err != nil {
		return err
	}
	defer session.Close()
	in, err := t.read(ctx, from)
	if err != nil {
		return err
	}
	defer clear(in)
	out, err := work(session, in)
	if err != nil {
		return err
	}
	defer clear(out)
	return t.write(ctx, to, out)
}

// session opens the partition's session. The factory goes with it.
func (t *tool) session(partition string) (*envelope.Session, error) {
	c, err := t.configuration(config.Everything)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	factory, err := c.NewFactory()
	if err != nil {
		return nil, err
	}
	defer factory.Close()
	return factory.Session(partition)
}

// read reads a whole file or standard input.
func (t *tool) read(ctx context.Context, name string) ([]byte, error) {
	source, size, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = source.Close() }()
	shown := t.progress("reading", size)
	defer shown.end()
	// The buffer does not grow by copying, so that no plaintext is left behind.
	buffer := make([]byte, 0, size+1)
	for {
		if len(buffer) == cap(buffer) {
			larger := make([]byte, len(buffer), 2*cap(buffer)+64<<10)
			copy(larger, buffer)
			clear(buffer)
			buffer = larger
		}
		n, err := source.Read(buffer[len(buffer):min(cap(buffer), len(buffer)+1<<20)])
		buffer = buffer[:len(buffer)+n]
		shown.add(n)
		switch {
		case err == io.EOF:
			return buffer, nil
		case err != nil:
			return nil, fail(envelope.InvalidArgument, "the input cannot be read: %v", err)
		case len(buffer) > maxInput:
			return nil, fail(envelope.InvalidArgument, "the input is longer than %d bytes", maxInput)
		case ctx.Err() != nil:
			return nil, fail(envelope.TimedOut, "interrupted")
		}
	}
}
