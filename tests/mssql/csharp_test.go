package mssql_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// csharp is Microsoft.Data.SqlClient in a process of its own. See csharp/Messages.cs for what it takes and answers.
type csharp struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Reader
}

type (
	request struct {
		Connection  string      `json:"connection"`
		Open        string      `json:"open,omitempty"`
		Close       bool        `json:"close,omitempty"`
		Transaction string      `json:"transaction,omitempty"`
		SQL         string      `json:"sql,omitempty"`
		Parameters  []parameter `json:"parameters,omitempty"`
		Prepare     bool        `json:"prepare,omitempty"`
		Runs        int         `json:"runs,omitempty"`
		Timeout     int         `json:"timeout,omitempty"`
		CancelAfter int         `json:"cancelAfter,omitempty"`
	}
	parameter struct {
		Name  string `json:"name"`
		Type  string `json:"type,omitempty"`
		Size  int    `json:"size,omitempty"`
		Scale int    `json:"scale,omitempty"`
		Value any    `json:"value"`
	}
	answer struct {
		Columns  []column    `json:"columns"`
		Rows     [][]*string `json:"rows"`
		Affected int         `json:"affected"`
		Infos    []string    `json:"infos"`
		Errors   []failure   `json:"errors"`
		Failure  string      `json:"failure"`
	}
	column  struct{ Name, Type string }
	failure struct {
		Number  int
		State   int
		Class   int
		Message string
	}
)

// clientDLL builds the client, once.
var clientDLL = sync.OnceValues(func() (string, error) {
	out, err := os.MkdirTemp("", "mssql-client")
	if err != nil {
		return "", err
	}
	build := exec.Command("dotnet", "build", "-v", "quiet", "-c", "Release", "-o", out, "csharp/Client.csproj")
	if text, err := build.CombinedOutput(); err != nil {
		return "", &buildError{err, string(text)}
	}
	built = out
	return filepath.Join(out, "Client.dll"), nil
})

var built string

type buildError struct {
	error
	text string
}

func (e *buildError) Error() string { return e.error.Error() + "\n" + e.text }

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(built)
	os.Exit(code)
}

func startCSharp(t *testing.T) *csharp {
	t.Helper()
	dll, err := clientDLL()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("dotnet", "exec", dll)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(2*time.Minute, func() { _ = command.Process.Kill() })
	t.Cleanup(func() {
		_ = in.Close()
		_ = command.Wait()
		guard.Stop()
	})
	return &csharp{t: t, in: in, out: bufio.NewReader(out)}
}

// ask sends a request and waits for its answer.
func (c *csharp) ask(r request) answer {
	c.t.Helper()
	if err := json.NewEncoder(c.in).Encode(r); err != nil {
		c.t.Fatal(err)
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		c.t.Fatalf("%+v: %v", r, err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		c.t.Fatalf("%s: %v", line, err)
	}
	return a
}

// must is ask for requests that succeed.
func (c *csharp) must(r request) answer {
	c.t.Helper()
	a := c.ask(r)
	if a.Failure != "" || a.Errors != nil {
		c.t.Fatalf("%+v: %+v %s", r, a.Errors, a.Failure)
	}
	return a
}

// number is that of the first error.
func (a answer) number() int {
	if len(a.Errors) == 0 {
		return 0
	}
	return a.Errors[0].Number
}
