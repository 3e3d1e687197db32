package hessra

import (
	"bytes"
	jsonv2 "encoding/json/v2"
	"hash/maphash"
	"sync/atomic"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// ServiceNode is a service that has to attest what passes through it.
type ServiceNode struct {
	Component string
	PublicKey string // "ed25519/" or "secp256r1/" and hex
}

// maxNodes is the longest text of service nodes, in bytes.
const maxNodes = 1 << 20

// ParseServiceNodes reads a JSON array of objects with the members component and public_key, both texts. Other members
// are ignored. Keys are not looked at: those after the caller's own component never are. Errors are of code
// InvalidParameter.
//
// The list is not to be changed: it is remembered, since a caller passes the same text with every request.
func ParseServiceNodes(text []byte) ([]ServiceNode, error) {
	place := &nodeLists[maphash.Bytes(nodeKeySeed, text)%uint64(len(nodeLists))]
	if known := place.Load(); known != nil && known.text == string(text) {
		return known.nodes, nil
	}
	nodes, err := readServiceNodes(text)
	if err == nil && len(text) <= maxRemembered {
		place.Store(&nodeList{string(text), nodes})
	}
	return nodes, err
}

// nodeLists remembers lists of service nodes by their texts, one per place.
var nodeLists [16]atomic.Pointer[nodeList]

type nodeList struct {
	text  string
	nodes []ServiceNode
}

// maxRemembered is the longest text of service nodes that is remembered, in bytes.
const maxRemembered = 8 << 10

func readServiceNodes(text []byte) ([]ServiceNode, error) {
	var members []struct {
		Component *string `json:"component"`
		PublicKey *string `json:"public_key"`
	}
	if len(text) > maxNodes {
		return nil, errorf(InvalidParameter, "", "the service nodes are longer than %d bytes", maxNodes)
	}
	if err := jsonv2.Unmarshal(text, &members); err != nil || !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"),
		[]byte("[")) {
		return nil, errorf(InvalidParameter, "",
			"the service nodes are no JSON array of objects with texts component and public_key")
	}
	nodes := make([]ServiceNode, len(members))
	for i, m := range members {
		if m.Component == nil || m.PublicKey == nil {
			return nil, errorf(InvalidParameter, "", "service node %d lacks component or public_key", i)
		}
		nodes[i] = ServiceNode{*m.Component, *m.PublicKey}
	}
	return nodes, nil
}

// chain returns a check for every service node before the caller's own component, or for all if it names none: that
// the node attested the resource under its key.
func (r *Request) chain() ([]biscuit.CheckRule, error) {
	var checks []biscuit.CheckRule
	for i, node := range r.ServiceNodes {
		if r.Component != nil && node.Component == *r.Component {
			return checks, nil
		}
		if !utf8.ValidString(node.Component) {
			return nil, errorf(InvalidParameter, "", "the component of service node %d is not UTF-8", i)
		}
		key, err := parseNodeKey(node.PublicKey)
		if err != nil {
			return nil, errorf(InvalidKey, "key", "service node %d: %s", i, err.Error())
		}
		checks = append(checks, biscuit.CheckRule{Queries: []biscuit.Rule{{
			Body: []biscuit.Predicate{
				predicate("node", biscuit.String(*r.Resource), biscuit.String(node.Component)),
			},
			Scopes: []biscuit.Scope{biscuit.Authority(), biscuit.SignedBy(key)},
		}}})
	}
	if r.Component != nil {
		return nil, errorf(VerificationFailed, "chain", "the component is not one of the service nodes")
	}
	return checks, nil
}
