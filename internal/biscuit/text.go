package biscuit

import (
	"encoding/base64"
	"strings"
)

// MaxText is the longest token that is read, in characters.
const MaxText = 1 << 20

// decodeText returns the bytes of a token: URL-safe base64, with its padding, a part of it or none. White space, the
// standard alphabet and unused bits that are set are refused.
func decodeText(text string) ([]byte, error) {
	if len(text) > MaxText {
		return nil, errorf(Format, "the token is longer than %d characters", MaxText)
	}
	bare := strings.TrimRight(text, "=")
	switch padding := len(text) - len(bare); {
	case len(bare)%4 == 1, padding > (4-len(bare)%4)%4:
		return nil, notBase64()
	}
	if strings.ContainsAny(bare, "\r\n") { // the decoder would pass over them
		return nil, notBase64()
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(bare)
	if err != nil {
		return nil, notBase64()
	}
	return data, nil
}

func notBase64() error {
	return errorf(Format, "the token is not URL-safe base64; pass it as it was issued, without white space or a prefix")
}
