package memory_test

import (
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/memory"
	"github.com/libasherah/libasherah/internal/metastore/metastoretest"
)

func TestConformance(t *testing.T) {
	metastoretest.Run(t, metastoretest.Harness{
		Open: func(*testing.T) envelope.Metastore { return memory.New() },
	})
}

func TestKeySuffix(t *testing.T) {
	if got := memory.New().KeySuffix(); got != "" {
		t.Errorf("KeySuffix of New = %q", got)
	}
	if got := memory.NewWithSuffix("us-west-2").KeySuffix(); got != "us-west-2" {
		t.Errorf("KeySuffix of NewWithSuffix = %q", got)
	}
}
