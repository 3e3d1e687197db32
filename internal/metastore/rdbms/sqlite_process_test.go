package rdbms_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

const (
	processes      = 4
	threads        = 4
	keysPerProcess = 150

	// storePath makes this test binary a process that stores keys, storeCount says how many.
	storePath  = "ASHERAH_TEST_STORE_PATH"
	storeCount = "ASHERAH_TEST_STORE_COUNT"
)

// storeKeys stores every key with this process's id in it and prints which stores succeeded.
func storeKeys(path string, count int) int {
	m, err := rdbms.OpenSQLite(path, true)
	if err != nil {
		fmt.Fprintln(os.Stderr, err, cause(err))
		return 1
	}
	var (
		done   sync.WaitGroup
		mu     sync.Mutex
		failed bool
	)
	for thread := range threads {
		done.Go(func() {
			for key := range count {
				id, content := fmt.Sprintf("_IK_%d", key), fmt.Sprintf("%d/%d", os.Getpid(), thread)
				record := &envelope.KeyRecord{ID: id, Created: int64(key), Key: []byte(content)}
				stored, err := m.Store(context.Background(), id, int64(key), record)
				latest, loadErr := m.LoadLatest(context.Background(), id)
				mu.Lock()
				switch {
				case err != nil || loadErr != nil:
					fmt.Fprintln(os.Stderr, err, cause(err), loadErr, cause(loadErr))
					failed = true
				case latest == nil || stored && string(latest.Key) != content:
					fmt.Fprintf(os.Stderr, "%s: stored %v, then found %+v\n", id, stored, latest)
					failed = true
				case stored:
					fmt.Println(id, content)
				}
				mu.Unlock()
			}
		})
	}
	done.Wait()
	if err := m.Close(); err != nil || failed {
		return 1
	}
	return 0
}

// TestSQLiteKilled: what a process was told is stored is there after the process was killed in the middle of its work,
// and the file can be used on.
func TestSQLiteKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	stored := map[string]string{}
	for _, lines := range []int{1, 20, 60} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), storePath+"="+path, storeCount+"=1000000")
		output, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(output)
		for n := 0; scanner.Scan(); n++ {
			if n == lines {
				_ = cmd.Process.Kill()
			}
			id, content, complete := strings.Cut(scanner.Text(), " ")
			if complete {
				stored[id] = content
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
	}
	m := openSQLite(t, path, false)
	for id, content := range stored {
		if record, err := m.LoadLatest(t.Context(), id); err != nil || record == nil || string(record.Key) != content {
			t.Errorf("%s was stored with %q; the file has %+v, %v", id, content, record, err)
		}
	}
	if len(stored) < 80 {
		t.Errorf("only %d keys were stored", len(stored))
	}
}

// TestSQLiteProcesses: processes that make one file and store the same keys at once. Each key has one winner, whose
// record is the one in the file.
func TestSQLiteProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	outputs := make([]bytes.Buffer, processes)
	var done sync.WaitGroup
	for i := range processes {
		done.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), storePath+"="+path, storeCount+"="+strconv.Itoa(keysPerProcess))
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &outputs[i], &stderr
			if err := cmd.Run(); err != nil {
				t.Errorf("process %d: %v\n%s", i, err, &stderr)
			}
		})
	}
	done.Wait()
	winners := map[string]string{}
	for i := range outputs {
		for line := range strings.Lines(outputs[i].String()) {
			id, content, _ := strings.Cut(strings.TrimSpace(line), " ")
			if other, taken := winners[id]; taken {
				t.Errorf("%s was stored by %s and by %s", id, other, content)
			}
			winners[id] = content
		}
	}
	m := openSQLite(t, path, false)
	for key := range keysPerProcess {
		id := fmt.Sprintf("_IK_%d", key)
		record, err := m.Load(t.Context(), id, int64(key))
		if err != nil || record == nil || winners[id] == "" || string(record.Key) != winners[id] {
			t.Fatalf("%s: the winner was %q, the file has %+v, %v", id, winners[id], record, err)
		}
	}
	var rows int
	err := rawSQL(t, path).QueryRow("SELECT count(*) FROM encryption_key").Scan(&rows)
	if err != nil || rows != keysPerProcess {
		t.Errorf("the file has %d rows, %v; want %d", rows, err, keysPerProcess)
	}
}
