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

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// shortText is the number of bytes from which the vectorised encoder is faster: before its first step it makes a masked
// load that costs as much as encodePairs takes for that many.
const shortText = 192

// pairs has the two characters of each 12 bits, the first in the low byte.
var pairs = func() (t [4096]uint16) {
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
	case text[n-1] != '=':
		return n / 4 * 3
	case text[n-2] != '=':
		return n/4*3 - 1
	}
	return n/4*3 - 2
}

// decodeBase64 writes what text encodes to dst and returns the number of bytes. dst has at least decodedLen(text)
// bytes. Only the standard alphabet with its padding is taken; the decoder would pass over line ends, which shows in
// the number of bytes.
func decodeBase64(dst, text []byte) (int, bool) {
	want := decodedLen(text)
	if want < 0 || want > len(dst) {
		return 0, false
	}
	if len(text) <= shortText {
		return want, decodeQuads(dst[:want], text)
	}
	n, err := base64.StdEncoding.Decode(dst[:want], text)
	return n, err == nil && n == want
}

// values has the six bits of a character at each of its four places in a quad, and invalid for characters outside the
// alphabet.
var values = func() (t [4][256]uint32) {
	for place := range t {
		for c := range t[place] {
			t[place][c] = invalid
		}
		for i, c := range []byte(alphabet) {
			t[place][c] = uint32(i) << (18 - 6*place)
		}
	}
	return t
}()

const invalid = 1 << 31

// decodeQuads decodes text, whose length and padding fit dst. It is faster than the vectorised decoder where that has
// little to do.
func decodeQuads(dst, text []byte) bool {
	seen := uint32(0)
	for len(dst) >= 3 {
		q := text[:4:4]
		v := values[0][q[0]] | values[1][q[1]] | values[2][q[2]] | values[3][q[3]]
		seen |= v
		dst[0], dst[1], dst[2] = byte(v>>16), byte(v>>8), byte(v)
		dst, text = dst[3:], text[4:]
	}
	switch len(dst) {
	case 2:
		v := values[0][text[0]] | values[1][text[1]] | values[2][text[2]]
		seen |= v
		dst[0], dst[1] = byte(v>>16), byte(v>>8)
	case 1:
		v := values[0][text[0]] | values[1][text[1]]
		seen |= v
		dst[0] = byte(v >> 16)
	}
	return seen < invalid
}
