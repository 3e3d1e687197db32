package biscuit

// origin is a set of blocks: bit 0 is the authority, bit n block n, and the bit after the last block the authorizer. A
// fact has the blocks that it comes from, a query those that it trusts. All sets of a program have the same length.
type origin []uint64

func newOrigin(blocks int) origin { return make(origin, blocks/64+1) }

func (o origin) add(block int) { o[block/64] |= 1 << (block % 64) }

func (o origin) addAll(other origin) {
	for i := range o {
		o[i] |= other[i]
	}
}

// within reports whether every block of o is in other.
func (o origin) within(other origin) bool {
	for i := range o {
		if o[i]&^other[i] != 0 {
			return false
		}
	}
	return true
}

func (o origin) equal(other origin) bool {
	for i := range o {
		if o[i] != other[i] {
			return false
		}
	}
	return true
}

// trust finds the trusted sets of queries.
type trust struct {
	blocks   int // of the token; the number of the authorizer as well
	signedBy map[string]origin
}

func newTrust(blocks []signedBlock) *trust {
	t := &trust{blocks: len(blocks)}
	for i := range blocks {
		if blocks[i].external == nil {
			continue
		}
		if t.signedBy == nil {
			t.signedBy = make(map[string]origin)
		}
		key := blocks[i].external.key.raw
		if t.signedBy[key] == nil {
			t.signedBy[key] = newOrigin(t.blocks)
		}
		t.signedBy[key].add(i)
	}
	return t
}

// of returns the blocks that a query in a block trusts: those that its scopes name, else those of the scopes of its
// block, which otherwise has, else the authority; and the authorizer and the block itself in any case.
func (t *trust) of(block int, scopes []Scope, otherwise origin) origin {
	if len(scopes) == 0 && otherwise != nil {
		return otherwise
	}
	o := newOrigin(t.blocks)
	o.add(t.blocks)
	o.add(block)
	if len(scopes) == 0 {
		o.add(0)
	}
	for i := range scopes {
		switch scopes[i].kind {
		case scopeAuthority:
			o.add(0)
		case scopePrevious:
			for b := 0; b <= block && block < t.blocks; b++ {
				o.add(b)
			}
		case scopeKey:
			if signed := t.signedBy[scopes[i].key.raw]; signed != nil {
				o.addAll(signed)
			}
		}
	}
	return o
}
