package servertest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running server with the processes that it made.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

// startProcess runs command as o. It ends with this process at the latest: the kernel ties it to the thread that made
// it, which therefore does nothing else.
func startProcess(command []string, dir string, log *os.File, o *owner, env ...string) (*process, error) {
	p := &process{command: exec.Command(command[0], command[1:]...), ended: make(chan struct{})}
	p.command.Dir = dir
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = o.attributes()
	p.command.Env = append(os.Environ(), env...)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.command.Start()
		started <- err
		if err == nil {
			_ = p.command.Wait()
			close(p.ended)
		}
	}()
	return p, <-started
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *process) kill() {
	for _, child := range p.children() {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	_ = p.command.Process.Kill()
	<-p.ended
}

// stop asks for an end that does not wait for clients: SIGINT to PostgreSQL means that, SIGTERM to MariaDB.
func (p *process) stop(limit time.Duration) {
	if !p.running() {
		return
	}
	asked := syscall.SIGTERM
	if strings.Contains(filepath.Base(p.command.Path), "postgres") {
		asked = syscall.SIGINT
	}
	_ = p.command.Process.Signal(asked)
	select {
	case <-p.ended:
	case <-time.After(limit):
		p.kill()
	}
}

func (p *process) pause() { p.signalAll(syscall.SIGSTOP) }

func (p *process) resume() { p.signalAll(syscall.SIGCONT) }

func (p *process) signalAll(s syscall.Signal) {
	if !p.running() {
		return
	}
	_ = p.command.Process.Signal(s)
	for _, child := range p.children() {
		_ = syscall.Kill(child, s)
	}
}

// children are the processes that the server made, from the fourth field of /proc/<pid>/stat.
func (p *process) children() []int {
	var children []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(p.command.Process.Pid) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			children = append(children, pid)
		}
	}
	return children
}

// runCommand runs a program of the server's installation, as its user, to its end.
func (s *Server) runCommand(command ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir = s.dir
	c.SysProcAttr = s.owner.attributes()
	if output, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(command[0]), err, output)
	}
	return nil
}

// find returns the first of some programs that is there: a name on PATH, or a pattern with a slash.
func find(what string, patterns ...string) (string, error) {
	for _, pattern := range patterns {
		if !strings.Contains(pattern, "/") {
			if path, err := exec.LookPath(pattern); err == nil {
				return path, nil
			}
			continue
		}
		if matches, err := filepath.Glob(pattern); err == nil && len(matches) > 0 {
			return matches[len(matches)-1], nil
		}
	}
	return "", fmt.Errorf("%s is not installed; scripts/setup.sh test installs it", what)
}
