package main

import (
	"bytes"
	"os"
	"testing"
)

func TestFileOfTokensIsCurrent(t *testing.T) {
	const path = "../../../postgres/hessra_authz/data/tokens.psql"
	var now bytes.Buffer
	write(&now)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, now.Bytes()) {
		t.Error("go run ./tests/postgres/tokens writes something else: write the file anew")
	}
}
