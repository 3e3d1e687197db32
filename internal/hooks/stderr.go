package hooks

import "syscall"

var levelNames = [...]string{Trace: "trace", Debug: "debug", Info: "info", Warn: "warning", Error: "error"}

// LogToStderr sets a hook that writes lines from Debug on to standard error, unless a hook is set. A hook that is set
// later takes its place.
func LogToStderr() { setLog(writeStderr, 0, Debug, false, true) }

// writeStderr makes the system call itself: os.Stderr would end the process on a closed pipe.
func writeStderr(level Level, target, message string) {
	text := []byte("asherah " + levelNames[level] + " " + target + ": " + message + "\n")
	_, _ = syscall.Write(syscall.Stderr, text)
}
