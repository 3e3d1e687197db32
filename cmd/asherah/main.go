// Command asherah is the operator's tool of libasherah: it encrypts and decrypts files, looks at records and keys, checks
// a key store before it is used, prints the DDL of key tables, and helps after a key was compromised.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/awnumar/memguard"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// version is that of include/asherah.h; the Makefile sets it.
var version = "unknown"

// commands are what the tool does.
type commands struct {
	Config   string           `help:"Configuration file, JSON as in docs/configuration.md; - is standard input. Without it the environment is used." short:"c" placeholder:"FILE"`
	AskKey   bool             `help:"Ask for the static master key, 64 hex digits, on the terminal instead of reading it from the configuration."`
	Version  kong.VersionFlag `help:"Print the version."`
	LogLevel string           `help:"Least level of log lines on standard error." enum:"trace,debug,info,warn,error,off" default:"warn"`

	Encrypt   encryptCommand   `cmd:"" help:"Encrypt a file or standard input into a data row record."`
	Decrypt   decryptCommand   `cmd:"" help:"Decrypt a data row record."`
	Inspect   inspectCommand   `cmd:"" help:"Show the keys of a record, or those of a key id, without opening anything."`
	Preflight preflightCommand `cmd:"" help:"Check a key store and a KMS before they are used. Writes nothing."`
	DDL       ddlCommand       `cmd:"" name:"ddl" help:"Print the statement that makes the table of key records."`
	Revoke    revokeCommand    `cmd:"" help:"Mark a key as revoked: it decrypts, and encrypts no longer."`
	Rewrap    rewrapCommand    `cmd:"" help:"Encrypt data row records anew, one a line, with the keys of now."`
}

// tool is what commands work with.
type tool struct {
	in       io.Reader
	out, err io.Writer
	flags    *commands
}

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // the command failed, or a check did
	exitUsage  = 2 // the command line or the configuration is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	memguard.Purge()
	os.Exit(status)
}

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (status int) {
	flags := &commands{}
	ended := false
	parser, err := kong.New(flags, kong.Name("asherah"), kong.Writers(out, errs), kong.UsageOnError(), kong.Vars{"version": version}, kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Description("Application-level envelope encryption: the operator's tool."),
		kong.Exit(func(code int) { status, ended = code, true }))
	if err != nil {
		_, _ = fmt.Fprintln(errs, "asherah:", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if ended { // --help
		return status
	}
	if err != nil {
		_, _ = fmt.Fprintln(errs, "asherah:", err)
		return exitUsage
	}
	hooks.SetLog(func(level hooks.Level, target, message string) {
		_, _ = fmt.Fprintf(errs, "%s %s: %s\n", levelNames[level], target, message)
	}, 0, levels[flags.LogLevel], true)
	defer hooks.ClearLog()
	config.SetLookup(lookup)
	err = command.Run(&tool{in: in, out: out, err: errs, flags: flags})
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errChecks):
		return exitFailed
	}
	_, _ = fmt.Fprintln(errs, "asherah:", err)
	if code := envelope.CodeOf(err); code == envelope.Configuration || code == envelope.InvalidArgument {
		return exitUsage
	}
	return exitFailed
}

var levels = map[string]hooks.Level{
	"trace": hooks.Trace, "debug": hooks.Debug, "info": hooks.Info, "warn": hooks.Warn, "error": hooks.Error, "off": hooks.Off,
}

var levelNames = func() map[hooks.Level]string {
	names := map[hooks.Level]string{}
	for name, level := range levels {
		names[level] = name
	}
	return names
}()

func lookup(name string) ([]byte, bool) {
	value, ok := os.LookupEnv(name)
	return []byte(value), ok
}

// fail makes an error with words for the user.
func fail(code envelope.Code, format string, args ...any) error {
	return envelope.Errorf(code, nil, format, args...)
}
