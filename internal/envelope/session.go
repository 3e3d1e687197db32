package envelope

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/libasherah/libasherah/internal/hooks"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Session encrypts and decrypts the records of one partition. It is safe for concurrent use, and stays usable when its
// factory is closed.
type Session struct {
	shared *partitionSession
	closed atomic.Bool
}

// partitionSession is what all open sessions of a partition share where sessions are cached.
type partitionSession struct {
	f         *Factory
	partition *partition
	// The keys last used. They are hints: a key may have been retired, which Acquire tells.
	encrypting atomic.Pointer[key]
	decrypting atomic.Pointer[key]
}

func newPartitionSession(f *Factory, id string) *partitionSession {
	return &partitionSession{f: f, partition: newPartition(id, f.service, f.product, f.suffix)}
}

// Close closes the session. It does not block and may be called again; calls in flight finish.
func (s *Session) Close() {
	if s.closed.CompareAndSwap(false, true) {
		s.shared.f.leave()
	}
}

// Clone opens another session for the same partition.
func (s *Session) Clone() (*Session, error) {
	if s.closed.Load() || !s.shared.f.enter() {
		return nil, errClosed("session")
	}
	return &Session{shared: s.shared}, nil
}

// Timeout returns how long a call may spend on metastore and KMS; 0 is no limit.
func (s *Session) Timeout() time.Duration { return s.shared.f.timeout }

// EncryptedSize returns an upper bound for the size of the record of n bytes of plaintext.
func (s *Session) EncryptedSize(n int) int { return recordSize(s.shared.partition.idJSON, n) }

// Encrypt writes the record of plaintext to dst and returns its size. dst has room for the record, for which
// EncryptedSize(len(plaintext)) bytes are always enough, and does not overlap plaintext; where it is too small, the size
// needed comes with the error. Neither is kept, and no copy of plaintext is made.
func (s *Session) Encrypt(ctx context.Context, dst, plaintext []byte) (int, error) {
	if s.closed.Load() {
		return 0, errClosed("session")
	}
	if !hooks.MetricsEnabled() {
		return s.shared.encrypt(ctx, dst, plaintext)
	}
	start := time.Now()
	n, err := s.shared.encrypt(ctx, dst, plaintext)
	if CodeOf(err) != WouldBlock { // the caller comes again
		measured(hooks.Encrypt, start)
	}
	return n, err
}

// Decrypt writes the plaintext of a record to dst and returns its size. dst has room for the plaintext. Where it has
// not 28 bytes more than that, work has them and is overwritten with ciphertext. After an error dst holds no plaintext.
func (s *Session) Decrypt(ctx context.Context, dst, work, record []byte) (int, error) {
	if s.closed.Load() {
		return 0, errClosed("session")
	}
	if !hooks.MetricsEnabled() {
		return s.shared.decrypt(ctx, dst, work, record)
	}
	start := time.Now()
	n, err := s.shared.decrypt(ctx, dst, work, record)
	if CodeOf(err) != WouldBlock { // the caller comes again
		measured(hooks.Decrypt, start)
	}
	return n, err
}

// EncryptBytes returns the record of plaintext.
func (s *Session) EncryptBytes(ctx context.Context, plaintext []byte) ([]byte, error) {
	record := make([]byte, s.EncryptedSize(len(plaintext)))
	n, err := s.Encrypt(ctx, record, plaintext)
	if err != nil {
		return nil, err
	}
	return record[:n], nil
}

// DecryptBytes returns the plaintext of a record, on the Go heap: the caller wipes it.
func (s *Session) DecryptBytes(ctx context.Context, record []byte) ([]byte, error) {
	plaintext := make([]byte, max(0, DecryptedSize(record))+seccache.Overhead)
	n, err := s.Decrypt(ctx, plaintext, nil, record)
	if err != nil {
		return nil, err
	}
	return plaintext[:n], nil
}

