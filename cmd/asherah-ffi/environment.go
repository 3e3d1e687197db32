package main

/*
#include <stdlib.h>
#include <string.h>
#include "border.h"
*/
import "C"

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"unsafe"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/host"
	"github.com/libasherah/libasherah/internal/seccache"
)

// maxEnvironment bounds the names and texts that setEnvironment keeps, in bytes.
const maxEnvironment = 1 << 20

// environment is what asherah_set_env has set. It goes before the environment of the process.
var environment = newOverlay()

func init() { config.SetLookup(lookUpEnvironment) }

//export borderSetEnv
func borderSetEnv(text C.uintptr_t, n C.size_t) (result C.int) {
	host.HeadRoom()
	defer contain(&result, true)
	return status(setEnvironment(view(text, n)))
}

// setEnvironment sets variables for the library alone: a JSON object of names to texts, or to null, which takes a name
// back. All of it is done or nothing. text is not kept; what it holds goes into locked memory.
func setEnvironment(text []byte) error {
	if err := usable(); err != nil {
		return err
	}
	return environment.set(text)
}

// lookUpEnvironment is the config.Lookup of the library. What it returns is valid until the call of the library that
// looks ends, which holds on to it by environment.use.
func lookUpEnvironment(name string) ([]byte, bool) {
	if value, ok := environment.lookUp(name); ok {
		return value, true
	}
	return getenv(name)
}

// getenv looks into the environment that the C library has now. Go's own copy is from when the library was loaded.
func getenv(name string) ([]byte, bool) {
	var buffer [128]byte
	if len(name) >= len(buffer) || strings.IndexByte(name, 0) >= 0 {
		return nil, false
	}
	copy(buffer[:], name)
	text := C.getenv((*C.char)(unsafe.Pointer(&buffer[0])))
	if text == nil {
		return nil, false
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(text)), int(C.strlen(text))), true
}

// overlay holds variables. Each change makes a new set of them; an old one is wiped when all calls have ended that may
// have looked into it, which are those that began before it was replaced.
type overlay struct {
	mu      sync.Mutex
	current *variables
	old     []*variables // replaced, the oldest first
}

// variables never change. The texts are in locked memory, since secrets may be among them.
type variables struct {
	texts map[string][]byte
	store *seccache.Secret // nil if there are none
	users int              // calls that began while they were current
}

func newOverlay() *overlay { return &overlay{current: &variables{}} }

// use keeps the variables that lookUp returns until done is called.
func (o *overlay) use() (done func()) {
	_, done = o.hold()
	return done
}

func (o *overlay) hold() (*variables, func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	v := o.current
	v.users++
	return v, func() {
		o.mu.Lock()
		v.users--
		unused := o.unused()
		o.mu.Unlock()
		destroy(unused)
	}
}

// unused takes out the old variables that nobody can look at any more.
func (o *overlay) unused() []*variables {
	n := 0
	for n < len(o.old) && o.old[n].users == 0 {
		n++
	}
	unused := o.old[:n:n]
	o.old = o.old[n:]
	return unused
}

func destroy(unused []*variables) {
	for _, v := range unused {
		v.store.Destroy()
	}
}

func (o *overlay) lookUp(name string) ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	value, ok := o.current.texts[name]
	return value, ok
}

// set changes the variables as the JSON object text says. The lock is not held while memory is taken: a log hook that is
// called then may call the library.
func (o *overlay) set(text []byte) error {
	changes, err := readVariables(text)
	if err != nil {
		return err
	}
	for {
		before, done := o.hold()
		after, err := before.with(changes)
		if err == nil && !o.replace(before, after) {
			after.store.Destroy() // someone else was faster
			done()
			continue
		}
		done()
		return err
	}
}

func (o *overlay) replace(before, after *variables) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.current != before {
		return false
	}
	o.current, o.old = after, append(o.old, before)
	return true
}

// with returns the variables after changes: quoted texts, or nil for a name that goes.
func (v *variables) with(changes map[string][]byte) (*variables, error) {
	after := &variables{texts: maps.Clone(v.texts)}
	if after.texts == nil {
		after.texts = map[string][]byte{}
	}
	maps.Copy(after.texts, changes)
	maps.DeleteFunc(after.texts, func(_ string, text []byte) bool { return text == nil })
	size, names := 0, 0
	for name, text := range after.texts {
		size += len(text)
		names += len(name)
	}
	if size+names > maxEnvironment {
		return nil, envelope.Errorf(envelope.Configuration, nil, "the environment variables set have more than %d bytes", maxEnvironment)
	}
	if size == 0 {
		return after, nil
	}
	var err error
	if after.store, err = seccache.Open(seccache.Prefer).NewSecret(size); err != nil {
		return nil, envelope.Errorf(envelope.LockedMemory, err, "%v", err)
	}
	room := after.store.Bytes()
	for name, text := range after.texts {
		size := copy(room, text)
		if _, changed := changes[name]; changed {
			unquoted, _ := jsontext.AppendUnquote(room[:0], text) // it was found to be well-formed
			size = len(unquoted)
		}
		if bytes.IndexByte(room[:size], 0) >= 0 {
			after.store.Destroy()
			return nil, envelope.Errorf(envelope.Configuration, nil, "the environment variable %.40q has U+0000 in it", name)
		}
		after.texts[name], room = room[:size:size], room[size:]
	}
	return after, nil
}

// readVariables returns the members of a JSON object: names and quoted texts, which are parts of text, nil for null.
func readVariables(text []byte) (map[string][]byte, error) {
	members := map[string][]byte{}
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	if d.PeekKind() != '{' {
		return nil, notVariables(d, nil)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, notVariables(d, err)
	}
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return nil, notVariables(d, err)
		}
		name := token.String()
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return nil, envelope.Errorf(envelope.Configuration, nil, "the name of an environment variable is empty, or has a = or U+0000 in it")
		}
		value, err := d.ReadValue()
		if err != nil {
			return nil, notVariables(d, err)
		}
		switch value.Kind() {
		case '"':
			members[name] = value
		case 'n':
			members[name] = nil
		default:
			return nil, envelope.Errorf(envelope.Configuration, nil, "the environment variable %.40q is to be a text or null", name)
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, notVariables(d, err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, notVariables(d, err)
	}
	return members, nil
}

// notVariables says where the text is wrong and not what is there, which may be secret.
func notVariables(d *jsontext.Decoder, err error) error {
	at := d.InputOffset()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at = syntax.ByteOffset
	}
	return envelope.Errorf(envelope.Configuration, nil, "the environment is not a JSON object of texts, or has a name twice: see byte %d", at)
}
