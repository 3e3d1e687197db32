package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

func (o *overlay) text(name string) string {
	if value, ok := o.lookUp(name); ok {
		return string(value)
	}
	return "(none)"
}

func mustSet(t *testing.T, o *overlay, text string) {
	t.Helper()
	if err := o.set([]byte(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func TestOverlaySetsReplacesAndTakesBack(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	o := newOverlay()
	for _, step := range []struct{ set, a, b string }{
		{`{}`, "(none)", "(none)"},
		{`{"A":"1"}`, "1", "(none)"},
		{`{"B":"two\u0041\n\"\\\/é😀"}`, "1", "twoA\n\"\\/é😀"},
		{`{"A":"","B":"x"}`, "", "x"},
		{` { "A" : null } `, "(none)", "x"},
		{`{"A":null,"B":"\u00e9"}`, "(none)", "é"},
		{`{"B":null}`, "(none)", "(none)"},
	} {
		mustSet(t, o, step.set)
		if a, b := o.text("A"), o.text("B"); a != step.a || b != step.b {
			t.Errorf("after %s: %q and %q", step.set, a, b)
		}
	}
	if n := seccache.ReadStats().LiveSecrets; n != before {
		t.Errorf("%d live secrets for nothing", n-before)
	}
}

func TestOverlayRefuses(t *testing.T) {
	o := newOverlay()
	mustSet(t, o, `{"A":"kept"}`)
	live := seccache.ReadStats().LiveSecrets
	const planted = "planted-secret"
	for _, text := range []string{
		``, ` `, `[]`, `"x"`, `null`, `{`, `{"A"`, `{"A":`, `{"A":"` + planted, `{"A":"` + planted + `"`,
		`{"A":"` + planted + `"} x`, `{"A":"` + planted + `"}{}`, `{"A":"` + planted + `","A":"2"}`, `{"A":1}`, `{"A":true}`,
		`{"A":{}}`, `{"A":["` + planted + `"]}`, `{"":"` + planted + `"}`, `{"A=B":"` + planted + `"}`, "{\"A\\u0000\":\"x\"}",
		`{"A":"` + planted + `\u0000x"}`, "{\"A\":\"" + planted + "\xff\"}", `{"A":"\ud800"}`, "\ufeff{}", `{"A":"` + planted + `",}`,
		`{"A":"` + strings.Repeat("x", maxEnvironment) + `"}`, `{"` + strings.Repeat("x", maxEnvironment) + `":"1"}`,
	} {
		err := o.set([]byte(text))
		if envelope.CodeOf(err) != envelope.Configuration {
			t.Errorf("%.40q: %v", text, err)
		} else if strings.Contains(err.Error(), planted) {
			t.Errorf("%.40q: the error quotes it: %v", text, err)
		}
		if o.text("A") != "kept" {
			t.Fatalf("%.40q has changed something", text)
		}
	}
	if n := seccache.ReadStats().LiveSecrets; n != live {
		t.Errorf("%d secrets are left behind", n-live)
	}
	mustSet(t, o, `{"A":null}`)
}

// What a call may be looking at stays until it ends, and is wiped then.
func TestOverlayWipesWhatNobodyLooksAt(t *testing.T) {
	keep, err := seccache.Open(seccache.Prefer).NewSecret(8) // keeps the slab mapped, so that it can be read
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Destroy()
	before := seccache.ReadStats().LiveSecrets
	o := newOverlay()
	early := o.use() // began before anything was set, and may find all that is set meanwhile
	mustSet(t, o, `{"A":"first"}`)
	first, _ := o.lookUp("A")
	late := o.use()
	mustSet(t, o, `{"A":"second"}`)
	second, _ := o.lookUp("A")
	mustSet(t, o, `{"A":null}`)
	if string(first) != "first" || string(second) != "second" {
		t.Fatalf("wiped while in use: %q, %q", first, second)
	}
	early()
	if string(first) != "first" || string(second) != "second" {
		t.Fatalf("wiped while in use: %q, %q", first, second)
	}
	late()
	if !bytes.Equal(first, make([]byte, 5)) || !bytes.Equal(second, make([]byte, 6)) {
		t.Errorf("not wiped: %q, %q", first, second)
	}
	if n := seccache.ReadStats().LiveSecrets; n != before {
		t.Errorf("%d live secrets", n-before)
	}
	mustSet(t, o, `{"A":"third"}`)
	third, _ := o.lookUp("A")
	mustSet(t, o, `{"A":null}`)
	if !bytes.Equal(third, make([]byte, 5)) {
		t.Errorf("not wiped when replaced: %q", third)
	}
}

func TestOverlayStorm(t *testing.T) {
	const goroutines, rounds = 8, 2000
	before := seccache.ReadStats().LiveSecrets
	o := newOverlay()
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range rounds {
				name := fmt.Sprintf("N%d", (g+i)%4)
				if i%3 == 0 {
					value := strings.Repeat(string('a'+rune(i%26)), 20)
					if err := o.set([]byte(`{"` + name + `":"` + value + `","OWN` + fmt.Sprint(g) + `":"` + fmt.Sprint(i) + `"}`)); err != nil {
						t.Error(err)
					}
					if own := o.text("OWN" + fmt.Sprint(g)); own != fmt.Sprint(i) {
						t.Errorf("a change was lost: %s, not %d", own, i)
					}
				}
				done := o.use()
				if value, ok := o.lookUp(name); ok && (len(value) != 20 || string(value) != strings.Repeat(string(value[:1]), 20)) {
					t.Errorf("half a value: %q", value)
				}
				done()
			}
		})
	}
	group.Wait()
	for g := range goroutines {
		mustSet(t, o, fmt.Sprintf(`{"OWN%d":null,"N%d":null}`, g, g%4))
	}
	if n := seccache.ReadStats().LiveSecrets; n != before || len(o.old) != 0 {
		t.Errorf("%d live secrets, %d old sets of variables", n-before, len(o.old))
	}
}

