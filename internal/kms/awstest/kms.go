package awstest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// key is a KMS key: AES-256-GCM under material that never leaves.
type key struct {
	arn      string
	material []byte
	state    string // "" for enabled
}

// The states of a key other than enabled.
const (
	Disabled        = "Disabled"
	PendingDeletion = "PendingDeletion"
)

// AddKey makes a key and returns its ARN. alias may be "".
func (r *Region) AddKey(id, alias string) string {
	arn := fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", r.Name, Account, id)
	r.addKey(arn, alias)
	return arn
}

func (r *Region) addKey(arn, alias string) {
	k := &key{arn: arn, material: make([]byte, 32)}
	_, _ = rand.Read(k.material)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[arn] = k
	r.keys[arn[strings.LastIndex(arn, "/")+1:]] = k
	if alias != "" {
		r.keys["alias/"+alias] = k
		r.keys[arn[:strings.LastIndex(arn, ":")+1]+"alias/"+alias] = k
	}
}

// AddVectorKey makes a key with the ARN and the transform that the interoperability vectors describe.
func (r *Region) AddVectorKey(arn string) {
	r.addKey(arn, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.vectors = true
}

// SetState changes the state of a key, "" for enabled.
func (r *Region) SetState(arn, state string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[arn].state = state
}

// RemoveKey removes a key.
func (r *Region) RemoveKey(arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	gone := r.keys[arn]
	for name, k := range r.keys {
		if k == gone {
			delete(r.keys, name)
		}
	}
}

type kmsRequest struct {
	KeyID          string `json:"KeyId"`
	KeySpec        string `json:",omitempty"`
	Plaintext      []byte `json:",omitempty"`
	CiphertextBlob []byte `json:",omitempty"`
}

type kmsAnswer struct {
	KeyID               string `json:"KeyId"`
	CiphertextBlob      []byte `json:",omitempty"`
	Plaintext           []byte `json:",omitempty"`
	EncryptionAlgorithm string `json:",omitempty"`
	KeyMaterialID       string `json:"KeyMaterialId,omitempty"`
}

// kms prepares the answer to an operation of KMS.
func (r *Region) kms(op string, body []byte, call *Call) func(http.ResponseWriter) {
	var in kmsRequest
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return failing("kms", &failure{http.StatusBadRequest, "SerializationException", err.Error()})
	}
	call.ID = in.KeyID
	var out *kmsAnswer
	var fault *failure
	switch op {
	case "GenerateDataKey":
		out, fault = r.generateDataKey(&in)
	case "Encrypt":
		out, fault = r.encrypt(&in)
	case "Decrypt":
		out, fault = r.decrypt(&in)
	default:
		return nil
	}
	if fault != nil {
		return failing("kms", fault)
	}
	return func(w http.ResponseWriter) {
		if out.Plaintext != nil {
			r.cloud.handOut(out.Plaintext)
		}
		answerJSON(w, out)
	}
}

func failing(service string, f *failure) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { f.write(w, service) }
}

var incorrectKey = &failure{
	http.StatusBadRequest, "IncorrectKeyException",
	"The key ID in the request does not identify a CMK that can perform this operation.",
}

func validation(message string) *failure {
	return &failure{http.StatusBadRequest, "ValidationException", message}
}

func (r *Region) generateDataKey(in *kmsRequest) (*kmsAnswer, *failure) {
	if in.KeySpec != "AES_256" || in.Plaintext != nil || in.CiphertextBlob != nil {
		return nil, validation("1 validation error detected")
	}
	plaintext := make([]byte, 32)
	_, _ = rand.Read(plaintext)
	out, fault := r.encrypt(&kmsRequest{KeyID: in.KeyID, Plaintext: plaintext})
	if fault != nil {
		return nil, fault
	}
	return &kmsAnswer{KeyID: out.KeyID, CiphertextBlob: out.CiphertextBlob, Plaintext: plaintext}, nil
}

