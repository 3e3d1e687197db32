package biscuit

// The format versions of blocks: Datalog 3.0 to 3.3.
const (
	version30 = 3
	version31 = 4
	version32 = 5
	version33 = 6
)

// maxKeys bounds the keys that a token can have in tables; each costs as much as a tenth of a signature. A token of
// 64 KiB cannot have so many.
const maxKeys = 2000

// blockHead is what must be known of every block before the body of one is read.
type blockHead struct {
	version uint32
	context string
	symbols []string
	keys    []*PublicKey
}

// readHead reads the strings, the keys and the version of a block, and passes over the rest.
func readHead(data []byte, left *room) (h blockHead, err error) {
	m := message{data: data}
	counts := m.counts()
	if n := counts[8]; n > maxKeys {
		return h, tooManyKeys()
	} else if n > 0 {
		h.keys = make([]*PublicKey, 0, n)
	}
	if n := counts[1]; n > 0 {
		const size = 100 // of a string here and in the table
		if err := left.take(n, size); err != nil {
			return h, err
		}
		h.symbols = make([]string, 0, n)
	}
	for m.more() {
		f, err := m.next()
		if err != nil {
			return h, err
		}
		switch f.number {
		case 1:
			var s string
			s, err = f.text()
			h.symbols = append(h.symbols, s)
		case 2:
			h.context, err = f.text()
		case 3:
			h.version, err = f.number32()
		case 8:
			var inner message
			if inner, err = f.message(); err != nil {
				return h, err
			}
			var k *PublicKey
			k, err = readKey(inner, false)
			h.keys = append(h.keys, k)
		}
		if err != nil {
			return h, err
		}
	}
	return h, nil
}

func tooManyKeys() error { return errorf(Format, "the token declares more than %d keys", maxKeys) }

// check refuses a version that is not read here.
func (h *blockHead) check(block int, external bool) error {
	if h.version < version30 || h.version > version33 {
		return errorf(Version, "block %d of the token has version %d; versions %d to %d are read here",
			block, h.version, version30, version33)
	}
	if external && h.version < version32 {
		return needs(block, "is signed by a third party, which", version32)
	}
	return nil
}

func needs(block int, what string, version uint32) error {
	return errorf(Version, "block %d of the token %s needs version %d", block, what, version)
}
