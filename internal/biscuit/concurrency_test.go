package biscuit_test

import (
	"sync"
	"testing"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// One token and one authorizer serve 16 goroutines, each with facts of its own.
func TestConcurrentUse(t *testing.T) {
	b := newBlock(3)
	for i := range 20 {
		b.fact("may", integer(int64(i)))
	}
	b.rule(b.predicate("does", variable(0)), body(b.predicate("may", variable(0))), body(b.predicate("wants",
		variable(0))))
	b.check(body(b.predicate("does", variable(0))))
	f := forge(t, 0).add(b.data(), 0, 0, nil)
	token, err := biscuit.Parse(f.open())
	if err != nil {
		t.Fatal(err)
	}
	a, key := nobody(t), f.root.key(t)
	var group sync.WaitGroup
	for n := range 16 {
		group.Go(func() {
			v, err := token.Verify(key)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 50 {
				wants := int64((n + i) % 40)
				fact := biscuit.Predicate{Name: "wants", Terms: []biscuit.Term{biscuit.Integer(wants)}}
				if _, err := v.Authorize(a, fact); (err == nil) != (wants < 20) {
					t.Errorf("wants %d: %v", wants, err)
				}
			}
		})
	}
	group.Wait()
}
