// Command hessra looks at Hessra authorization tokens and judges them, without a network.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/libasherah/libasherah/internal/biscuit"
	"github.com/libasherah/libasherah/internal/hessra"
)

// version is that of include/hessra.h; the Makefile sets it.
var version = "unknown"

type commands struct {
	Version kong.VersionFlag `help:"Print the version."`

	Inspect inspectCommand `cmd:"" help:"Show what a token says: blocks, checks, expiry, keys, revocation ids. Judges no signature."`
	Verify  verifyCommand  `cmd:"" help:"Tell whether a token allows a request."`
	Check   checkCommand   `cmd:"" help:"Check a configuration file."`
}

// tool is what commands work with.
type tool struct {
	in  io.Reader
	out io.Writer
}

// The exit statuses.
const (
	exitOK      = 0
	exitRefused = 1 // the token is not genuine, or does not allow the request
	exitUsage   = 2 // the command line, a key, a file or the configuration is wrong
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) (status int) {
	flags := &commands{}
	ended := false
	parser, err := kong.New(flags, kong.Name("hessra"), kong.Writers(out, errs), kong.UsageOnError(), kong.Vars{"version": version},
		kong.Description("Hessra authorization tokens: look at them and judge them, without a network."),
		kong.Exit(func(code int) { status, ended = code, true }))
	if err != nil {
		_, _ = fmt.Fprintln(errs, "hessra:", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if ended { // --help
		return status
	}
	if err == nil {
		err = command.Run(&tool{in: in, out: out})
	}
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintln(errs, "hessra:", err)
	switch hessra.CodeOf(err) {
	case hessra.InvalidToken, hessra.VerificationFailed:
		return exitRefused
	}
	return exitUsage
}

// tokenArgument is where a token comes from. It is no argument itself: the list of processes shows those to everybody.
type tokenArgument struct {
	Token string `arg:"" optional:"" default:"-" help:"File with the token; - is standard input." placeholder:"FILE"`
}

// read reads the token, without the end of its line.
func (a *tokenArgument) read(t *tool) (*hessra.Token, error) {
	from := t.in
	if a.Token != "-" {
		file, err := os.Open(a.Token)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, biscuit.MaxText+3))
	if err != nil {
		return nil, err
	}
	return hessra.ParseToken(string(bytes.TrimRight(text, "\r\n")))
}

// keyFlags say which key a token is judged by.
type keyFlags struct {
	Key    string `help:"File with the public key of the authorization service, PEM. This or --config." xor:"key" required:"" placeholder:"FILE"`
	Config string `help:"Configuration file with the key. This or --key." xor:"key" required:"" short:"c" placeholder:"FILE"`
	KeyID  string `help:"Id of the key in the configuration." name:"key-id" default:"default"`
}

func (k *keyFlags) open() (*biscuit.PublicKey, error) {
	if k.Key != "" {
		return hessra.ReadKey(k.Key)
	}
	config, err := hessra.ReadConfig(k.Config)
	if err != nil {
		return nil, err
	}
	return config.Key(k.KeyID)
}

var errNoNodes = errors.New("there are no service nodes: the configuration names none")

// indent puts spaces in front of every line.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}
