package seccache

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
)

// A process that may lock little memory is this test program, started again. childVariable tells it what to do; it
// gives up CAP_IPC_LOCK, without which the limit means nothing, and starts itself once more.
const (
	childVariable = "SECCACHE_TEST_CHILD"
	limitVariable = "SECCACHE_TEST_MEMLOCK"

	rlimitMemlock = 8
	prCapbsetDrop = 24
	capIPCLock    = 14
)

func TestMain(m *testing.M) {
	switch part := os.Getenv(childVariable); part {
	case "":
		os.Exit(m.Run())
	case "restrict":
		restrict()
	default:
		if err := children[part](); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

func restrict() {
	runtime.LockOSThread()
	var limit uint64
	fmt.Sscan(os.Getenv(limitVariable), &limit)
	if err := syscall.Setrlimit(rlimitMemlock, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		panic(err)
	}
	// Refused to one who is not root, and has no such capability.
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prCapbsetDrop, capIPCLock, 0)
	_ = os.Setenv(childVariable, os.Args[1])
	panic(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
}

func runChild(t *testing.T, part string, memlock int) {
	t.Helper()
	if children[part] == nil {
		t.Fatalf("no child %q", part)
	}
	c := exec.Command("/proc/self/exe", part)
	c.Env = append(os.Environ(), childVariable+"=restrict", fmt.Sprintf("%s=%d", limitVariable, memlock))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s with %d bytes to lock: %v: %s", part, memlock, err, out)
	}
}

var children = map[string]func() error{
	"prefer":  func() error { return preferWith(0) },
	"prefer+": func() error { return preferWith(64 << 10) },
	"require": func() error { return requireWith(0) },
	"require+": func() error {
		return requireWith(64 << 10)
	},
	"warning": warning,
	"off":     offWithoutLimit,
	"refused": refused,
}

func TestPreferWithoutLockedMemory(t *testing.T)    { runChild(t, "prefer", 0) }
func TestPreferWithLittleLockedMemory(t *testing.T) { runChild(t, "prefer+", 64<<10) }
func TestRequireWithoutLockedMemory(t *testing.T)   { runChild(t, "require", 0) }
func TestRequireWithLittle(t *testing.T)            { runChild(t, "require+", 64<<10) }
func TestWarningMayUseTheArena(t *testing.T)        { runChild(t, "warning", 0) }
func TestOffLocksNothing(t *testing.T)              { runChild(t, "off", 0) }
func TestNoMemoryToMap(t *testing.T)                { runChild(t, "refused", 0) }

// fill makes ciphers until one fails or there are count, and looks whether all of them work.
func fill(arena *Arena, count int) (ciphers []*AEAD, err error) {
	for i := range count {
		key := bytes.Repeat([]byte{byte(i)}, KeySize)
		cipher, err := arena.NewAEAD(key)
		if err != nil {
			return ciphers, err
		}
		ciphers = append(ciphers, cipher)
	}
	var nonce [NonceSize]byte
	for i, c := range ciphers {
		sealed := c.Seal(nil, nonce[:], []byte("plaintext"))
		var reference Ephemeral
		if err := reference.Init(bytes.Repeat([]byte{byte(i)}, KeySize)); err != nil {
			return nil, err
		}
		if opened, err := reference.Open(nil, nonce[:], sealed); err != nil || string(opened) != "plaintext" {
			return nil, fmt.Errorf("cipher %d does not work: %q, %v", i, opened, err)
		}
	}
	return ciphers, nil
}

func destroy(ciphers []*AEAD) error {
	for _, c := range ciphers {
		c.Destroy()
	}
	if s := ReadStats(); s.LiveSecrets != 0 || s.LockedBytes != 0 || s.UnlockedBytes != 0 {
		return fmt.Errorf("%+v after everything was destroyed", s)
	}
	return nil
}

const many = 300 // ciphers, 16 slabs

// warning has a hook that uses the arena whose shortage it is told of.
func warning() error {
	used := 0
	hooks.SetLog(func(hooks.Level, string, string) {
		if s, err := Open(Prefer).NewSecret(KeySize); err == nil {
			s.Destroy()
			used++
		}
	}, 0, hooks.Warn, true)
	done := make(chan error)
	go func() {
		ciphers, err := fill(Open(Prefer), 1)
		if err == nil {
			err = destroy(ciphers)
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil && used != 1 {
			err = fmt.Errorf("the hook was called %d times", used)
		}
		return err
	case <-time.After(20 * time.Second):
		return fmt.Errorf("the hook waits for ever")
	}
}

// locked is how much of the limit slabs of 16 KiB can use.
func preferWith(locked int64) error {
	warnings := 0
	hooks.SetLog(func(level hooks.Level, _, message string) {
		if strings.Contains(message, "not locked") && strings.Contains(message, "ulimit -l") && level == hooks.Warn {
			warnings++
		}
	}, 0, hooks.Warn, true)
	ciphers, err := fill(Open(Prefer), many)
	if err != nil {
		return err
	}
	s := ReadStats()
	if s.LockedBytes != locked || s.UnlockedBytes != 16*slabBytes-locked || s.LockFailures != 16-locked/slabBytes {
		return fmt.Errorf("%+v", s)
	}
	if err := destroy(ciphers); err != nil {
		return err
	}
	// What was locked can be locked again, and the warning does not come twice.
	if ciphers, err = fill(Open(Prefer), many); err != nil {
		return err
	}
	if s := ReadStats(); s.LockedBytes != locked {
		return fmt.Errorf("the second time: %+v", s)
	}
	if warnings != 1 {
		return fmt.Errorf("%d warnings, not 1", warnings)
	}
	return destroy(ciphers)
}

func requireWith(locked int64) error {
	lines := 0
	hooks.SetLog(func(level hooks.Level, _, message string) {
		if level == hooks.Error && strings.Contains(message, "no room for another key") {
			lines++
		}
	}, 0, hooks.Warn, true)
	if err := refuseWith(locked); err != nil {
		return err
	}
	if lines != 1 {
		return fmt.Errorf("%d lines about the refusals, not 1", lines)
	}
	return nil
}

func refuseWith(locked int64) error {
	want := int(locked/slabBytes) * (slabBytes / cipherSlot)
	for range 3 { // a refusal leaves nothing behind
		ciphers, err := fill(Open(Require), many)
		if err != ErrLockedMemory {
			return fmt.Errorf("the error is %v", err)
		}
		s := ReadStats()
		if len(ciphers) != want || s.LockedBytes != locked || s.UnlockedBytes != 0 || s.LiveSecrets != int64(want) {
			return fmt.Errorf("%d ciphers, not %d: %+v", len(ciphers), want, s)
		}
		if _, err := Open(Require).NewSecret(KeySize); err != ErrLockedMemory {
			return fmt.Errorf("another secret: %v", err)
		}
		if err := destroy(ciphers); err != nil {
			return err
		}
	}
	return nil
}

func offWithoutLimit() error {
	ciphers, err := fill(Open(Off), many)
	if err != nil {
		return err
	}
	if s := ReadStats(); s.LockedBytes != 0 || s.UnlockedBytes != 16*slabBytes || s.LockFailures != 0 || hooks.Warnings() != 0 {
		return fmt.Errorf("%+v, %d warnings", s, hooks.Warnings())
	}
	return destroy(ciphers)
}

// refused asks for secrets when no page can be mapped: an error, no panic, and all is well when there is memory again.
func refused() error {
	debug.SetGCPercent(-1)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &before); err != nil {
		return err
	}
	policies := []LockPolicy{Prefer, Require, Off}
	var errs [3]error
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 1 << 20, Max: before.Max}); err != nil {
		return err
	}
	for i, policy := range policies {
		_, errs[i] = Open(policy).NewSecret(KeySize)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &before); err != nil {
		return err
	}
	for i, err := range errs {
		if err != ErrLockedMemory {
			return fmt.Errorf("policy %d: the error is %v", i, err)
		}
	}
	if s := ReadStats(); s.LockFailures != 3 || s.LiveSecrets != 0 || s.LockedBytes != 0 || s.UnlockedBytes != 0 {
		return fmt.Errorf("%+v", s)
	}
	secret, err := Open(Prefer).NewSecret(KeySize)
	if err != nil {
		return fmt.Errorf("with memory again: %w", err)
	}
	secret.Destroy()
	return nil
}
