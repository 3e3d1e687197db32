// Package callback is the metastore whose functions the host supplies.
package callback

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hostcall"
)

var _ envelope.Metastore = (*Metastore)(nil)

// Statuses of a function that did not fail.
const (
	absent    = 1 // of Load and LoadLatest: there is no such record
	duplicate = 1 // of Store: there is one with this id and created
)

// Functions are those of the host. Each calls the host on the thread where it finds itself, and may be called by many
// goroutines at a time.
type Functions interface {
	hostcall.Host
	Load(n hostcall.Nesting, id string, created int64) hostcall.Reply
	LoadLatest(n hostcall.Nesting, id string) hostcall.Reply
	Store(n hostcall.Nesting, id string, created int64, record []byte) hostcall.Reply
	// KeySuffix answers with an empty result where the host has no such function.
	KeySuffix(n hostcall.Nesting) hostcall.Reply
}

// Metastore asks functions of the host. Key records go to it and come from it as JSON text.
type Metastore struct {
	table     *hostcall.Table
	functions Functions
	suffix    string
	limit     time.Duration
}

// New makes a metastore and asks the host for its key suffix. If that fails, the host's table is not released.
func New(functions Functions) (*Metastore, error) {
	m := &Metastore{table: hostcall.NewTable(functions), functions: functions}
	err := m.ask(context.Background(), "key_suffix", 0, m.functions.KeySuffix, func(_ int32, suffix []byte) error {
		if !utf8.Valid(suffix) {
			return envelope.Errorf(envelope.HostCallback, nil, "the host's key_suffix answered with text that is not UTF-8")
		}
		m.suffix = string(suffix)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// WithTimeout returns the same metastore, each call of which may take so long; 0 is no limit.
func (m *Metastore) WithTimeout(limit time.Duration) *Metastore {
	limited := *m
	limited.limit = limit
	return &limited
}

// Release ends the metastore and all that WithTimeout made of it. When the last call under way has returned, the host
// is told. It does not wait for that.
func (m *Metastore) Release() { m.table.Close() }

// run calls a function of the host with its arguments.
type run = func(hostcall.Nesting) hostcall.Reply

// ask calls a function of the host and has what it answered read before it is gone.
func (m *Metastore) ask(ctx context.Context, name string, good int32, call run,
	read func(status int32, result []byte) error,
) error {
	reply, err := m.table.Do(ctx, hostcall.Call{Name: name, Limit: m.limit, Run: call})
	if err != nil {
		return err
	}
	defer reply.Discard()
	if err := reply.Failure(name, good); err != nil {
		return err
	}
	return read(reply.Status, reply.Result)
}

func (m *Metastore) load(ctx context.Context, name, id string, call run) (r *envelope.KeyRecord, err error) {
	err = m.ask(ctx, name, absent, call, func(status int32, result []byte) (err error) {
		switch {
		case status == absent:
			return nil
		case len(result) == 0:
			return envelope.Errorf(envelope.HostCallback, nil,
				"the host's %s answered 0 and gave no record; there being none is ASHERAH_ABSENT", name)
		}
		if r, err = envelope.ParseKeyRecord(result); err == nil {
			r.ID = id
		}
		return err
	})
	return r, err
}

// Load returns the record with exactly this id and created.
func (m *Metastore) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	const name = "load"
	r, err := m.load(ctx, name, id, func(n hostcall.Nesting) hostcall.Reply { return m.functions.Load(n, id, created) })
	if r != nil && r.Created != created {
		return nil, envelope.Errorf(envelope.HostCallback, nil,
			"the host's %s answered with a key record created %d where one created %d was asked for", name, r.Created, created)
	}
	return r, err
}

// LoadLatest returns the record of this id with the largest created.
func (m *Metastore) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	return m.load(ctx, "load_latest", id, func(n hostcall.Nesting) hostcall.Reply { return m.functions.LoadLatest(n, id) })
}

// Store adds a record, with this time of creation in its text too.
func (m *Metastore) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord,
) (stored bool, err error) {
	const name = "store"
	dated := *record
	dated.Created = created
	text := dated.AppendJSON(nil)
	err = m.ask(ctx, name, duplicate, func(n hostcall.Nesting) hostcall.Reply {
		return m.functions.Store(n, id, created, text)
	}, func(status int32, _ []byte) error {
		stored = status == 0
		return nil
	})
	return stored, err
}

// KeySuffix returns what the host answered when the metastore was made.
func (m *Metastore) KeySuffix() string { return m.suffix }
