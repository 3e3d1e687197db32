package envelope_test

import (
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

func TestPartitionAccepts(t *testing.T) {
	const own = "_IK_alice_billing_shop"
	for _, test := range []struct {
		suffix, id string
		want       bool
	}{
		{"", own, true},
		{"", own + "_eu-west-1", false},
		{"", own + "_", false},
		{"", own + "2", false},
		{"", own[:len(own)-1], false},
		{"", "", false},
		{"", "_IK_Alice_billing_shop", false},
		{"", own + " ", false},
		{"", "_IK_alice_billing", false},
		{"", "_SK_billing_shop", false},

		{"eu-west-1", own + "_eu-west-1", true},
		{"eu-west-1", own, true}, // from before there was a suffix
		{"eu-west-1", own + "_us-east-2", true},
		{"eu-west-1", own + "_EU1", true},
		{"eu-west-1", own + "_-", true},
		{"eu-west-1", own + "_", false},
		{"eu-west-1", own + "-us-east-2", false},
		{"eu-west-1", own + "us-east-2", false},
		{"eu-west-1", own + "2_eu-west-1", false}, // product shop2
		{"eu-west-1", own + "2", false},
		{"eu-west-1", own + "_eu_west_1", false}, // product shop_eu_west
		{"eu-west-1", own + "__eu-west-1", false},
		{"eu-west-1", own + "_eu-west-1_", false},
		{"eu-west-1", own + "_eu west", false},
		{"eu-west-1", own + "_eu.west", false},
		{"eu-west-1", own + "_é", false},
		{"eu-west-1", own + "_eu-west-1\x00", false},
		{"eu-west-1", "_IK_bob_billing_shop_eu-west-1", false},
		{"eu-west-1", "_IK_alice_billing_eu-west-1", false},
		{"eu-west-1", "x" + own, false},
		{"eu-west-1", "", false},

		// A suffix of another form is known by itself, as it is.
		{"eu_west", own + "_eu_west", true},
		{"eu_west", own + "_eu_east", false},
		{"eu_west", own + "_eu", true},
	} {
		if got := envelope.Accepts("alice", "billing", "shop", test.suffix, test.id); got != test.want {
			t.Errorf("suffix %q, id %q: %v, want %v", test.suffix, test.id, got, test.want)
		}
	}
	// The bypass of a bare prefix test: product prod is not to read what product prod2 wrote.
	if envelope.Accepts("p", "s", "prod", "us-west-2", "_IK_p_s_prod2_us-west-2") || envelope.Accepts("p", "s", "prod",
		"us-west-2", "_IK_p_s_prod2") {
		t.Error("product prod accepts the ids of product prod2")
	}
}

// Through sessions: two products whose names begin alike, two regions, and a process without suffix, on one metastore.
func TestRegions(t *testing.T) {
	w := newWorld(t)
	session := func(product, suffix string) *envelope.Session {
		w.change = func(o *envelope.Options) { o.Product, o.Metastore = product, &regional{w.store, suffix} }
		return w.session()
	}
	west, east, none := session("prod", "us-west-2"), session("prod", "us-east-1"), session("prod", "")
	other := session("prod2", "us-west-2")
	records := map[*envelope.Session]record{
		west: encrypt(t, west), east: encrypt(t, east), none: encrypt(t, none),
		other: encrypt(t, other),
	}
	for _, test := range []struct {
		reader, writer *envelope.Session
		want           envelope.Code
	}{
		{west, west, envelope.OK},
		{west, east, envelope.OK},
		{east, west, envelope.OK},
		{west, none, envelope.OK},
		{none, none, envelope.OK},
		{none, west, envelope.PartitionMismatch},
		{west, other, envelope.PartitionMismatch},
		{other, west, envelope.PartitionMismatch},
		{none, other, envelope.PartitionMismatch},
		{other, none, envelope.PartitionMismatch},
	} {
		wantCode(t, tryDecrypt(test.reader, records[test.writer]), test.want)
	}
	// Having read another region's record, a session goes on writing its own.
	for range 2 {
		decrypt(t, west, records[east])
		if got := encrypt(t, west).form(t).Key.ParentKeyMeta.KeyId; got != "_IK_alice_billing_prod_us-west-2" {
			t.Errorf("the western session writes %s", got)
		}
	}
}

// regional is a metastore with a suffix of its own.
type regional struct {
	*fakeStore
	region string
}

func (r *regional) KeySuffix() string { return r.region }