func TestLookUpEnvironment(t *testing.T) {
	const name = "ASHERAH_BORDER_TEST"
	t.Setenv(name, "of the process") // with cgo this sets C's environment too
	defer environment.use()()
	find := func() string {
		if value, ok := lookUpEnvironment(name); ok {
			return string(value)
		}
		return "(none)"
	}
	if got := find(); got != "of the process" {
		t.Errorf("%q", got)
	}
	for _, step := range []struct{ set, want string }{
		{`"set"`, "set"}, {`""`, ""}, {`null`, "of the process"},
	} {
		if err := setEnvironment([]byte(`{"` + name + `":` + step.set + `}`)); err != nil {
			t.Fatal(err)
		}
		if got := find(); got != step.want {
			t.Errorf("%s: %q", step.set, got)
		}
	}
}

// A log hook that is called while variables are wiped may set others.
func TestOverlayIsNotLockedWhileHooksAreCalled(t *testing.T) {
	o := newOverlay()
	mustSet(t, o, `{"A":"1"}`)
	store := o.current.store.Bytes()
	past := (*[64]byte)(unsafe.Pointer(unsafe.SliceData(store)))
	past[63] ^= 1 // the slot's canary: wiping it gives a line for the log
	inside := errors.New("not called")
	hooks.SetLog(func(hooks.Level, string, string) { inside = o.set([]byte(`{"INNER":"1"}`)) }, 0, hooks.Error, true)
	defer hooks.ClearLog()
	mustSet(t, o, `{"A":"2"}`)
	if inside != nil || o.text("INNER") != "1" || o.text("A") != "2" {
		t.Errorf("%v, %s, %s", inside, o.text("INNER"), o.text("A"))
	}
	mustSet(t, o, `{"A":null,"INNER":null}`)
}
