package biscuit

import "time"

// Expiry returns the earliest second at which a check of the form `check if time($t), $t < N` (or <=) no longer holds,
// which is how tokens expire, N an integer of seconds since 1970 or a date. For people to read: other checks may depend
// on the time in other ways.
func (b *Block) Expiry() (at time.Time, found bool) {
	for i := range b.Checks {
		c := &b.Checks[i]
		if c.Kind != CheckOne || len(c.Queries) != 1 || len(c.Queries[0].Body) != 1 {
			continue
		}
		q := &c.Queries[0]
		clock := &q.Body[0]
		if clock.Name != "time" || len(clock.Terms) != 1 || clock.Terms[0].kind != KindVariable {
			continue
		}
		for _, o := range q.Expressions {
			seconds, matches := o.limitOf(&clock.Terms[0])
			if matches && (!found || seconds < at.Unix()) {
				at, found = time.Unix(seconds, 0).UTC(), true
			}
		}
	}
	return at, found
}

// limitOf matches $variable < N and $variable <= N.
func (o Operations) limitOf(variable *Term) (seconds int64, matches bool) {
	if len(o) != 3 || o[0].kind != pushValue || o[1].kind != pushValue || o[2].kind != applyBinary {
		return 0, false
	}
	value := &o[1].value
	if o[0].value.kind != KindVariable || o[0].value.number != variable.number ||
		value.kind != KindInteger && value.kind != KindDate {
		return 0, false
	}
	switch seconds = int64(value.number); o[2].operator {
	case opLess:
		return seconds, true
	case opLessOrEqual:
		return seconds + 1, true
	}
	return 0, false
}
