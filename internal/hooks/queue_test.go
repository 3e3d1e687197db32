package hooks

import "testing"

func TestQueueKeepsOrderWhileItGrows(t *testing.T) {
	q := queue[int]{capacity: 100}
	next, expect := 0, 0
	for round := range 1000 {
		for range round % 7 {
			if q.push(next) {
				next++
			} else if q.len() != 100 {
				t.Fatalf("refused with %d of 100", q.len())
			}
		}
		for range round % 6 {
			if q.len() == 0 {
				break
			}
			if v := q.pop(); v != expect {
				t.Fatalf("popped %d, want %d", v, expect)
			}
			expect++
		}
	}
	if cap(q.items) > 400 {
		t.Fatalf("%d slots for a queue of 100", cap(q.items))
	}
	if rest := q.take(); len(rest) != next-expect || rest[0] != expect || q.len() != 0 {
		t.Fatalf("rest %v, want %d from %d", rest, next-expect, expect)
	}
}
