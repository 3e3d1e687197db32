package biscuit

// signedBlock is a block as it was signed, with the key that judges the block after it.
type signedBlock struct {
	data      []byte
	nextKey   *PublicKey
	signature []byte
	external  *externalSignature // of a third-party block
	version   uint32             // of the payload that is signed
}

// externalSignature is what the third party signed its block with.
type externalSignature struct {
	signature []byte
	key       *PublicKey
}

// proof ends the chain: the private half of the last next key, or a signature by it where the token is sealed.
type proof struct {
	sealed bool
	data   []byte
}

// maxBlocks bounds the signatures that a token can ask for. A token of 64 KiB cannot have so many.
const maxBlocks = 1000

// readContainer reads the outer message of a token.
func readContainer(data []byte, left *room) (blocks []signedBlock, end proof, err error) {
	m := message{data: data}
	blocks = make([]signedBlock, 1, 1+min(maxBlocks, m.counts()[3]))
	var authority, last merged
	for m.more() {
		f, err := m.next()
		if err != nil {
			return nil, end, err
		}
		switch f.number {
		case 1: // which root key; one is given
			err = f.want(wireVarint)
		case 2:
			err = authority.add(&f, left)
		case 3:
			if len(blocks) == maxBlocks {
				return nil, end, errorf(Format, "the token has more than %d blocks", maxBlocks)
			}
			var inner message
			if inner, err = f.message(); err == nil {
				var b signedBlock
				b, err = readSignedBlock(inner, left)
				blocks = append(blocks, b)
			}
		case 4:
			err = last.add(&f, left)
		}
		if err != nil {
			return nil, end, err
		}
	}
	if blocks[0], err = readSignedBlock(authority.message, left); err != nil {
		return nil, end, err
	}
	if end, err = readProof(last.message); err != nil {
		return nil, end, err
	}
	return blocks, end, checkVersions(blocks)
}

func readSignedBlock(m message, left *room) (b signedBlock, err error) {
	var nextKey, external merged
	for m.more() {
		f, err := m.next()
		if err != nil {
			return b, err
		}
		switch f.number {
		case 1:
			b.data, err = f.bytes()
		case 2:
			err = nextKey.add(&f, left)
		case 3:
			b.signature, err = f.bytes()
		case 4:
			err = external.add(&f, left)
		case 5:
			b.version, err = f.number32()
		}
		if err != nil {
			return b, err
		}
	}
	if b.nextKey, err = readKey(nextKey.message, true); err == nil && external.present {
		b.external, err = readExternal(external.message, left)
	}
	return b, err
}

func readExternal(m message, left *room) (*externalSignature, error) {
	e := new(externalSignature)
	var key merged
	for m.more() {
		f, err := m.next()
		if err != nil {
			return nil, err
		}
		switch f.number {
		case 1:
			e.signature, err = f.bytes()
		case 2:
			err = key.add(&f, left)
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	e.key, err = readKey(key.message, true)
	return e, err
}

func readProof(m message) (p proof, err error) {
	found := false
	for m.more() {
		f, err := m.next()
		if err != nil {
			return p, err
		}
		if f.number == 1 || f.number == 2 {
			found, p.sealed = true, f.number == 2
			if p.data, err = f.bytes(); err != nil {
				return p, err
			}
		}
	}
	if !found {
		return p, errorf(Format, "the token has no proof")
	}
	return p, nil
}

// checkVersions refuses payload versions that do not exist, or that leave an external signature unbound to the token.
func checkVersions(blocks []signedBlock) error {
	for i := range blocks {
		b := &blocks[i]
		switch {
		case b.version > 1:
			return errorf(Version, "block %d of the token has signature payload version %d; 0 and 1 exist", i, b.version)
		case b.external != nil && i == 0:
			return errorf(Format, "the authority block of the token has an external signature")
		case b.external != nil && b.version != 1:
			return errorf(Version, "block %d of the token has an external signature of the older form", i)
		}
	}
	return nil
}