func (r *Region) encrypt(in *kmsRequest) (*kmsAnswer, *failure) {
	if len(in.Plaintext) == 0 || len(in.Plaintext) > 4096 || in.KeySpec != "" || in.CiphertextBlob != nil {
		return nil, validation("1 validation error detected")
	}
	k, fault := r.key(in.KeyID)
	if fault != nil {
		return nil, fault
	}
	return &kmsAnswer{KeyID: k.arn, CiphertextBlob: r.seal(k, in.Plaintext), EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, nil
}

func (r *Region) decrypt(in *kmsRequest) (*kmsAnswer, *failure) {
	if len(in.CiphertextBlob) == 0 || len(in.CiphertextBlob) > 6144 || in.Plaintext != nil || in.KeySpec != "" {
		return nil, validation("1 validation error detected")
	}
	arn, sealed, err := splitBlob(in.CiphertextBlob)
	if err != nil || strings.Split(arn, ":")[3] != r.Name {
		return nil, &failure{http.StatusBadRequest, "InvalidCiphertextException", ""}
	}
	if r.vectors { // any key of the region opens what it has wrapped
		if in.KeyID != "" && in.KeyID != arn {
			return nil, incorrectKey
		}
		return &kmsAnswer{KeyID: arn, Plaintext: masked(sealed), EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, nil
	}
	if in.KeyID != "" {
		asked, fault := r.key(in.KeyID)
		if fault != nil {
			return nil, fault
		}
		if asked.arn != arn {
			return nil, incorrectKey
		}
	}
	k, fault := r.key(arn)
	if fault != nil {
		return nil, fault
	}
	plaintext, err := k.unseal(sealed)
	if err != nil {
		return nil, &failure{http.StatusBadRequest, "InvalidCiphertextException", ""}
	}
	return &kmsAnswer{
		KeyID: k.arn, Plaintext: plaintext, EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
		KeyMaterialID: strings.Repeat("ab", 32),
	}, nil
}

// key finds an enabled key by what a request calls it.
func (r *Region) key(id string) (key, *failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == "" {
		return key{}, validation("KeyId must not be null")
	}
	if parts := strings.Split(id, ":"); parts[0] == "arn" && (len(parts) != 6 || parts[3] != r.Name) {
		return key{}, &failure{http.StatusBadRequest, "NotFoundException", "Invalid arn " + id}
	}
	k := r.keys[id]
	switch {
	case k == nil:
		return key{}, &failure{http.StatusBadRequest, "NotFoundException", "Key '" + id + "' does not exist"}
	case k.state == Disabled:
		return key{}, &failure{http.StatusBadRequest, "DisabledException", k.arn + " is disabled."}
	case k.state != "":
		return key{}, &failure{http.StatusBadRequest, "KMSInvalidStateException", k.arn + " is pending deletion."}
	}
	return *k, nil
}

// A blob is blobPrefix, the ARN of the key, ":", and what the key has sealed.
const (
	blobPrefix = "fake-kms:"
	vectorMask = 0x5a
)

func splitBlob(blob []byte) (arn string, sealed []byte, err error) {
	rest, ok := bytes.CutPrefix(blob, []byte(blobPrefix))
	parts := bytes.SplitN(rest, []byte(":"), 7)
	if !ok || len(parts) != 7 {
		return "", nil, errors.New("no blob of this KMS")
	}
	return string(bytes.Join(parts[:6], []byte(":"))), parts[6], nil
}

func (r *Region) seal(k key, plaintext []byte) []byte {
	head := []byte(blobPrefix + k.arn + ":")
	if r.vectors {
		return append(head, masked(plaintext)...)
	}
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce)
	return k.cipher().Seal(append(head, nonce...), nonce, plaintext, []byte(k.arn))
}

func (k key) unseal(sealed []byte) ([]byte, error) {
	if len(sealed) < 28 {
		return nil, errors.New("too short")
	}
	return k.cipher().Open(nil, sealed[:12], sealed[12:], []byte(k.arn))
}

func (k key) cipher() cipher.AEAD {
	block, err := aes.NewCipher(k.material)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

func masked(text []byte) []byte {
	out := bytes.Clone(text)
	for i := range out {
		out[i] ^= vectorMask
	}
	return out
}

// Wrap seals a plaintext of any length as a key of this region would.
func (r *Region) Wrap(arn string, plaintext []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seal(*r.keys[arn], plaintext)
}
