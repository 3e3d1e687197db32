package hooks

// queue is a bounded first-in, first-out queue, whose memory grows with its use. The caller locks.
type queue[T any] struct {
	capacity int
	items    []T
	head     int // items[:head] are taken
}

func (q *queue[T]) len() int { return len(q.items) - q.head }

// push is false if the queue is full.
func (q *queue[T]) push(value T) bool {
	if q.len() >= q.capacity {
		return false
	}
	if len(q.items) == cap(q.items) && q.head > len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, value)
	return true
}

// pop returns the oldest value of a queue that is not empty.
func (q *queue[T]) pop() T {
	var zero T
	value := q.items[q.head]
	q.items[q.head] = zero
	q.head++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return value
}

// take empties the queue.
func (q *queue[T]) take() []T {
	rest := q.items[q.head:]
	q.items, q.head = nil, 0
	return rest
}
