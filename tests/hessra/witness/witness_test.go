// Package witness asks the Rust implementation of Biscuit, as its WebAssembly build, about random tokens.
package witness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/biscuit"
	"github.com/libasherah/libasherah/internal/hessra"
)

// packages is where scripts/setup.sh installs the witness.
const packages = "../../../build/witness"

// patience is how long the witness may think about a token. Its clock is looked at between rounds only, so that some
// joins keep it busy for hours.
const patience = 30 * time.Second

// line is what witness.mjs prints: first a token, then what the witness says of it.
type line struct {
	Number  int
	Skipped string
	Token   string
	Key     string
	Asked   struct {
		Kind                                                   hessra.Kind
		Subject, Resource, Operation, Domain, Prefix, Identity *string
		Now                                                    int64
	}
	Nodes  json.RawMessage
	Result string
	Detail string
}

type tally struct{ agreed, allowed, refused, skipped, limits, ours, hangs int }

func TestWitness(t *testing.T) {
	count, seed := 200, int(rand.Uint32())
	if os.Getenv("ASHERAH_LONG") != "" {
		count = 2000
	}
	if text := os.Getenv("WITNESS_SEED"); text != "" {
		var err error
		if seed, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d: set WITNESS_SEED to repeat", seed)
	var found tally
	for next := 0; next < count; {
		next = found.run(t, seed, next, count)
	}
	t.Logf("%+v", found)
	if found.agreed < count*8/10 || found.allowed < count/20 || found.refused < count/4 {
		t.Errorf("too few tokens say anything")
	}
}

// run has the witness judge tokens from one number on and returns with which to go on.
func (c *tally) run(t *testing.T, seed, first, count int) (next int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	node := exec.CommandContext(ctx, "node", "--experimental-wasm-modules", "--no-warnings", "witness.mjs",
		packages, fmt.Sprint(seed), fmt.Sprint(first), fmt.Sprint(count-first))
	node.Stderr = os.Stderr
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, "node_modules")); err != nil {
		t.Fatalf("the witness is not installed: run make test, or scripts/setup.sh test")
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan line)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 8<<20)
		for scanner.Scan() {
			var l line
			if text := scanner.Text(); strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &l) == nil {
				lines <- l
			}
		}
	}()
	var asked line
	for {
		timer := time.NewTimer(patience)
		select {
		case l, more := <-lines:
			switch {
			case !more:
				if err := node.Wait(); err != nil {
					t.Fatalf("the witness ended: %v", err)
				}
				return count
			case l.Skipped != "":
				c.skipped++
			case l.Token != "":
				asked = l
			default:
				c.compare(t, &asked, &l)
			}
			timer.Stop()
		case <-timer.C:
			// It must not be us who hang.
			c.hangs++
			judge(t, &asked)
			cancel()
			for range lines {
			}
			_ = node.Wait()
			return asked.Number + 1
		}
	}
}

func (c *tally) compare(t *testing.T, asked, said *line) {
	err := judge(t, asked)
	var failure *hessra.Error
	errors.As(err, &failure)
	ours := "ok"
	if err != nil {
		ours = "VERIFICATION_FAILED"
		if hessra.CodeOf(err) != hessra.VerificationFailed {
			ours = err.Error()
		}
	}
	switch {
	case said.Result == "limit":
		c.limits++
	case ours == said.Result:
		c.agreed++
		if err == nil {
			c.allowed++
		} else {
			c.refused++
		}
	case failure != nil && failure.Reason == "limit":
		// Ours count every step, the witness looks at a clock.
		c.ours++
	default:
		t.Errorf("token %d: %s (%v), the witness says %s: %s\n%+v\n%s\n%s", said.Number, ours, err, said.Result, said.Detail,
			asked.Asked, asked.Token, asked.Key)
	}
}

func judge(t *testing.T, asked *line) error {
	t.Helper()
	key, err := biscuit.ParseKey(asked.Key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := hessra.ParseToken(asked.Token)
	if err != nil {
		return err
	}
	a := &asked.Asked
	request := &hessra.Request{
		Kind: a.Kind, Subject: a.Subject, Resource: a.Resource, Operation: a.Operation, Domain: a.Domain, Prefix: a.Prefix,
		Identity: a.Identity, Now: a.Now, NowGiven: true,
	}
	if a.Kind == hessra.VerifyServiceChain {
		if request.ServiceNodes, err = hessra.ParseServiceNodes(asked.Nodes); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	err = token.Verify(key, request)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("token %d took %v", asked.Number, took)
	}
	return err
}
