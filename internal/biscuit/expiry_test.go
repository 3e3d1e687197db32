package biscuit

import (
	"testing"
	"time"
)

func TestExpiry(t *testing.T) {
	check := func(name string, operator uint8, limit Term) CheckRule {
		return CheckRule{Queries: []Rule{{
			Body:        []Predicate{{Name: name, Terms: []Term{Variable(0)}}},
			Expressions: []Operations{{Push(Variable(0)), Push(limit), Operation{kind: applyBinary, operator: operator}}},
		}}}
	}
	b := Block{Checks: []CheckRule{
		check("time", opGreater, Integer(5)), check("clock", opLess, Integer(6)), check("time", opLess, Integer(100)),
		check("time", opLessOrEqual, Date(98)), check("time", opLess, String("x")),
	}}
	if at, found := b.Expiry(); !found || !at.Equal(time.Unix(99, 0)) {
		t.Errorf("%v, %v", at, found)
	}
	b.Checks = b.Checks[:2]
	if at, found := b.Expiry(); found {
		t.Errorf("an expiry where there is none: %v", at)
	}
}
