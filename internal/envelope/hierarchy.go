package envelope

import (
	"context"
	"crypto/rand"

	"github.com/libasherah/libasherah/internal/seccache"
)

// The two levels of the hierarchy, as the tiers use them: what opens and what seals a system key, and an intermediate
// key.

// fillRandom fills b from the operating system's generator. Where that fails, crypto/rand ends the process: there is
// nothing safe to go on with.
func fillRandom(b []byte) { rand.Read(b) }

func (f *Factory) openSystemKey(ctx context.Context, r *KeyRecord, _ bool, _ *view) (*seccache.AEAD, *key, error) {
	secret, err := f.kms.decryptKey(ctx, r.Key, r.Created, r.Revoked)
	if err != nil {
		return nil, nil, err
	}
	cipher, err := f.cipherOf(secret)
	return cipher, nil, err
}

// cipherOf makes the cipher of a key and destroys the key.
func (f *Factory) cipherOf(secret *seccache.Secret) (*seccache.AEAD, error) {
	if secret == nil {
		return nil, Errorf(KMSFailed, nil, "the KMS returned no key")
	}
	defer secret.Destroy()
	if n := len(secret.Bytes()); n != seccache.KeySize {
		return nil, Errorf(KMSFailed, nil, "the KMS returned a key of %d bytes, not %d", n, seccache.KeySize)
	}
	cipher, err := f.memory.NewAEAD(secret.Bytes())
	if err != nil {
		return nil, keyError(err)
	}
	return cipher, nil
}

func (f *Factory) makeSystemKey(ctx context.Context, secret *seccache.Secret, name KeyMeta, _ *view) (*KeyRecord, *key, error) {
	blob, err := f.kms.encryptKey(ctx, secret, name.Created, false)
	if err != nil {
		return nil, nil, err
	}
	if len(blob) == 0 {
		return nil, nil, Errorf(KMSFailed, nil, "the KMS returned nothing for a new system key")
	}
	return &KeyRecord{ID: name.ID, Created: name.Created, Key: blob}, nil, nil
}

func (f *Factory) openIntermediateKey(ctx context.Context, r *KeyRecord, encrypting bool, v *view) (*seccache.AEAD, *key, error) {
	if r.Parent == nil || r.Parent.ID == "" || r.Parent.Created == 0 {
		return nil, nil, Errorf(MetadataMissing, nil, "Could not find ParentKeyMeta in the record of the intermediate key %.120q created %d", r.ID, r.Created)
	}
	parent, err := f.systems.forDecryption(ctx, *r.Parent, 0, v)
	if err != nil {
		return nil, nil, err
	}
	defer parent.cipher.Release(0)
	if !encrypting {
		if err := v.noticeRead(f.systems, parent); err != nil {
			return nil, nil, err
		}
	}
	secret, err := OpenKey(f.memory, parent.cipher.Open, r.Key)
	if err != nil {
		return nil, nil, err
	}
	cipher, err := f.cipherOf(secret)
	return cipher, parent, err
}

func (f *Factory) makeIntermediateKey(ctx context.Context, secret *seccache.Secret, name KeyMeta, v *view) (*KeyRecord, *key, error) {
	parent, err := f.systems.forEncryption(ctx, f.systemKeyID, 0, v)
	if err != nil {
		return nil, nil, err
	}
	defer parent.cipher.Release(0)
	sealed := SealKey(func(dst, nonce, plaintext []byte) []byte {
		dst, _ = parent.cipher.Seal(0, dst, nonce, plaintext)
		return dst
	}, secret.Bytes())
	return &KeyRecord{ID: name.ID, Created: name.Created, Key: sealed, Parent: &KeyMeta{parent.name.ID, parent.name.Created}}, parent, nil
}
