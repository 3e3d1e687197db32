package envelope

import (
	"encoding/binary"

	"github.com/segmentio/asm/base64"
)

// Standard base64 with padding, four characters for every three bytes begun.
func base64Len(n int) int { return (n + 2) / 3 * 4 }

// encodeBase64 writes the base64 form of src to dst, which has its exact length. src may be the last bytes of dst
// itself: both encoders go forwards, and what they write never passes what they have yet to read.
func encodeBase64(dst, src []byte) {
	if len(src) < shortText {
		n := encodePairs(dst, src)
		dst, src = dst[n/3*4:], src[n:]
	}
	base64.StdEncoding.Encode(dst, src)
}

// shortText is the number of bytes from which the vectorised encoder is faster: before its first step it makes a masked
// load that costs as much as encodePairs takes for that many.
const shortText = 192

// pairs has the two characters of each 12 bits, the first in the low byte.
var pairs = func() (t [4096]uint16) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = uint16(alphabet[i>>6]) | uint16(alphabet[i&63])<<8
	}
	return t
}()

// encodePairs encodes six bytes at a time as long as eight can be read, and returns the number of bytes it did. It is
// for sealed values, which are no secret: the table makes its timing depend on them.
func encodePairs(dst, src []byte) (n int) {
	for len(src)-n >= 8 {
		v := binary.BigEndian.Uint64(src[n:])
		out := uint64(pairs[v>>52]) | uint64(pairs[v>>40&0xfff])<<16 | uint64(pairs[v>>28&0xfff])<<32 | uint64(pairs[v>>16&0xfff])<<48
		binary.LittleEndian.PutUint64(dst[n/3*4:], out)
		n += 6
	}
	return n
}

// decodedLen returns the number of bytes that text encodes if it is well-formed base64, -1 if its length or padding
// shows that it is not.
func decodedLen(text []byte) int {
	n := len(text)
	switch {
	case n%4 != 0:
		return -1
	case n == 0:
		return 0
	case text[n-2] == '=':
		return n/4*3 - 2
	case text[n-1] == '=':
		return n/4*3 - 1
	}
	return n / 4 * 3
}

// decodeBase64 writes what text encodes to dst and returns the number of bytes. dst has at least decodedLen(text)
// bytes. Only the standard alphabet with its padding is taken; the decoder would pass over line ends, which shows in
// the number of bytes.
func decodeBase64(dst, text []byte) (int, bool) {
	want := decodedLen(text)
	if want < 0 || want > len(dst) {
		return 0, false
	}
	n, err := base64.StdEncoding.Decode(dst[:want], text)
	return n, err == nil && n == want
}
