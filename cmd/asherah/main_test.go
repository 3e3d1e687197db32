package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/libasherah/libasherah/internal/seccache"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/awnumar/memguard/core.NewCoffer.func1"),
		goleak.IgnoreAnyFunction("github.com/awnumar/memguard/core.NewCoffer.func1"))
}

const keyHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// world is a folder with a configuration on a SQLite file.
type world struct {
	*testing.T
	directory, config string
}

func newWorld(t *testing.T, members ...string) *world {
	t.Helper()
	w := &world{T: t, directory: t.TempDir()}
	w.config = w.file("config.json", `{"ServiceName":"s","ProductID":"p","KMS":"static","StaticMasterKeyHex":"`+keyHex+`",`+
		`"Metastore":"sqlite","ConnectionString":"`+w.path("keys.db")+`"`+strings.Join(append([]string{""}, members...), ",")+`}`)
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.directory, name) }

func (w *world) file(name, text string) string {
	w.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return w.path(name)
}

// run runs the tool with the world's configuration.
func (w *world) run(in string, args ...string) (out, errs string, status int) {
	w.Helper()
	return tryRun(w.T, in, append([]string{"--config", w.config}, args...)...)
}

// mustRun is run for commands that succeed, and returns what they print.
func (w *world) mustRun(in string, args ...string) string {
	w.Helper()
	out, errs, status := w.run(in, args...)
	if status != exitOK {
		w.Fatalf("%q: %d: %s", args, status, errs)
	}
	return out
}

func tryRun(t *testing.T, in string, args ...string) (out, errs string, status int) {
	t.Helper()
	before := seccache.ReadStats().LiveSecrets
	var o, e bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(in), &o, &e)
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%q leaves %d secrets", args, after-before)
	}
	if strings.Contains(e.String(), keyHex) {
		t.Errorf("%q shows the key", args)
	}
	return o.String(), e.String(), status
}

func TestEncryptAndDecrypt(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"", "text", strings.Repeat("long \x00\xff", 1<<18)} {
		record := w.mustRun(text, "encrypt", "--partition", "a")
		if strings.Count(record, "\n") != 1 || !strings.HasSuffix(record, "\n") {
			t.Errorf("%.20q: the record is not one line", text)
		}
		if text != "" && strings.Contains(record, text) {
			t.Error("the record shows the text")
		}
		if got := w.mustRun(record, "decrypt", "--partition", "a"); got != text {
			t.Errorf("%.20q came back", got)
		}
		plain, sealed, again := w.file("plain", text), w.path("sealed"), w.path("again")
		w.mustRun("", "encrypt", "--partition", "a", "-o", sealed, plain)
		w.mustRun("", "decrypt", "--partition", "a", "-o", again, sealed)
		if got, err := os.ReadFile(again); err != nil || string(got) != text {
			t.Errorf("%.20q, %v", got, err)
		}
		if info, err := os.Stat(again); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	record := w.mustRun("text", "encrypt", "--partition", "a")
	for in, status := range map[string]int{record: exitFailed, "no record": exitFailed, "": exitFailed} {
		if out, _, got := w.run(in, "decrypt", "--partition", "b"); got != status || out != "" {
			t.Errorf("%.20q for another partition: %d %q", in, got, out)
		}
	}
}

