// Command tokens writes the tokens of the regression tests, each as a variable of psql, or with the argument "config"
// the configuration file with the key that they are checked with. All keys come from fixed seeds, so that it writes the
// same each time; run.sh compares that with the files in postgres/hessra_authz/data.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
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

func main() {
	if len(os.Args) == 2 && os.Args[1] == "config" {
		config(key("service").Public())
		return
	}
	fmt.Println("-- Written by tests/postgres/tokens. All but orders_expired are good until 2096.")
	fmt.Println(`\set ECHO none`)
	for _, t := range tokens {
		fmt.Printf("\\set %s '%s'\n", t.name, sealed(authority(t.resource, t.operation, t.expiry), key(t.service), key(t.name)))
	}
	fmt.Println(`\set ECHO all`)
}

func key(seed string) ed25519.PrivateKey {
	hash := sha256.Sum256([]byte("hessra_authz regression test: " + seed))
	return ed25519.NewKeyFromSeed(hash[:])
}

func config(public any) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(map[string]string{"public_key": text}); err != nil {
		panic(err)
	}
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
