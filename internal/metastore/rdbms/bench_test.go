package rdbms_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

// BenchmarkCold encrypts for a partition whose key is in the table and in no cache, BenchmarkCached for one whose key
// is cached. Both count round trips to the server.
func BenchmarkCold(b *testing.B)   { benchmarkServers(b, benchmarkCold) }
func BenchmarkCached(b *testing.B) { benchmarkServers(b, benchmarkCached) }

func benchmarkServers(b *testing.B, run func(b *testing.B, m *rdbms.Metastore, link *metastoretest.Link)) {
	b.Run("PostgreSQL", func(b *testing.B) {
		server := postgresServer.Get(b)
		link := metastoretest.NewLink(b, server.Address())
		dsn := strings.Replace(server.NewPostgresSchema(b, canonicalTable), server.Address(), link.Address(), 1)
		m, err := rdbms.OpenPostgres(rdbms.Options{ConnectionString: dsn, Pool: rdbms.Pool{MaxOpen: 1}})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = m.Close() }()
		run(b, m, link)
	})
	b.Run("MariaDB", func(b *testing.B) {
		server := mariaDBServer.Get(b)
		link := metastoretest.NewLink(b, server.Address())
		dsn := strings.Replace(server.NewMySQLDatabase(b, canonicalMySQLTable), server.Address(), link.Address(), 1)
		m, err := rdbms.OpenMySQL(rdbms.Options{ConnectionString: dsn, Pool: rdbms.Pool{MaxOpen: 1}})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = m.Close() }()
		run(b, m, link)
	})
}

func encryptFor(b *testing.B, f *envelope.Factory, partition string) {
	s, err := f.Session(partition)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.EncryptBytes(context.Background(), []byte("text")); err != nil {
		b.Fatal(err)
	}
}

func benchmarkCold(b *testing.B, m *rdbms.Metastore, link *metastoretest.Link) {
	const partitions = 100
	first := newFactory(b, m)
	for i := range partitions {
		encryptFor(b, first, fmt.Sprint(i))
	}
	var f *envelope.Factory
	roundTrips := 0
	for i := 0; b.Loop(); i++ {
		if i%partitions == 0 {
			f = newFactory(b, m)
			encryptFor(b, f, "0") // loads the system key as well
			i++
		}
		before := link.Turns()
		encryptFor(b, f, fmt.Sprint(i%partitions))
		roundTrips += link.Turns() - before
	}
	b.ReportMetric(float64(roundTrips)/float64(b.N), "round-trips/op")
}

func benchmarkCached(b *testing.B, m *rdbms.Metastore, link *metastoretest.Link) {
	f := newFactory(b, m)
	encryptFor(b, f, "p")
	before := link.Turns()
	for b.Loop() {
		encryptFor(b, f, "p")
	}
	b.ReportMetric(float64(link.Turns()-before)/float64(b.N)*1e6, "round-trips/Mop")
}
