package hessra

import (
	"io"
	"os"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// maxFile is the longest file that is read, in bytes.
const maxFile = 1 << 20

// ParseKey reads a key in PEM.
func ParseKey(text string) (*biscuit.PublicKey, error) {
	key, err := biscuit.ParsePEM(text)
	if err != nil {
		return nil, classify(InvalidKey, err)
	}
	return key, nil
}

// ReadKey reads a key in PEM from a file. The error is of code IO if the file cannot be read.
func ReadKey(path string) (*biscuit.PublicKey, error) {
	text, err := readFile(path, "the key file")
	if err != nil {
		return nil, err
	}
	return ParseKey(string(text))
}

// readFile reads a regular file: another one could keep the caller waiting. Of one that is too long it reads one byte
// more than maxFile.
func readFile(path, what string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, errorf(IO, "", "%s is not there, or is no regular file", what)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errorf(IO, "", "%s cannot be opened; see its owner and mode", what)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, errorf(IO, "", "%s cannot be read", what)
	}
	return text, nil
}
