package dynamodb

import (
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb/dynalitetest"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
)

// One kind of process may bridge a restart with its attempts, the other gives up before and fails.
func TestChaos(t *testing.T) {
	e := dynalitetest.Start(t)
	dynalitetest.CreateTable(t, e.Client(), DefaultTable)
	const soon = time.Second
	opened := 0
	problems := metastoretest.Chaos(t, metastoretest.Outages{
		Open: func(t *testing.T) envelope.Metastore {
			opened++
			return mustOpen(t, Settings{
				AWS:    settings(t, awsconf.Options{Region: "us-west-2", Endpoint: e.URL()}),
				Budget: map[bool]time.Duration{true: soon}[opened%2 == 0],
			})
		},
		Kill: func(*testing.T) {
			e.Kill()
			time.Sleep(soon)
		},
		Start: func(t *testing.T) { e.Restart(t) },
	})
	if len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}
