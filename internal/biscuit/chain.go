package biscuit

// verifyChain judges every signature: the root key the authority's, each block's next key that of the block after it,
// a third party's key its external signature, and the last next key the proof.
func verifyChain(root *PublicKey, blocks []signedBlock, end proof) error {
	judge := root
	var previous, payload []byte
	for i := range blocks {
		b := &blocks[i]
		payload = appendPayload(payload[:0], b, previous)
		if !judge.verify(payload, b.signature) {
			if i == 0 {
				return errorf(Signature, "the token is not signed by this key")
			}
			return errorf(Signature, "the signature of block %d of the token does not hold", i)
		}
		if b.external != nil {
			payload = appendExternalPayload(payload[:0], b, previous)
			if !b.external.key.verify(payload, b.external.signature) {
				return errorf(Signature, "the external signature of block %d of the token does not hold", i)
			}
		}
		judge, previous = b.nextKey, b.signature
	}
	return verifyProof(judge, &blocks[len(blocks)-1], end, payload[:0])
}

func verifyProof(judge *PublicKey, last *signedBlock, end proof, payload []byte) error {
	if end.sealed {
		if !judge.verify(appendSealPayload(payload, last), end.data) {
			return errorf(Signature, "the seal of the token does not hold")
		}
		return nil
	}
	holds, err := judge.holds(end.data)
	if err == nil && !holds {
		err = errorf(Signature, "the proof of the token does not belong to its last block")
	}
	return err
}
