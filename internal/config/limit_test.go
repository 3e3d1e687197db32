package config

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

const limitedEnv = "ASHERAH_TEST_WITHOUT_LOCKED_MEMORY"

// TestWithoutLockedMemory runs TestLimited in a process that may not lock any.
func TestWithoutLockedMemory(t *testing.T) {
	const capIPCLock, prCapBoundingSetDrop = 14, 24
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread goes with what it gave up
		if os.Getuid() == 0 {
			if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, prCapBoundingSetDrop, capIPCLock, 0); e != 0 {
				t.Errorf("giving up CAP_IPC_LOCK: %v", e)
				return
			}
		}
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestLimited$", "-test.v")
		cmd.Env = append(os.Environ(), limitedEnv+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}()
	<-done
}

func TestLimited(t *testing.T) {
	if os.Getenv(limitedEnv) == "" {
		return // TestWithoutLockedMemory runs it
	}
	const memlock = 8
	if err := syscall.Setrlimit(memlock, &syscall.Rlimit{}); err != nil {
		t.Fatal(err)
	}
	g := minimal().with("KMS", `"static"`).with("StaticMasterKeyHex", `"`+exampleHex+`"`)
	if _, err := ParseJSON(g.with("LockedMemory", `"require"`).text()); envelope.CodeOf(err) != envelope.LockedMemory {
		t.Errorf("require, key in the configuration: %v", err)
	}
	c := mustParse(t, minimal().with("LockedMemory", `"require"`).text())
	if _, err := c.NewFactory(); envelope.CodeOf(err) != envelope.LockedMemory {
		t.Errorf("require, published key: %v", err)
	}
	for _, policy := range []string{`"prefer"`, `"off"`} {
		f := mustMake(t, mustParse(t, g.with("LockedMemory", policy).text()))
		if err := decrypts(f, encrypt(t, f, "text"), "text"); err != nil {
			t.Errorf("%s: %v", policy, err)
		}
	}
}
