package stores

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/kmstest"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
)

// library is the path of the library: ASHERAH_LIB, or what make build makes.
func library(t *testing.T) string {
	t.Helper()
	path := os.Getenv("ASHERAH_LIB")
	if path == "" {
		path = "../../build/libasherah.so"
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("no library: run make build: %v", err)
	}
	return path
}

// run runs a command that must succeed.
func run(t *testing.T, name string, arguments ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// inC builds the program in C and starts it.
func inC(t *testing.T) *program {
	path := filepath.Join(t.TempDir(), "child")
	lib := library(t)
	run(t, "gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror", "-o", path, "c/child.c", lib,
		"-Wl,-rpath,"+filepath.Dir(lib), "-lcrypto", "-pthread")
	return start(t, exec.Command(path))
}

// inCSharp builds the program in C# and starts it.
func inCSharp(t *testing.T) *program {
	out := t.TempDir()
	run(t, "dotnet", "build", "-v", "quiet", "-c", "Release", "csharp/HostStores.csproj", "-o", out)
	command := exec.Command("dotnet", "exec", filepath.Join(out, "HostStores.dll"))
	command.Env = append(os.Environ(), "ASHERAH_LIB="+library(t))
	return start(t, command)
}

func TestFunctionsInC(t *testing.T)      { testHost(t, inC(t)) }
func TestFunctionsInCSharp(t *testing.T) { testHost(t, inCSharp(t)) }

// testHost runs the suites on the metastores and KMSs of a program, which must keep no key in the end.
func testHost(t *testing.T, p *program) {
	table := func(t *testing.T, suffix string) envelope.Metastore {
		t.Helper()
		return metastore{p, p.must(request{operation: newMetastore, first: []byte(suffix)}).value}
	}
	t.Run("metastore", func(t *testing.T) {
		metastoretest.Run(t, metastoretest.Harness{
			MaxIDBytes: 1 << 20, // what asherah_metastore_load() and its like take
			Open:       func(t *testing.T) envelope.Metastore { return table(t, "") },
			Reopen: func(t *testing.T, first envelope.Metastore) envelope.Metastore {
				t.Helper()
				same := request{operation: sameMetastore, part: first.(metastore).part}
				return metastore{p, p.must(same).value}
			},
		})
		for _, suffix := range []string{"", "eu-west-1", "日本"} {
			if got := table(t, suffix).KeySuffix(); got != suffix {
				t.Errorf("the key suffix is %q, not %q", got, suffix)
			}
		}
	})
	t.Run("KMS", func(t *testing.T) {
		open := func(t *testing.T, letter byte) kms {
			t.Helper()
			master := make([]byte, 32)
			for i := range master {
				master[i] = letter
			}
			return kms{p, p.must(request{operation: newKMS, first: master}).value}
		}
		kmstest.Run(t, kmstest.Harness{
			Open:     func(t *testing.T) envelope.KMS { return open(t, 'a') },
			Stranger: func(t *testing.T) envelope.KMS { return open(t, 'b') },
			Wrap: func(t *testing.T, key []byte) []byte {
				return p.must(request{operation: wrap, part: open(t, 'a').part, first: key}).text
			},
		})
	})
	var left struct {
		LiveSecrets int `json:"live_secrets"`
	}
	if err := json.Unmarshal(p.must(request{operation: stats}).text, &left); err != nil || left.LiveSecrets != 0 {
		t.Errorf("%d keys are left in the program, %v", left.LiveSecrets, err)
	}
}
