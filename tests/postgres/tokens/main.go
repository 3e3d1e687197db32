// Command tokens writes the tokens of the tests of the policy templates, and the key that they are checked with, as
// variables of psql: postgres/hessra_authz/data/tokens.psql. All keys come from fixed seeds, so that it writes the same
// each time.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"os"
)

const (
	never = 4_000_000_000 // in 2096
	past  = 1_600_000_000 // in 2020
)

// One right each, as Hessra's service mints them.
var tokens = []struct {
	name, resource, operation, service string
	expiry                             int64
}{
	{"orders_select", "orders", "select", "service", never},
	{"orders_insert", "orders", "insert", "service", never},
	{"orders_update", "orders", "update", "service", never},
	{"orders_delete", "orders", "delete", "service", never},
	{"orders_expired", "orders", "select", "service", past},
	{"orders_forged", "orders", "select", "somebody else", never},
	{"north_select", "accounts/north", "select", "service", never},
	{"north_insert", "accounts/north", "insert", "service", never},
	{"north_update", "accounts/north", "update", "service", never},
	{"south_select", "accounts/south", "select", "service", never},
	{"events_select", "events", "select", "service", never},
	{"events_insert", "events", "insert", "service", never},
	{"animals_select", "animals", "select", "service", never},
	{"items_insert", "items", "insert", "service", never},
}

func main() { write(os.Stdout) }

func write(out io.Writer) {
	fmt.Fprintln(out, "-- Written by tests/postgres/tokens. All but orders_expired are good until 2096.")
	fmt.Fprintln(out, `\set ECHO none`)
	der, err := x509.MarshalPKIXPublicKey(key("service").Public())
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(out, "\\set service_key '%s'\n", base64.StdEncoding.EncodeToString(der))
	for _, t := range tokens {
		fmt.Fprintf(out, "\\set %s '%s'\n", t.name, sealed(authority(t.resource, t.operation, t.expiry), key(t.service), key(t.name)))
	}
	fmt.Fprintln(out, `\set ECHO all`)
}

func key(seed string) ed25519.PrivateKey {
	hash := sha256.Sum256([]byte("hessra_authz regression test: " + seed))
	return ed25519.NewKeyFromSeed(hash[:])
}

// sealed is a token of one block, signed by the service, with the key that a further block would be signed with.
func sealed(block wire, service, next ed25519.PrivateKey) string {
	public := next.Public().(ed25519.PublicKey)
	payload := "\x00BLOCK\x00\x00VERSION\x00\x01\x00\x00\x00\x00PAYLOAD\x00" + string(block) +
		"\x00ALGORITHM\x00\x00\x00\x00\x00\x00NEXTKEY\x00" + string(public)
	signed := wire(nil).bytes(1, block).bytes(2, wire(nil).varint(1, 0).bytes(2, wire(public)))
	signed = signed.bytes(3, wire(ed25519.Sign(service, []byte(payload)))).varint(5, 1)
	return base64.URLEncoding.EncodeToString(wire(nil).bytes(2, signed).bytes(4, wire(nil).bytes(1, wire(next.Seed()))))
}
