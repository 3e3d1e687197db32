package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/libasherah/libasherah/internal/envelope"
)

type rewrapCommand struct {
	Partition string `help:"Partition that the records belong to." required:"" placeholder:"ID"`
	Output    string `help:"File for the new records, made for its owner only; - is standard output." short:"o" default:"-" placeholder:"FILE"`
	Input     string `arg:"" optional:"" help:"File with data row records, one a line; - is standard input." default:"-"`
}

// Run decrypts each record and encrypts it anew: with a new data row key, under the intermediate key of now. Lines stay
// in their order; the first record that does not decrypt ends the work, and a file is not replaced then.
func (c *rewrapCommand) Run(ctx context.Context, t *tool) error {
	session, err := t.session(c.Partition)
	if err != nil {
		return err
	}
	defer session.Close()
	source, size, err := t.open(c.Input)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := t.create(c.Output)
	if err != nil {
		return err
	}
	defer target.discard()
	shown := t.progress("rewrapping", size)
	defer shown.end()
	lines := bufio.NewReaderSize(source, 1<<20)
	count := 0
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return fail(envelope.InvalidArgument, "the input cannot be read: %v", err)
		}
		if record := bytes.TrimSpace(line); len(record) > 0 {
			if err := rewrap(ctx, session, record, target); err != nil {
				return envelope.Errorf(envelope.CodeOf(err), err, "line %d: %v", number, err)
			}
			count++
		}
		shown.add(len(line))
		if err == io.EOF {
			break
		}
	}
	if err := target.finish(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.err, "%d records\n", count)
	return err
}

func rewrap(ctx context.Context, session *envelope.Session, record []byte, target io.Writer) error {
	plaintext, err := session.DecryptBytes(ctx, record)
	if err != nil {
		return err
	}
	defer clear(plaintext)
	fresh, err := session.EncryptBytes(ctx, plaintext)
	if err != nil {
		return err
	}
	if _, err := target.Write(append(fresh, '\n')); err != nil {
		return fail(envelope.InvalidArgument, "the output cannot be written: %v", err)
	}
	return nil
}
