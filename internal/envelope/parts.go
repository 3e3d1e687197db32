package envelope

import (
	"bytes"
	"context"
	"strconv"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/seccache"
)

// RecordParts are the members of a data row record, for callers that store them one by one.
type RecordParts struct {
	Key           []byte // the data row key, sealed: 60 bytes
	Data          []byte // the plaintext, sealed: 28 bytes more than it
	Created       int64  // seconds
	ParentID      string
	ParentCreated int64 // seconds
}

// EncryptParts returns the record of plaintext, taken apart. No copy of plaintext is made.
func (s *Session) EncryptParts(ctx context.Context, plaintext []byte) (*RecordParts, error) {
	record, err := s.EncryptBytes(ctx, plaintext)
	if err != nil {
		return nil, err
	}
	return takeApart(record)
}

// takeApart takes a record apart that Encrypt wrote.
func takeApart(record []byte) (*RecordParts, error) {
	r, err := readRecord(record)
	if err != nil {
		return nil, err
	}
	digits, _, _ := bytes.Cut(record[len(drrHead):], []byte{','})
	created, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return nil, Errorf(Internal, err, "the record has no time of creation")
	}
	p := &RecordParts{Created: created, ParentID: string(r.parentID), ParentCreated: r.parentCreated}
	p.Key = make([]byte, sealedKeySize)
	if _, ok := decodeBase64(p.Key, r.key); !ok {
		return nil, mistyped("Key.Key", "base64")
	}
	p.Data = make([]byte, decodedLen(r.data))
	if _, ok := decodeBase64(p.Data, r.data); !ok {
		return nil, mistyped("Data", "base64")
	}
	return p, nil
}

// DecryptParts decrypts the record that has these parts as Decrypt does, and needs no work buffer. dst has room for the
// plaintext.
func (s *Session) DecryptParts(ctx context.Context, dst []byte, p *RecordParts) (int, error) {
	record, err := p.record()
	if err != nil {
		return 0, err
	}
	var work []byte
	if len(dst) < len(p.Data) {
		work = make([]byte, len(p.Data))
	}
	return s.Decrypt(ctx, dst, work, record)
}

// record puts the parts together.
func (p *RecordParts) record() ([]byte, error) {
	switch {
	case len(p.Key) != sealedKeySize:
		return nil, Errorf(MalformedRecord, nil,
			"the record's key has %d bytes where a sealed key of 32 bytes has %d", len(p.Key), sealedKeySize)
	case len(p.Data) < seccache.Overhead:
		return nil, Errorf(MalformedRecord, nil,
			"the record's data has %d bytes, at least %d are needed", len(p.Data), seccache.Overhead)
	case len(p.ParentID) > maxKeyID || !utf8.ValidString(p.ParentID):
		return nil, Errorf(MalformedRecord, nil,
			"the id of the record's key is longer than %d bytes, or not UTF-8", maxKeyID)
	}
	head := recordHead(quoteJSON(p.ParentID), p.ParentCreated)
	data := base64Len(len(p.Data))
	record := make([]byte, 0, len(drrHead)+maxDigits+len(drrKey)+sealedKeyText+len(head)+data+len(drrTail))
	record = append(record, drrHead...)
	record = strconv.AppendInt(record, p.Created, 10)
	record = append(record, drrKey...)
	record = appendBase64(record, p.Key)
	record = append(record, head...)
	record = appendBase64(record, p.Data)
	return append(record, drrTail...), nil
}

// appendBase64 appends the base64 form of src to dst, which has room for it.
func appendBase64(dst, src []byte) []byte {
	n := len(dst)
	dst = dst[:n+base64Len(len(src))]
	encodeBase64(dst[n:], src)
	return dst
}