func (s *partitionSession) encrypt(ctx context.Context, dst, plaintext []byte) (int, error) {
	if s.f.poisoned.Load() {
		return 0, errPoisoned()
	}
	now := s.f.now()
	c := scratches.Get().(*scratch)
	defer c.release()
	k, err := s.encryptionKey(ctx, c, now)
	if err != nil {
		return 0, err
	}
	defer k.cipher.Release(c.stripe)
	if need := recordSizeWith(k.head, now.seconds(), len(plaintext)); len(dst) < need {
		return need, Errorf(BufferTooSmall, nil, "the buffer has %d bytes, %d are needed", len(dst), need)
	}

	drk, keyNonce, dataNonce := c.drawKey()
	if err := c.cipher.Init(drk); err != nil {
		return 0, Errorf(Internal, err, "the data row key cannot be used: %v", err)
	}
	sealedKey, seals := k.cipher.Seal(c.stripe, c.sealed[:0], keyNonce, drk)
	sealedKey = append(sealedKey, keyNonce...)

	out := append(dst[:0], drrHead...)
	out = strconv.AppendInt(out, now.seconds(), 10)
	out = append(out, drrKey...)
	encodeBase64(dst[len(out):len(out)+sealedKeyText], sealedKey)
	out = append(dst[:len(out)+sealedKeyText], k.head...)

	// The data is sealed into the end of its field, where base64 is written over it from the front.
	field := dst[len(out) : len(out)+base64Len(len(plaintext)+seccache.Overhead)]
	sealed := field[len(field)-len(plaintext)-seccache.Overhead:]
	body := c.cipher.Seal(sealed[:0], dataNonce, plaintext)
	copy(sealed[len(body):], dataNonce)
	encodeBase64(field, sealed)
	out = append(dst[:len(out)+len(field)], drrTail...)

	if seals%s.f.sealLimits.check == 0 {
		s.f.noteUses(k)
	}
	return len(out), nil
}

// encryptionKey returns the partition's intermediate key, in use by the scratch's stripe.
func (s *partitionSession) encryptionKey(ctx context.Context, c *scratch, now instant) (*key, error) {
	f := s.f
	if k := s.encrypting.Load(); k != nil && f.host == nil && f.policy.mayEncrypt(k, now) &&
		f.intermediates.usable(ctx, k, k.freshnessWithParent(now, f.policy.RevokeCheckInterval), true) && k.cipher.Acquire(c.stripe) {
		s.sampleUse(c, k, now)
		return k, nil
	}
	k, err := f.call(ctx, now, func(ctx context.Context, v *view) (*key, error) {
		return f.intermediates.forEncryption(ctx, s.partition.intermediateKeyID, c.stripe, v)
	})
	if err == nil {
		s.encrypting.Store(k)
	}
	return k, err
}

// lastKey returns the key last used for decryption, in use by the scratch's stripe, and the record taken apart, if the
// record was written under that key.
func (s *partitionSession) lastKey(ctx context.Context, c *scratch, record []byte, now instant) (r dataRowRecord, _ *key) {
	k := s.decrypting.Load()
	if k == nil || s.f.host != nil {
		return r, nil
	}
	r, ok := scanRecordOf(record, k.head)
	if !ok || !s.f.intermediates.usable(ctx, k, k.freshness(now, s.f.policy.RevokeCheckInterval), false) || !k.cipher.Acquire(c.stripe) {
		return r, nil
	}
	if p := &s.f.policy; p.NotifyExpiredIntermediateKey && (k.revoked.Load() || p.expired(k.name.Created, now)) {
		s.f.tellRead(s.f.intermediates, k, now, p.RevokeCheckInterval)
	}
	s.sampleUse(c, k, now)
	return r, k
}

// decryptionKey returns the intermediate key that a record names, in use by the scratch's stripe.
func (s *partitionSession) decryptionKey(ctx context.Context, c *scratch, r *dataRowRecord, now instant) (*key, error) {
	// Nothing of an untrusted record is copied before it is known to be short.
	if !s.partition.accepts(r.parentID) {
		return nil, Errorf(PartitionMismatch, nil, "Could not find the record's key %.120q among those of this session's partition: the record belongs to another partition, service, product or region", r.parentID[:min(len(r.parentID), maxShown)])
	}
	name := KeyMeta{string(r.parentID), r.parentCreated}
	k, err := s.f.call(ctx, now, func(ctx context.Context, v *view) (*key, error) {
		k, err := s.f.intermediates.forDecryption(ctx, name, c.stripe, v)
		if err != nil {
			return nil, err
		}
		if err := v.noticeRead(s.f.intermediates, k); err != nil {
			k.cipher.Release(c.stripe)
			return nil, err
		}
		return k, nil
	})
	if err == nil {
		s.decrypting.Store(k)
	}
	return k, err
}

func errPoisoned() error {
	return Errorf(Internal, nil, "an earlier fault left this factory in an unknown state: make a new one")
}

// sampleUse tells the key cache of every thousandth use or so: often enough to keep a busy key, too rare to cost.
func (s *partitionSession) sampleUse(c *scratch, k *key, now instant) {
	if c.uses++; c.uses%1024 == 0 && s.f.intermediates.cache != nil {
		s.f.intermediates.cache.Touch(seccache.KeyName(k.name), now.mono)
	}
}

