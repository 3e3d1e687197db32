package biscuit

import "encoding/binary"

// What is signed. Numbers are little-endian and of 32 bits; tags, in payloads of version 1, are names between two zero
// bytes.
//
//	block, version 0     data, external signature if there is one, algorithm of the next key, next key
//	block, version 1     BLOCK VERSION 1 PAYLOAD data ALGORITHM algorithm NEXTKEY next key
//	  after the first    PREVSIG signature of the block before
//	  third party's      EXTERNALSIG external signature
//	external signature   EXTERNAL VERSION 1 PAYLOAD data PREVSIG signature of the block before
//	seal                 data of the last block, algorithm of its next key, that key, its signature

// appendPayload appends what the signature of b covers; previous is the signature of the block before, nil for the
// authority.
func appendPayload(dst []byte, b *signedBlock, previous []byte) []byte {
	if b.version == 0 {
		dst = append(dst, b.data...)
		if b.external != nil {
			dst = append(dst, b.external.signature...)
		}
		dst = binary.LittleEndian.AppendUint32(dst, uint32(b.nextKey.algorithm))
		return append(dst, b.nextKey.raw...)
	}
	dst = appendHead(dst, "\x00BLOCK\x00", b.version, b.data)
	dst = append(dst, "\x00ALGORITHM\x00"...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(b.nextKey.algorithm))
	dst = append(dst, "\x00NEXTKEY\x00"...)
	dst = append(dst, b.nextKey.raw...)
	if previous != nil {
		dst = append(append(dst, "\x00PREVSIG\x00"...), previous...)
	}
	if b.external != nil {
		dst = append(append(dst, "\x00EXTERNALSIG\x00"...), b.external.signature...)
	}
	return dst
}

// appendExternalPayload appends what the external signature of b covers: with the signature of the block before, it
// binds the block to one token.
func appendExternalPayload(dst []byte, b *signedBlock, previous []byte) []byte {
	dst = appendHead(dst, "\x00EXTERNAL\x00", 1, b.data)
	return append(append(dst, "\x00PREVSIG\x00"...), previous...)
}

func appendHead(dst []byte, tag string, version uint32, data []byte) []byte {
	dst = append(append(dst, tag...), "\x00VERSION\x00"...)
	dst = binary.LittleEndian.AppendUint32(dst, version)
	return append(append(dst, "\x00PAYLOAD\x00"...), data...)
}

// appendSealPayload appends what the final signature of a sealed token covers.
func appendSealPayload(dst []byte, last *signedBlock) []byte {
	dst = append(dst, last.data...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(last.nextKey.algorithm))
	return append(append(dst, last.nextKey.raw...), last.signature...)
}
