package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/libasherah/libasherah/internal/envelope"
)

// open opens a file, or standard input for "-". size is that of the file, 0 if it is not known.
func (t *tool) open(name string) (source io.ReadCloser, size int64, err error) {
	if name == "-" {
		return io.NopCloser(t.in), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, fail(envelope.InvalidArgument, "the input cannot be read: %v", err)
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		size = min(info.Size(), maxInput)
	}
	return file, size, nil
}

// write writes a whole file or standard output. A file is complete or not there: one of this name is replaced at the
// end.
func (t *tool) write(ctx context.Context, name string, content []byte) error {
	target, err := t.create(name)
	if err != nil {
		return err
	}
	defer target.discard()
	shown := t.progress("writing", int64(len(content)))
	defer shown.end()
	for len(content) > 0 {
		if ctx.Err() != nil {
			return fail(envelope.TimedOut, "interrupted")
		}
		n, err := target.Write(content[:min(len(content), 1<<20)])
		if err != nil {
			return fail(envelope.InvalidArgument, "the output cannot be written: %v", err)
		}
		shown.add(n)
		content = content[n:]
	}
	return target.finish()
}

// output is standard output, or a file that gets its name at the end.
type output struct {
	io.Writer
	file *os.File // nil: standard output
	name string
}

func (t *tool) create(name string) (*output, error) {
	if name == "-" {
		return &output{Writer: t.out}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".asherah-*")
	if err != nil {
		return nil, fail(envelope.InvalidArgument, "the output cannot be written: %v", err)
	}
	return &output{Writer: file, file: file, name: name}, nil
}

func (o *output) finish() error {
	if o.file == nil {
		return nil
	}
	file := o.file
	o.file = nil
	err := file.Sync()
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), o.name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fail(envelope.InvalidArgument, "the output cannot be written: %v", err)
	}
	return nil
}

// discard removes what was not finished.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close()
		_ = os.Remove(o.file.Name())
	}
}

// progress is a bar on the terminal, or nothing.
type progress struct{ bar *progressbar.ProgressBar }

// worthABar is how many bytes take long enough to look at a bar.
const worthABar = 8 << 20

// progress shows a bar for work on size bytes, on standard error, if that is a terminal. 0: it is not known how many.
func (t *tool) progress(what string, size int64) progress {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || size > 0 && size < worthABar {
		return progress{}
	}
	if size == 0 {
		size = -1
	}
	return progress{progressbar.NewOptions64(size, progressbar.OptionSetWriter(t.err),
		progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond))}
}

func (p progress) add(n int) {
	if p.bar != nil {
		_ = p.bar.Add(n)
	}
}

func (p progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
