package biscuit

import "time"

// ReadBlock reads a block with its own strings and keys.
func ReadBlock(data []byte) (Block, error) {
	h, err := readHead(data)
	if err != nil {
		return Block{}, err
	}
	t := new(tables)
	if err := t.declare(0, &h); err != nil {
		return Block{}, err
	}
	if err := h.check(0, false); err != nil {
		return Block{}, err
	}
	room := maxDecoded
	r := blockReader{tables: t, version: h.version, room: &room}
	return r.body(data)
}

// WithLimits evaluates within other limits than the default ones; 0 stands for those.
func (v *Verified) WithLimits(a *Authorizer, facts, rounds, steps int, limit time.Duration) (int, error) {
	l := defaultLimits
	if facts > 0 {
		l.facts = facts
	}
	if rounds > 0 {
		l.rounds = rounds
	}
	if steps > 0 {
		l.steps = steps
	}
	if limit > 0 {
		l.time = limit
	}
	return v.token.program.authorize(a, nil, l)
}
