package rdbms_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// refused checks that a path cannot be opened, that the message says why, and that it does not show the path.
func refused(t *testing.T, path string, create bool, code envelope.Code, message string) {
	t.Helper()
	m, err := rdbms.OpenSQLite(path, create)
	if err == nil {
		_ = m.Close()
		t.Errorf("OpenSQLite(%q, %v) succeeded; want an error", path, create)
		return
	}
	if got := envelope.CodeOf(err); got != code || !strings.Contains(err.Error(), message) {
		t.Errorf("OpenSQLite(%q, %v): code %d, %q (%v); want code %d and %q", path, create, got, err, cause(err), code,
			message)
	}
	if dir := filepath.Dir(path); dir != "." && strings.Contains(err.Error(), dir) {
		t.Errorf("the message shows the path: %q", err)
	}
}

func TestSQLiteRefusesPaths(t *testing.T) {
	dir := t.TempDir()
	for _, create := range []bool{false, true} {
		refused(t, "", create, envelope.Configuration, "path")
		refused(t, "a\x00b", create, envelope.Configuration, "path")
		refused(t, ":memory:", create, envelope.Configuration, `metastore "memory"`)
		refused(t, "file:keys.db?mode=memory", create, envelope.Configuration, "path")
		refused(t, dir, create, envelope.MetastoreFailed, "directory")
	}
	refused(t, filepath.Join(dir, "none", "keys.db"), true, envelope.MetastoreFailed, "directory of the file")
}

func TestSQLiteMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	refused(t, path, false, envelope.MetastoreFailed, "SQLiteCreate")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file was made all the same")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, false, envelope.MetastoreFailed, "no table encryption_key")
	openSQLite(t, path, true)
}

func TestSQLiteTableForms(t *testing.T) {
	for ddl, message := range map[string]string{
		`CREATE TABLE other (id)`: "no table encryption_key",
		`CREATE TABLE encryption_key (id, created, PRIMARY KEY (id, created))`:           "columns id, created and key_record",
		`CREATE TABLE encryption_key (id, created, key_record)`:                          "no primary key",
		`CREATE TABLE encryption_key (id, created, key_record, PRIMARY KEY (id))`:        "no primary key",
		`CREATE TABLE encryption_key (id, created, key_record, UNIQUE (id, key_record))`: "no primary key",
		`CREATE TABLE encryption_key (id, created, key_record);
			CREATE INDEX i ON encryption_key (id, created)`: "no primary key",
		`CREATE TABLE encryption_key (id, created, key_record);
			CREATE UNIQUE INDEX i ON encryption_key (id, created) WHERE id > 'm'`: "no primary key",
	} {
		path := filepath.Join(t.TempDir(), "keys.db")
		execute(t, rawSQL(t, path), ddl)
		refused(t, path, false, envelope.MetastoreFailed, message)
	}
}

func TestSQLiteDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, slices.Repeat([]byte("no database\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, text, true, envelope.MetastoreFailed, "not an SQLite database")
	refused(t, text, false, envelope.MetastoreFailed, "not an SQLite database")

	// Many rows, and then every page but the first two is noise.
	path := filepath.Join(dir, "keys.db")
	m := openSQLite(t, path, true)
	record, err := envelope.ParseKeyRecord([]byte(keyRecord))
	if err != nil {
		t.Fatal(err)
	}
	const rows = 200
	for i := range int64(rows) {
		if stored, err := m.Store(t.Context(), "_IK_p_s_p", i, record); !stored || err != nil {
			t.Fatalf("Store = %v, %v", stored, err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3 * 4096; i < len(content); i++ {
		content[i] = 0xa5
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged, err := rdbms.OpenSQLite(path, false)
	if err != nil {
		return // noticed already
	}
	defer func() { _ = damaged.Close() }()
	failures := 0
	for i := range int64(rows) {
		got, err := damaged.Load(t.Context(), "_IK_p_s_p", i)
		if err == nil && got == nil {
			t.Fatalf("a damaged file looks as if record %d were absent", i)
		}
		if err != nil {
			failures++
		}
	}
	if failures == 0 {
		t.Error("the damage was not noticed")
	}
}

// asNobody runs f on a thread without root's right to pass over file modes.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread() // not unlocked: the thread ends with its test
	const nobody = 65534
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	defer func() { _, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0) }()
	f()
}

func TestSQLiteReadOnly(t *testing.T) {
	dir, err := os.MkdirTemp("", "asherah")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "keys.db")
	if err := openSQLite(t, path, true).Close(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		file, dir os.FileMode
		path      string
	}{
		{0o444, 0o777, path},
		{0o444, 0o555, path},
		{0o666, 0o555, path},
		{0, 0o777, path},
		{0o444, 0o555, filepath.Join(dir, "new.db")},
	} {
		if err := errors.Join(os.Chmod(path, step.file), os.Chmod(dir, step.dir)); err != nil {
			t.Fatal(err)
		}
		for _, create := range []bool{false, true} {
			message := "read-only"
			if step.file == 0 {
				message = "cannot be opened"
			}
			if step.path != path && !create {
				message = "does not exist"
			}
			if step.file == 0o666 {
				message = "opening failed"
			}
			asNobody(t, func() { refused(t, step.path, create, envelope.MetastoreFailed, message) })
		}
	}
}

// TestSQLiteFileMode: a new file and those beside it are their owner's only; an existing one keeps its mode.
func TestSQLiteFileMode(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.db")
	openSQLite(t, path, true)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 3 {
		t.Fatalf("files: %v, %v; want the database, its log and its index", files, err)
	}
	for _, file := range files {
		if info, err := file.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", file.Name(), info.Mode(), err)
		}
	}
	shared := filepath.Join(dir, "shared.db")
	if err := os.WriteFile(shared, nil, 0o660); err != nil {
		t.Fatal(err)
	}
	openSQLite(t, shared, true)
	if info, err := os.Stat(shared); err != nil || info.Mode() != 0o660 {
		t.Errorf("an existing file of mode 0660 now has %v, %v", info.Mode(), err)
	}
}

// TestSQLiteWorkingDirectory: a relative path is that of the time of opening, also for connections made later.
func TestSQLiteWorkingDirectory(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	t.Chdir(first)
	m := openSQLite(t, "keys.db", true)
	t.Chdir(second)
	if err := holdConnections(t, m); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(second); err != nil || len(entries) != 0 {
		t.Errorf("files in the second directory: %v, %v", entries, err)
	}
}

// TestSQLiteLocked: a file that another connection keeps locked delays a store until the lock goes, the context ends,
// or the waiting time is over. A reader does not wait.
func TestSQLiteLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	m, err := rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{Path: path, Create: true, Wait: 700 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	record, err := envelope.ParseKeyRecord([]byte(keyRecord))
	if err != nil {
		t.Fatal(err)
	}
	other := rawSQL(t, path)
	execute(t, other, "BEGIN IMMEDIATE")

	start := time.Now()
	stored, err := m.Store(t.Context(), "id", 1, record)
	waited := time.Since(start)
	if stored || envelope.CodeOf(err) != envelope.MetastoreFailed || waited < 700*time.Millisecond {
		t.Errorf("Store = %v, %v after %v; want MetastoreFailed after the waiting time", stored, err, waited)
	}
	var locked sqlite3.Error
	if !errors.As(err, &locked) || locked.Code != sqlite3.ErrBusy {
		t.Errorf("the cause is %v; want SQLITE_BUSY", cause(err))
	}
	checkContextEndsWait(t, m, record)
	if got, err := m.LoadLatest(t.Context(), "id"); got != nil || err != nil {
		t.Errorf("LoadLatest = %v, %v", got, err)
	}
	refusedWhileLocked(t, path)

	time.AfterFunc(200*time.Millisecond, func() { _, _ = other.Exec("ROLLBACK") })
	patient, err := rdbms.OpenSQLiteWith(rdbms.SQLiteOptions{Path: path, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = patient.Close() }()
	if stored, err := patient.Store(t.Context(), "id", 1, record); !stored || err != nil {
		t.Errorf("Store = %v, %v; want true once the lock is gone", stored, err)
	}
}
