package envelope

import (
	"github.com/segmentio/asm/base64"
)

// Standard base64 with padding, four characters for every three bytes begun.
func base64Len(n int) int { return (n + 2) / 3 * 4 }

// encodeBase64 writes the base64 form of src to dst, which has its exact length. src may be the last bytes of dst
// itself: the encoder goes forwards, and what it writes never passes what it has yet to read.
func encodeBase64(dst, src []byte) { base64.StdEncoding.Encode(dst, src) }

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