// A file that is there stays as it is when the work fails.
func TestOutputIsWholeOrNotThere(t *testing.T) {
	w := newWorld(t)
	kept := w.file("kept", "before")
	for _, in := range []string{"no record", w.mustRun("x", "encrypt", "--partition", "other")} {
		if _, _, status := w.run(in, "decrypt", "--partition", "a", "-o", kept); status == exitOK {
			t.Error("decrypted")
		}
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != "before" {
		t.Errorf("%q, %v", text, err)
	}
	if _, errs, status := w.run("x", "encrypt", "--partition", "a", "-o", w.path("no/such/folder")); status != exitUsage || errs == "" {
		t.Errorf("%d %q", status, errs)
	}
	entries, err := os.ReadDir(w.directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".asherah") {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func TestConfigurations(t *testing.T) {
	w := newWorld(t)
	text, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	if out, errs, status := tryRun(t, string(text), "--config", "-", "encrypt", "--partition", "a", w.file("plain", "x")); status != exitOK || out == "" {
		t.Errorf("from standard input: %d %s", status, errs)
	}
	for name, args := range map[string][]string{
		"no file":       {"--config", w.path("none"), "preflight"},
		"no JSON":       {"--config", w.file("bad", "{"), "preflight"},
		"unknown field": {"--config", w.file("typo", strings.Replace(string(text), "ServiceName", "ServiceNme", 1)), "preflight"},
		"too long":      {"--config", w.file("long", strings.Repeat(" ", maxConfiguration+1)), "preflight"},
		"no command":    {},
		"other command": {"other"},
		"no partition":  {"--config", w.config, "encrypt"},
		"no terminal":   {"--config", w.config, "--ask-key", "preflight"},
		"no such kind":  {"ddl", "oracle"},
	} {
		if name == "no terminal" {
			if _, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
				continue
			}
		}
		if _, errs, status := tryRun(t, "", args...); status == exitOK || errs == "" {
			t.Errorf("%s: %d %q", name, status, errs)
		}
	}
	for _, name := range []string{"SERVICE_NAME", "PRODUCT_ID", "KMS", "Metastore", "CONNECTION_STRING", "STATIC_MASTER_KEY_HEX"} {
		t.Setenv(name, map[string]string{
			"SERVICE_NAME": "s", "PRODUCT_ID": "p", "KMS": "static", "Metastore": "sqlite",
			"CONNECTION_STRING": w.path("keys.db"), "STATIC_MASTER_KEY_HEX": keyHex,
		}[name])
	}
	record, errs, status := tryRun(t, "text", "encrypt", "--partition", "a")
	if status != exitOK {
		t.Fatalf("from the environment: %s", errs)
	}
	if got := w.mustRun(record, "decrypt", "--partition", "a"); got != "text" {
		t.Errorf("%q", got)
	}
}

func TestTypedKey(t *testing.T) {
	for before, want := range map[string]string{
		`{}`:            `{ "StaticMasterKeyHex":"k"}`,
		` {"a":"b"} `:   `{"a":"b","StaticMasterKeyHex":"k"}`,
		"{\n\"a\":1\n}": "{\n\"a\":1\n,\"StaticMasterKeyHex\":\"k\"}",
	} {
		got, err := withKey(buffer(before), buffer("k"))
		if err != nil || strings.TrimSpace(string(got.Bytes())) != want {
			t.Errorf("%q: %q, %v", before, got.Bytes(), err)
		}
		if !json.Valid(got.Bytes()) {
			t.Errorf("%q is no JSON", got.Bytes())
		}
		got.Destroy()
	}
	for _, bad := range [][2]string{{"", "k"}, {"[]", "k"}, {"{}", `"`}, {"{}", `\`}} {
		if got, err := withKey(buffer(bad[0]), buffer(bad[1])); err == nil {
			t.Errorf("%q: %q", bad, got.Bytes())
		}
	}
}

func TestInspect(t *testing.T) {
	w := newWorld(t)
	record := w.mustRun("text", "encrypt", "--partition", "a")
	var found chain
	read := func(in string, args ...string) {
		t.Helper()
		found = chain{}
		if err := json.Unmarshal([]byte(w.mustRun(in, append([]string{"inspect", "--json"}, args...)...)), &found); err != nil {
			t.Fatal(err)
		}
	}
	read(record, "--record", "-")
	if len(found.Keys) != 2 || *found.PlaintextBytes != 4 || found.Keys[0].ID != "_IK_a_s_p" || found.Keys[0].Kind != "intermediate" ||
		found.Keys[1].ID != "_SK_s_p" || found.Keys[1].Kind != "system" || !found.Keys[0].Newest || !found.Keys[1].Found {
		t.Errorf("%+v", found)
	}
	created := found.Keys[0].Created
	read("", "--key", "_IK_a_s_p")
	if len(found.Keys) != 2 || found.Keys[0].Created != created || found.PlaintextBytes != nil {
		t.Errorf("%+v", found)
	}
	for _, args := range [][]string{{"_IK_typo"}, {"_IK_a_s_p", "--created", "7"}} {
		for _, form := range [][]string{nil, {"--json"}} {
			out, errs, status := w.run("", append(append([]string{"inspect", "--key"}, args...), form...)...)
			if status != exitFailed || out != "" || !strings.Contains(errs, fmt.Sprintf("the metastore has no key with id %q", args[0])) {
				t.Errorf("%q: %d %s%s", args, status, out, errs)
			}
		}
	}
	text := w.mustRun(record, "inspect", "--record", "-")
	for _, words := range []string{"4 bytes of plaintext", `intermediate key "_IK_a_s_p"`, `system key "_SK_s_p"`, "age "} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is not in %s", words, text)
		}
	}
	expired := newWorld(t, `"ExpireAfter":1`, `"CreateDatePrecision":1`)
	if err := os.Rename(w.path("keys.db"), expired.path("keys.db")); err != nil {
		t.Fatal(err)
	}
	waitPast(created + 1)
	if text := expired.mustRun(record, "inspect", "--record", "-"); strings.Count(text, "EXPIRED") != 2 {
		t.Error(text)
	}
	for _, args := range [][]string{{"inspect"}, {"inspect", "--record", "-", "--key", "x"}} {
		if _, _, status := w.run("no record", args...); status != exitUsage {
			t.Errorf("%q: %d", args, status)
		}
	}
	if _, _, status := w.run("no record", "inspect", "--record", "-"); status != exitFailed {
		t.Errorf("no record: %d", status)
	}
	expired.execute("sqlite3", expired.path("keys.db"), `DELETE FROM encryption_key WHERE id LIKE '\_SK%' ESCAPE '\'`)
	out, errs, status := expired.run(record, "inspect", "--record", "-")
	if status != exitFailed || !strings.Contains(out, `intermediate key "_IK_a_s_p"`) || !strings.Contains(errs, `system key "_SK_s_p"`) {
		t.Errorf("without the system key: %d %s%s", status, out, errs)
	}
}

func TestDDL(t *testing.T) {
	for kind, words := range map[string]string{
		"mssql": "CREATE TABLE", "mysql": "CREATE TABLE", "postgres": "CREATE TABLE", "sqlite": "CREATE TABLE",
		"dynamodb": "KeySchema",
	} {
		if out, errs, status := tryRun(t, "", "ddl", kind); status != exitOK || !strings.Contains(out, words) {
			t.Errorf("%s: %d %s %s", kind, status, out, errs)
		}
	}
}

// The drill of docs/operations.md after a compromise: revoke the keys, encrypt the records anew.
func TestDrill(t *testing.T) {
	w := newWorld(t)
	var records []string
	for i := range 3 {
		records = append(records, w.mustRun(fmt.Sprint("text ", i), "encrypt", "--partition", "a"))
	}
	var before chain
	if err := json.Unmarshal([]byte(w.mustRun(records[0], "inspect", "--json", "--record", "-")), &before); err != nil {
		t.Fatal(err)
	}
	for _, k := range before.Keys {
		args := []string{"revoke", "--key", k.ID, "--created", fmt.Sprint(k.Created)}
		if out, _, status := w.run("no\n", args...); status == exitOK || out != "" {
			t.Errorf("revoked without a yes: %s", out)
		}
		w.mustRun("yes\n", args...)
		w.mustRun("", append(args, "--yes")...)
	}
	if _, _, status := w.run("", "revoke", "--key", "_IK_a_s_p", "--created", "7", "--yes"); status != exitFailed {
		t.Errorf("a key that is not there: %d", status)
	}
	if text := w.mustRun(records[0], "inspect", "--record", "-"); strings.Count(text, "REVOKED") != 2 {
		t.Error(text)
	}
	all := w.file("records", records[0]+records[1]+"\n"+records[2])
	fresh := w.path("fresh")
	w.mustRun("", "rewrap", "--partition", "a", "-o", fresh, all)
	text, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d records", len(lines))
	}
	for i, line := range lines {
		if got := w.mustRun(line, "decrypt", "--partition", "a"); got != fmt.Sprint("text ", i) {
			t.Errorf("%q", got)
		}
		if text := w.mustRun(line, "inspect", "--record", "-"); strings.Contains(text, "REVOKED") {
			t.Errorf("still under a revoked key: %s", text)
		}
		if got := w.mustRun(records[i], "decrypt", "--partition", "a"); got != fmt.Sprint("text ", i) {
			t.Errorf("an old record: %q", got)
		}
	}
	// A record that does not decrypt ends the work, and keeps the file that is there.
	w.file("records", records[0]+"{}\n"+records[1])
	if _, errs, status := w.run("", "rewrap", "--partition", "a", "-o", fresh, all); status == exitOK || !strings.Contains(errs, "line 2") {
		t.Errorf("%d %s", status, errs)
	}
	if again, err := os.ReadFile(fresh); err != nil || !bytes.Equal(again, text) {
		t.Error("the file was replaced")
	}
	memory := newWorld(t)
	memory.config = memory.file("memory.json", `{"ServiceName":"s","ProductID":"p","KMS":"test-debug-static","Metastore":"memory"}`)
	if _, errs, status := memory.run("", "revoke", "--key", "x", "--created", "1", "--yes"); status != exitUsage || !strings.Contains(errs, "metastore") {
		t.Errorf("%d %s", status, errs)
	}
}

// The drill of a changed master key: stop, revoke, forget the guard, and encrypt record by record.
func TestDrillOfTheMasterKey(t *testing.T) {
	w := newWorld(t)
	old := w.config
	text, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	member := func(config, name, value string) string {
		return strings.TrimSuffix(config, "}") + `,"` + name + `":"` + value + `"}`
	}
	// Another KMS is another name and another key: test-debug-static stands for it.
	for name, change := range map[string]func(string) string{
		"static": func(c string) string { return strings.Replace(c, keyHex, strings.Repeat("ab", 32), 1) },
		"another KMS": func(c string) string {
			c = strings.Replace(c, `"static"`, `"test-debug-static"`, 1)
			return strings.Replace(c, `"StaticMasterKeyHex":"`+keyHex+`",`, "", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := filepath.Join(t.TempDir(), "keys.db")
			config := strings.Replace(string(text), w.path("keys.db"), store, 1)
			file := func(name, text string) []string { return []string{"--config", w.file(name, text)} }
			before, after := file("old", config), file("new", member(change(config), "DriftGuard", "g"))
			guarded := file("guarded", member(config, "DriftGuard", "g"))
			must := func(config []string, in string, args ...string) string {
				t.Helper()
				out, errs, status := tryRun(t, in, append(config, args...)...)
				if status != exitOK {
					t.Fatalf("%q: %d: %s", args, status, errs)
				}
				return out
			}
			fails := func(why string, config []string, in string, args ...string) {
				t.Helper()
				if out, errs, status := tryRun(t, in, append(config, args...)...); status == exitOK || out != "" || !strings.Contains(errs, why) {
					t.Errorf("%q: %d: %s%s", args, status, out, errs)
				}
			}
			encrypt, decrypt := []string{"encrypt", "--partition", "a"}, []string{"decrypt", "--partition", "a"}
			record := must(guarded, "text", encrypt...)
			var keys chain
			if err := json.Unmarshal([]byte(must(before, record, "inspect", "--json", "--record", "-")), &keys); err != nil || len(keys.Keys) != 2 {
				t.Fatal(keys, err)
			}
			revoke := func(k keyInfo) {
				must(before, "", "revoke", "--key", k.ID, "--created", fmt.Sprint(k.Created), "--yes")
			}

			if name != "static" {
				fails("DriftGuard", after, "text", encrypt...)
			}
			db, err := sql.Open("sqlite3", store)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if _, err := db.ExecContext(t.Context(), "DELETE FROM encryption_key WHERE id = '_asherah_guard_g'"); err != nil {
				t.Fatal(err)
			}
			const closed = "does not open"
			fails(closed, after, "text", encrypt...)
			revoke(keys.Keys[1])
			fails(closed, after, "text", encrypt...) // the intermediate key is good, and its system key is needed to open it
			revoke(keys.Keys[0])

			fails(closed, after, record, "rewrap", "--partition", "a", "-")
			fresh := must(after, must(before, record, decrypt...), encrypt...)
			if got := must(after, fresh, decrypt...); got != "text" {
				t.Errorf("%q", got)
			}
			fails(closed, after, record, decrypt...)
			fails(closed, before, fresh, decrypt...)
			if name != "static" { // a guard has the name of the KMS, and nothing of a static key
				fails("DriftGuard", guarded, record, decrypt...)
			}
			if text := must(after, fresh, "inspect", "--record", "-"); strings.Contains(text, "REVOKED") {
				t.Error(text)
			}
		})
	}
}
