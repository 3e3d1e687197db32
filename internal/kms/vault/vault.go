// Package vault is the KMS that has HashiCorp Vault's transit engine wrap system keys: the wrapping key never leaves
// Vault. A wrapped key is the text that the engine returns, "vault:v1:..." in UTF-8, as godaddy/asherah-ffi stores it.
// The API is that of https://developer.hashicorp.com/vault/api-docs/secret/transit.
package vault

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/seccache"
)

var _ envelope.KMS = (*KMS)(nil)

// keySize is the size of a system key in bytes.
const keySize = 32

// blobPrefix begins every text of the transit engine. The number of the key's version follows.
const blobPrefix = "vault:v"

// Options says which key of which server wraps system keys.
type Options struct {
	Address   string // URL of the server; http is a warning unless it is on this machine
	Key       string // name of the transit key
	Mount     string // path of the transit engine; "": transit
	Namespace string // of Vault Enterprise; "": none
	CACert    string // path of a PEM file with the authorities to trust in place of the system's; "": the system's
	Login     Login

	// AttemptTimeout bounds one request, Budget a call with its repetitions and a login. 0: 1.5 s and 6 s.
	AttemptTimeout, Budget time.Duration
	Memory                 *seccache.Arena // nil: seccache.Open(seccache.Prefer)
}

// KMS wraps system keys with Vault. It is safe for concurrent use. System keys that come and go are in locked memory.
type KMS struct {
	options Options
	client  *http.Client
	tokens  *tokens
}

// New makes a KMS. It does no I/O but reading the files that the options name, and logs in with the first call. Bad
// options are Configuration errors. The secrets in o.Login become the KMS's.
func New(o Options) (*KMS, error) {
	if o.Memory == nil {
		o.Memory = seccache.Open(seccache.Prefer)
	}
	if o.Mount == "" {
		o.Mount = "transit"
	}
	if o.AttemptTimeout == 0 {
		o.AttemptTimeout = 1500 * time.Millisecond
	}
	if o.Budget == 0 {
		o.Budget = 6 * time.Second
	}
	client, err := o.client()
	if err == nil && o.Key == "" {
		err = refuse("VaultTransitKey is missing: it names the transit key")
	}
	if err == nil {
		err = o.Login.check()
	}
	if err != nil {
		o.Login.destroy()
		return nil, err
	}
	k := &KMS{options: o, client: client}
	k.tokens = newTokens(k)
	return k, nil
}

// EncryptKey wraps a 32-byte key. created and revoked are not bound to it.
func (k *KMS) EncryptKey(ctx context.Context, key *seccache.Secret, _ int64, _ bool) ([]byte, error) {
	if n := len(key.Bytes()); n != keySize {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "a key of %d bytes cannot be wrapped; it must have %d", n,
			keySize)
	}
	text, err := k.options.Memory.NewSecret(base64.StdEncoding.EncodedLen(keySize))
	if err != nil {
		return nil, err
	}
	defer text.Destroy()
	base64.StdEncoding.Encode(text.Bytes(), key.Bytes())
	answer, err := k.transit(ctx, "encrypt", "plaintext", text.Bytes())
	if err != nil {
		return nil, err
	}
	defer answer.Destroy()
	blob, err := answer.text("data", "ciphertext")
	if err != nil {
		return nil, err
	}
	defer blob.Destroy()
	if !strings.HasPrefix(string(blob.Bytes()), blobPrefix) {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "Vault: the answer is no text of the transit engine")
	}
	return append([]byte(nil), blob.Bytes()...), nil
}

// DecryptKey unwraps what EncryptKey returned. A key that is not 32 bytes long is refused.
func (k *KMS) DecryptKey(ctx context.Context, blob []byte, _ int64, _ bool) (*seccache.Secret, error) {
	if !wellFormed(blob) {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil,
			"a system key wrapped by Vault begins with %q; this one does not: was another KMS used?", blobPrefix)
	}
	answer, err := k.transit(ctx, "decrypt", "ciphertext", blob)
	if err != nil {
		return nil, err
	}
	defer answer.Destroy()
	text, err := answer.text("data", "plaintext")
	if err != nil {
		return nil, err
	}
	defer text.Destroy()
	key, err := k.options.Memory.NewSecret(keySize + 1)
	if err != nil {
		return nil, err
	}
	defer key.Destroy()
	if base64.StdEncoding.DecodedLen(len(text.Bytes())) > len(key.Bytes()) {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "Vault: the unwrapped key does not have %d bytes", keySize)
	}
	n, err := base64.StdEncoding.Decode(key.Bytes(), text.Bytes())
	if err != nil || n != keySize {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "Vault: the unwrapped key does not have %d bytes", keySize)
	}
	own, err := k.options.Memory.NewSecret(keySize)
	if err != nil {
		return nil, err
	}
	copy(own.Bytes(), key.Bytes())
	return own, nil
}

// wellFormed says that blob is "vault:v", a number, ":", and base64: nothing that would need an escape in JSON.
func wellFormed(blob []byte) bool {
	rest, ok := strings.CutPrefix(string(blob), blobPrefix)
	version, sealed, found := strings.Cut(rest, ":")
	if !ok || !found || version == "" || sealed == "" || strings.Trim(version, "0123456789") != "" {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(sealed)
	return err == nil
}

// transit asks the engine to encrypt or decrypt. value is base64 or a text of the engine.
func (k *KMS) transit(ctx context.Context, operation, member string, value []byte) (*answer, error) {
	body, err := k.options.Memory.NewSecret(len(`{"":""}`) + len(member) + len(value))
	if err != nil {
		return nil, err
	}
	defer body.Destroy()
	text := append(body.Bytes()[:0], `{"`...)
	text = append(append(text, member...), `":"`...)
	_ = append(append(text, value...), `"}`...)
	ctx, cancel := context.WithTimeout(ctx, k.options.Budget)
	defer cancel()
	path := escaped(k.options.Mount) + "/" + operation + "/" + escaped(k.options.Key)
	for relogged := false; ; relogged = true {
		token, err := k.tokens.get(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := k.ask(ctx, http.MethodPost, path, token.text, body.Bytes(), operation+" a system key")
		if isDenied(err) && !relogged && k.tokens.drop(token) {
			continue // the token may have been revoked, or have expired early
		}
		return answer, err
	}
}

// Close ends the renewal of the token and wipes what the KMS keeps. Calls in flight may fail. Further calls do nothing.
func (k *KMS) Close() error {
	k.tokens.close()
	k.client.Transport.(*secrethttp.Transport).Close()
	return nil
}
