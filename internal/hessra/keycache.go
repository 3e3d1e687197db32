package hessra

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// nodeKeys remembers keys of service nodes by their texts: a caller names the same few with every request, and reading
// one costs more than all else of a request whose token is known. It holds one key per place and waits for nobody.
var nodeKeys [256]atomic.Pointer[nodeKey]

type nodeKey struct {
	text string
	key  *biscuit.PublicKey
}

var nodeKeySeed = maphash.MakeSeed()

func parseNodeKey(text string) (*biscuit.PublicKey, error) {
	place := &nodeKeys[maphash.String(nodeKeySeed, text)%uint64(len(nodeKeys))]
	if known := place.Load(); known != nil && known.text == text {
		return known.key, nil
	}
	key, err := biscuit.ParseKey(text)
	if err != nil {
		return nil, err
	}
	place.Store(&nodeKey{text, key})
	return key, nil
}