// call runs the part of a call that may ask metastore, KMS and the host's policy.
func (f *Factory) call(ctx context.Context, now instant, find func(context.Context, *view) (*key, error)) (*key, error) {
	if !f.enter() {
		return nil, errClosed("session")
	}
	defer f.leave()
	ctx, cancel := f.context(ctx)
	defer cancel()
	v, err := f.view(ctx, now)
	if err != nil {
		return nil, err
	}
	return find(ctx, v)
}

func (s *partitionSession) decrypt(ctx context.Context, dst, work, record []byte) (int, error) {
	if s.f.poisoned.Load() {
		return 0, errPoisoned()
	}
	now := s.f.now()
	c := scratches.Get().(*scratch)
	defer c.release()
	r, k := s.lastKey(ctx, c, record, now)
	if k == nil {
		return s.decryptRead(ctx, c, dst, work, record, now)
	}
	defer k.cipher.Release(c.stripe)
	n, err := c.open(k, &r, dst, work)
	if err == nil || CodeOf(err) == Authentication {
		return n, err
	}
	return s.decryptRead(ctx, c, dst, work, record, now)
}

// decryptRead decrypts a record that is not under the key last used, or not written as we write it.
func (s *partitionSession) decryptRead(ctx context.Context, c *scratch, dst, work, record []byte, now instant) (int, error) {
	r, err := readRecord(record)
	if err != nil {
		return 0, err
	}
	if n, err := checkSizes(&r, dst, work); err != nil {
		return n, err
	}
	k, err := s.decryptionKey(ctx, c, &r, now)
	if err != nil {
		return 0, err
	}
	defer k.cipher.Release(c.stripe)
	return c.open(k, &r, dst, work)
}

// open decrypts a record under the intermediate key k. It is a function of its own since the compiler makes defers cheap
// only where there are few ways out.
func (c *scratch) open(k *key, r *dataRowRecord, dst, work []byte) (int, error) {
	n, err := checkSizes(r, dst, work)
	if err != nil {
		return n, err
	}
	size := n + seccache.Overhead
	if len(dst) >= size {
		work = dst
	}
	if n, ok := decodeBase64(c.sealed[:sealedKeySize], r.key); !ok || n != sealedKeySize {
		return 0, mistyped("Key.Key", "base64 of a sealed key")
	}
	body, nonce, _ := cutNonce(c.sealed[:sealedKeySize])
	drk, err := k.cipher.Open(c.random[:0], nonce, body)
	if err != nil {
		return 0, Errorf(Authentication, err, "the record's key does not authenticate: it was altered, or sealed by another key than the one it names")
	}
	c.cipher.Wipe()
	if err := c.cipher.Init(drk); err != nil {
		return 0, Errorf(MalformedRecord, err, "the record's key has %d bytes, not 32", len(drk))
	}
	if got, ok := decodeBase64(work[:size], r.data); !ok || got != size {
		return 0, mistyped("Data", "base64")
	}
	body, nonce, _ = cutNonce(work[:size])
	copy(c.sealed[:], nonce)
	if _, err := c.cipher.Open(dst[:0], c.sealed[:seccache.NonceSize], body); err != nil {
		return 0, Errorf(Authentication, err, "the record's data does not authenticate: it was altered")
	}
	return n, nil
}

// checkSizes returns the number of plaintext bytes in a record, and an error if it cannot be one or does not fit.
func checkSizes(r *dataRowRecord, dst, work []byte) (int, error) {
	if len(r.key) != sealedKeyText {
		return 0, Errorf(MalformedRecord, nil, "the record's member Key.Key has %d characters where a sealed key of 32 bytes takes %d", len(r.key), sealedKeyText)
	}
	size := decodedLen(r.data)
	n := size - seccache.Overhead
	switch {
	case size < 0:
		return 0, mistyped("Data", "base64")
	case n < 0:
		return 0, Errorf(MalformedRecord, nil, "the record's member Data holds %d bytes, at least %d are needed", size, seccache.Overhead)
	case len(dst) < n:
		return n, Errorf(BufferTooSmall, nil, "the buffer has %d bytes, %d are needed", len(dst), n)
	case len(dst) < size && len(work) < size:
		return 0, Errorf(InvalidArgument, nil, "neither buffer has room for the ciphertext of %d bytes", size)
	}
	return n, nil
}
