// Package stores runs the conformance suites of metastores and KMSs on those of a host: functions in C and in C# that
// the library was given as tables. Each is a program of its own, linked with the library, which the tests ask over a
// pipe.
package stores

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os/exec"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/seccache"
)

// A request is its head and two texts:
//
//	number, operation, part, flag  uint32, little-endian, as all numbers
//	created                        int64
//	lengths of the two texts       uint32 each
//
// Its answer, which may come after those of later ones, is a head and a text:
//
//	number  uint32, of the request
//	status  int32
//	value   uint32: number of a new part, or whether a record was stored
//	length  uint32 of the text: the result, or the message of a failure
//
// Parts are the metastores and KMSs of the program, by numbers that it gives.
const (
	requestHead = 32
	answerHead  = 16
)

type operation uint32

const (
	newMetastore  operation = iota // first text: key suffix
	sameMetastore                  // another handle for the records of a part
	load
	loadLatest
	store
	keySuffix
	newKMS // first text: master key
	encryptKey
	decryptKey
	wrap // what the KMS would make of a key of any length
	stats
)

type request struct {
	operation     operation
	part          uint32
	flag          bool
	created       int64
	first, second []byte
}

type answer struct {
	status envelope.Code
	value  uint32
	text   []byte
}

// program is a running child.
type program struct {
	t       *testing.T
	command *exec.Cmd
	in      io.WriteCloser
	ended   chan struct{}

	mu      sync.Mutex
	last    uint32
	waiting map[uint32]chan answer
}

// start runs a program until the test ends. It must succeed in the end.
func start(t *testing.T, command *exec.Cmd) *program {
	t.Helper()
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, command: command, in: in, ended: make(chan struct{}), waiting: make(map[uint32]chan answer)}
	command.Stderr = t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go p.receive(bufio.NewReader(out))
	t.Cleanup(func() {
		_ = in.Close()
		<-p.ended
		if err := command.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
	})
	return p
}

func (p *program) receive(out io.Reader) {
	defer close(p.ended)
	for {
		var head [answerHead]byte
		if _, err := io.ReadFull(out, head[:]); err != nil {
			return
		}
		a := answer{
			status: envelope.Code(binary.LittleEndian.Uint32(head[4:])), value: binary.LittleEndian.Uint32(head[8:]),
			text: make([]byte, binary.LittleEndian.Uint32(head[12:])),
		}
		if _, err := io.ReadFull(out, a.text); err != nil {
			return
		}
		number := binary.LittleEndian.Uint32(head[:])
		p.mu.Lock()
		waiting := p.waiting[number]
		delete(p.waiting, number)
		p.mu.Unlock()
		if waiting != nil {
			waiting <- a
		}
	}
}

// errEnded is the error of a request to a program that has ended.
var errEnded = errors.New("the program has ended")

// ask makes a request and waits for its answer, as long as it takes: the library has no context either.
func (p *program) ask(ctx context.Context, r request) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	frame := make([]byte, requestHead, requestHead+len(r.first)+len(r.second))
	binary.LittleEndian.PutUint32(frame[4:], uint32(r.operation))
	binary.LittleEndian.PutUint32(frame[8:], r.part)
	if r.flag {
		frame[12] = 1
	}
	binary.LittleEndian.PutUint64(frame[16:], uint64(r.created))
	binary.LittleEndian.PutUint32(frame[24:], uint32(len(r.first)))
	binary.LittleEndian.PutUint32(frame[28:], uint32(len(r.second)))
	frame = append(append(frame, r.first...), r.second...)

	waiting := make(chan answer, 1)
	p.mu.Lock()
	p.last++
	p.waiting[p.last] = waiting
	binary.LittleEndian.PutUint32(frame, p.last)
	_, err := p.in.Write(frame)
	p.mu.Unlock()
	if err != nil {
		return answer{}, err
	}
	select {
	case a := <-waiting:
		if a.status != envelope.OK {
			return answer{}, envelope.Errorf(a.status, nil, "%s", a.text)
		}
		return a, nil
	case <-p.ended:
		return answer{}, errEnded
	}
}

func (p *program) must(r request) answer {
	p.t.Helper()
	a, err := p.ask(context.Background(), r)
	if err != nil {
		p.t.Fatalf("request %d: %v", r.operation, err)
	}
	return a
}

// metastore is a part of a program.
type metastore struct {
	program *program
	part    uint32
}

func (m metastore) load(ctx context.Context, op operation, id string, created int64) (*envelope.KeyRecord, error) {
	a, err := m.program.ask(ctx, request{operation: op, part: m.part, created: created, first: []byte(id)})
	if err != nil || len(a.text) == 0 {
		return nil, err
	}
	r, err := envelope.ParseKeyRecord(a.text)
	if err == nil {
		r.ID = id
	}
	return r, err
}

func (m metastore) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	return m.load(ctx, load, id, created)
}

func (m metastore) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	return m.load(ctx, loadLatest, id, 0)
}

func (m metastore) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	a, err := m.program.ask(ctx, request{
		operation: store, part: m.part, created: created, first: []byte(id), second: record.AppendJSON(nil),
	})
	return a.value == 1, err
}

func (m metastore) KeySuffix() string {
	return string(m.program.must(request{operation: keySuffix, part: m.part}).text)
}

// kms is a part of a program.
type kms struct {
	program *program
	part    uint32
}

func (k kms) EncryptKey(ctx context.Context, key *seccache.Secret, created int64, revoked bool) ([]byte, error) {
	a, err := k.program.ask(ctx, request{
		operation: encryptKey, part: k.part, flag: revoked, created: created, first: key.Bytes(),
	})
	return a.text, err
}

func (k kms) DecryptKey(ctx context.Context, blob []byte, created int64, revoked bool) (*seccache.Secret, error) {
	a, err := k.program.ask(ctx, request{
		operation: decryptKey, part: k.part, flag: revoked, created: created, first: blob,
	})
	if err != nil {
		return nil, err
	}
	key, err := seccache.Open(seccache.Prefer).NewSecret(len(a.text))
	if err == nil {
		copy(key.Bytes(), a.text)
	}
	return key, err
}
