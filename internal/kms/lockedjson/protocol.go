// Package lockedjson is the JSON protocol of AWS for operations with keys in them. The client of the AWS SDK writes and
// reads everything else; the keys go from locked memory into the body of a request, and from the body of an answer into
// locked memory, past its buffers, which are on the heap and pooled. It works over package secrethttp.
package lockedjson

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"github.com/libasherah/libasherah/internal/kms/secrethttp"
	"github.com/libasherah/libasherah/internal/seccache"
)

// Protocol is that of a service, for whose client it is set. Calls whose context has no Exchange are the SDK's own.
type Protocol struct {
	*awsjson.Protocol
	memory  *seccache.Arena
	secrets map[string]Encoding
}

// Encoding is how a member of a JSON object spells bytes.
type Encoding int

// The two encodings of AWS.
const (
	Base64 Encoding = iota
	Text            // as they are, UTF-8
)

// New makes the protocol of a service, of whose requests and answers the members in secrets hold keys.
func New(service *smithy.ServiceSchema, memory *seccache.Arena, secrets map[string]Encoding) *Protocol {
	return &Protocol{Protocol: awsjson.New11(service), memory: memory, secrets: secrets}
}

// Exchange is what one call sends and receives beside what the SDK knows of.
type Exchange struct {
	// Name and Value are the member that is sent, in base64; "" for none. Value is locked memory and stays the caller's.
	Name  string
	Value []byte
	// Received are the members that came, none after an error.
	Received map[string]*seccache.Secret

	request *seccache.Secret // its body
}

// Destroy wipes what was sent and received. It is called after the call, whatever came of it.
func (x *Exchange) Destroy() {
	x.request.Destroy()
	x.forget()
}

func (x *Exchange) forget() {
	for _, secret := range x.Received {
		secret.Destroy()
	}
	x.Received = nil
}

type exchangeKey struct{}

// With returns a context for one call of the SDK.
func (x *Exchange) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func exchangeOf(ctx context.Context) *Exchange {
	x, _ := ctx.Value(exchangeKey{}).(*Exchange)
	return x
}

// content is a request's body in locked memory. Its WriteTo hands all of it over at once, which is how the signer
// hashes it without a buffer.
type content struct {
	*bytes.Reader
}

// SerializeRequest has the SDK write the request and puts the key in. It comes first: of what is hashed, the bytes
// after the last whole block of 64 stay in the hash, and the key is not among them.
func (p *Protocol) SerializeRequest(
	ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, r *smithyhttp.Request,
) error {
	if err := p.Protocol.SerializeRequest(ctx, schema, in, r); err != nil {
		return err
	}
	x := exchangeOf(ctx)
	if x == nil || x.Name == "" {
		return nil
	}
	written, err := io.ReadAll(r.GetStream())
	if err != nil {
		return err
	}
	rest, err := p.without(written, func(string, jsontext.Value) error { return nil })
	if err != nil {
		return err
	}
	head := fmt.Sprintf(`{%q:"`, x.Name)
	size := base64.StdEncoding.EncodedLen(len(x.Value))
	body, err := p.memory.NewSecret(len(head) + size + len(`",`) + len(rest) - 1)
	if err != nil {
		return err
	}
	text := append(body.Bytes()[:0], head...)
	base64.StdEncoding.Encode(text[len(text):len(text)+size], x.Value)
	text = append(text[:len(text)+size], `",`...)
	text = append(text, rest[1:]...)
	x.request = body // the client may look at it until the call ends
	request, err := r.SetStream(content{bytes.NewReader(text)})
	if err != nil {
		return err
	}
	*r = *request
	return nil
}

var errNotLocked = errors.New("the answer is not in locked memory")

// DeserializeResponse takes the keys out of an answer and has the SDK read the rest.
func (p *Protocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, r *smithyhttp.Response,
	out smithy.Deserializable,
) error {
	x := exchangeOf(ctx)
	if x != nil && r.StatusCode >= 200 && r.StatusCode < 300 {
		body, ok := r.Body.(*secrethttp.Body)
		if !ok {
			return &smithy.DeserializationError{Err: errNotLocked}
		}
		rest, err := p.without(body.Bytes(), x.receive(p))
		_ = body.Close()
		if err != nil {
			x.forget()
			return &smithy.DeserializationError{Err: err}
		}
		r.Body = io.NopCloser(bytes.NewReader(rest))
	}
	return p.Protocol.DeserializeResponse(ctx, schema, types, r, out)
}

// receive returns what keeps a key that has come.
func (x *Exchange) receive(p *Protocol) func(string, jsontext.Value) error {
	return func(name string, quoted jsontext.Value) error {
		if quoted.Kind() == 'n' {
			return nil
		}
		secret, err := p.decode(quoted, p.secrets[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if x.Received == nil {
			x.Received = map[string]*seccache.Secret{}
		}
		x.Received[name] = secret
		return nil
	}
}

// errEncoding stands for errors that may quote what they are about.
var errEncoding = errors.New("it is empty or not in its encoding")

func (p *Protocol) decode(quoted jsontext.Value, encoding Encoding) (*seccache.Secret, error) {
	if quoted.Kind() != '"' {
		return nil, errEncoding
	}
	scratch, err := p.memory.NewSecret(2 * len(quoted)) // twice more than is in it
	if err != nil {
		return nil, err
	}
	defer scratch.Destroy()
	value, err := jsontext.AppendUnquote(scratch.Bytes()[:0], quoted)
	if err != nil {
		return nil, errEncoding
	}
	if encoding == Base64 {
		decoded := scratch.Bytes()[len(quoted):]
		n, err := base64.StdEncoding.Strict().Decode(decoded, value)
		if err != nil {
			return nil, errEncoding
		}
		value = decoded[:n]
	}
	if len(value) == 0 {
		return nil, errEncoding
	}
	secret, err := p.memory.NewSecret(len(value))
	if err != nil {
		return nil, err
	}
	copy(secret.Bytes(), value)
	return secret, nil
}

// without calls each with the members that hold keys and returns the others, as an object on the heap.
func (p *Protocol) without(text []byte, each func(name string, quoted jsontext.Value) error) ([]byte, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	malformed := func() ([]byte, error) {
		return nil, fmt.Errorf("it is not one JSON object: see byte %d", d.InputOffset())
	}
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return malformed()
	}
	rest := []byte("{")
	for d.PeekKind() == '"' {
		quoted, err := d.ReadValue()
		if err != nil {
			return malformed()
		}
		unquoted, _ := jsontext.AppendUnquote(nil, quoted)
		name := string(unquoted)
		spelled := string(quoted)
		value, err := d.ReadValue()
		if err != nil {
			return malformed()
		}
		if _, secret := p.secrets[name]; secret {
			if err := each(name, value); err != nil {
				return nil, err
			}
			continue
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(append(append(rest, spelled...), ':'), value...)
	}
	if _, err := d.ReadToken(); err != nil {
		return malformed()
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed()
	}
	return append(rest, '}'), nil
}
