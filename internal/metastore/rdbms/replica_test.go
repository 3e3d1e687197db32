package rdbms_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// aurora stands before a MariaDB server and gives it the variable of Aurora MySQL, as one that users can set anywhere.
// It keeps the first statement of every connection.
type aurora struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	first    []string
}

const variable = "aurora_replica_read_consistency"

func newAurora(t *testing.T, target string) *aurora {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &aurora{listener: l, target: target}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() { a.serve(client) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); done.Wait() })
	return a
}

func (a *aurora) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", a.target)
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	defer func() { _ = server.Close() }()
	const query = 3 // the command with a statement's text
	for seen := false; ; {
		header := make([]byte, 4) // three bytes of length, the packet's number
		if _, err := io.ReadFull(client, header); err != nil {
			return
		}
		payload := make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
		if _, err := io.ReadFull(client, payload); err != nil {
			return
		}
		if header[3] == 0 && len(payload) > 0 && payload[0] == query {
			if !seen {
				a.mu.Lock()
				a.first = append(a.first, string(payload[1:]))
				a.mu.Unlock()
			}
			seen = true
			payload = bytes.ReplaceAll(payload, []byte(variable), []byte("@"+variable))
			number := header[3]
			binary.LittleEndian.PutUint32(header, uint32(len(payload)))
			header[3] = number
		}
		if _, err := server.Write(append(header, payload...)); err != nil {
			return
		}
	}
}

// TestReplicaReadConsistency: it is set on every connection of the pool, before anything else is done with it.
func TestReplicaReadConsistency(t *testing.T) {
	server := mariaDBServer.Get(t)
	dsn := mysqlTable(t, server, canonicalMySQLTable)
	for _, consistency := range []string{"", "eventual", "global", "session"} {
		a := newAurora(t, server.Address())
		m := openMySQL(t, rdbms.Options{
			ConnectionString:       strings.Replace(dsn, server.Address(), a.listener.Addr().String(), 1),
			ReplicaReadConsistency: consistency,
		})
		if err := holdConnections(t, m); err != nil {
			t.Fatal(err)
		}
		_ = m.Close()
		a.mu.Lock()
		if len(a.first) < 2 {
			t.Errorf("%q: %d connections; want several", consistency, len(a.first))
		}
		for _, statement := range a.first {
			set := strings.Contains(statement, variable+" = '"+consistency+"'")
			strict := strings.HasPrefix(statement, "SET ") && strings.Contains(statement, "STRICT_ALL_TABLES")
			if !strict || set != (consistency != "") {
				t.Errorf("%q: a connection begins with %s", consistency, statement)
			}
		}
		a.mu.Unlock()
	}
}
