package awskms

import (
	"bytes"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/awstest"
	"github.com/libasherah/libasherah/internal/kms/kmstest"
)

func TestConformance(t *testing.T) {
	f := newFixture(t)
	other := f.Region(west).AddKey("99999999-12ab-34cd-56ef-123456789000", "")
	mustNew := func(t *testing.T, o Options) envelope.KMS {
		t.Helper()
		k, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	one := func(arn string) Options {
		o := f.options()
		o.Regions = []Region{{KeyID: arn, Endpoint: f.Region(west).URL}}
		return o
	}
	kmstest.Run(t, kmstest.Harness{
		Open:     func(t *testing.T) envelope.KMS { return mustNew(t, f.options()) },
		Stranger: func(t *testing.T) envelope.KMS { return mustNew(t, one(other)) },
		Wrap: func(_ *testing.T, key []byte) []byte {
			return f.wrapByHand(key, bytes.Repeat([]byte("data key"), 4))
		},
		Break: func(*testing.T) func() {
			each := func(fault *awstest.Fault) {
				for _, name := range everywhere {
					f.Region(name).Fail(fault)
				}
			}
			each(awstest.Internal)
			return func() { each(nil) }
		},
	})
}

// TestEnvelope: what is written is what canonical Go writes, and the data key is under every region's key.
func TestEnvelope(t *testing.T) {
	f := newFixture(t)
	k := f.open(nil)
	key := newKey(t)
	text := wrap(t, k, key)
	s := spell(t, text)
	if s.in() != strings.Join(everywhere, " ") {
		t.Errorf("wrapped in %s", s.in())
	}
	if again := (&blob{s.EncryptedKey, []kek{
		{west, f.arns[west], s.KmsKeks[0].EncryptedKek},
		{east, f.arns[east], s.KmsKeks[1].EncryptedKek},
		{north, f.arns[north], s.KmsKeks[2].EncryptedKek},
	}}).encode(); !bytes.Equal(again, text) {
		t.Errorf("%s\nis not\n%s", text, again)
	}
	calls := f.Calls()
	if len(calls) != 3 || calls[0].Op != "GenerateDataKey" || calls[0].Region != west || len(f.Calls("Encrypt")) != 2 {
		t.Errorf("asked %v", calls)
	}
	for _, call := range calls {
		if call.ID != f.arns[call.Region] {
			t.Errorf("%s was asked for %s", call.Region, call.ID)
		}
	}
	// Every region alone opens it.
	for _, name := range everywhere {
		f.Forget()
		alone := f.open(func(o *Options) {
			o.Regions, o.Preferred = []Region{{Name: name, KeyID: f.arns[name], Endpoint: f.Region(name).URL}}, ""
		})
		mustUnwrap(t, alone, text, key)
		if got := f.RegionsAsked(); got != name {
			t.Errorf("asked %s", got)
		}
	}
}

// TestOrder: the preferred region is asked first, then the others as configured.
func TestOrder(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	for _, name := range everywhere {
		f.Region(name).Fail(awstest.AccessDenied)
	}
	for preferred, want := range map[string]string{
		west:  "us-west-2 us-east-1 eu-north-1",
		east:  "us-east-1 us-west-2 eu-north-1",
		north: "eu-north-1 us-west-2 us-east-1",
	} {
		f.Forget()
		k := f.open(func(o *Options) { o.Preferred = preferred })
		mustFail(t, k, text, envelope.KMSFailed)
		if got := f.RegionsAsked(); got != want {
			t.Errorf("with %s preferred: asked %s; want %s", preferred, got, want)
		}
		f.Forget()
		if _, err := k.EncryptKey(t.Context(), key, 0, false); err == nil {
			t.Error("EncryptKey works without a region")
		}
		if got := f.RegionsAsked("GenerateDataKey"); got != want {
			t.Errorf("with %s preferred: data keys of %s; want %s", preferred, got, want)
		}
	}
}

// TestNamesOfKeys: a key may be named in each way that KMS has.
func TestNamesOfKeys(t *testing.T) {
	f := newFixture(t)
	arn := f.arns[west]
	prefix, id, _ := strings.Cut(arn, "key/")
	for _, name := range []string{arn, id, "alias/asherah", prefix + "alias/asherah", "  " + arn + "\n"} {
		k := f.open(func(o *Options) {
			o.Regions, o.Preferred = []Region{{Name: west, KeyID: name, Endpoint: f.Region(west).URL}}, ""
		})
		key := newKey(t)
		text := wrap(t, k, key)
		mustUnwrap(t, k, text, key)
		if got := spell(t, text).KmsKeks[0].ARN; got != strings.TrimSpace(name) {
			t.Errorf("%s is stored as %s", name, got)
		}
	}
	// The region of the one key is that of its ARN, or the configured one.
	k := f.open(func(o *Options) {
		o.Regions, o.Preferred = []Region{{KeyID: "alias/asherah", Endpoint: f.Region(east).URL}}, ""
		o.AWS.Lookup = f.Environment("AWS_REGION", east)
	})
	wrap(t, k, newKey(t))
}

// TestChangedKey: a key record from before the configured key was changed opens under AnyKey only.
func TestChangedKey(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	changed := func(o *Options) {
		for i := range o.Regions {
			o.Regions[i].KeyID = f.Region(o.Regions[i].Name).AddKey("ffffffff-12ab-34cd-56ef-123456789000", "")
		}
	}
	err := mustFail(t, f.open(changed), text, envelope.Authentication)
	if !strings.Contains(err.Error(), "us-west-2: wrong key") {
		t.Errorf("%v", err)
	}
	mustUnwrap(t, f.open(func(o *Options) { changed(o); o.AnyKey = true }), text, key)
}

// What is wrong with the regions names the fields that mend it.
func TestRegionsNameTheirFields(t *testing.T) {
	f := newFixture(t)
	for want, o := range map[string]Options{
		"PreferredRegion names is not in RegionMap":              {Regions: []Region{{Name: west, KeyID: f.arns[west]}}, Preferred: "eu-west-1"},
		"PreferredRegion or the environment variable AWS_REGION": {Regions: []Region{{KeyID: "alias/asherah"}}},
	} {
		if k, err := New(o); k != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	f := newFixture(t)
	for name, change := range map[string]func(*Options){
		"no region":         func(o *Options) { o.Regions = nil },
		"no key":            func(o *Options) { o.Regions[1].KeyID = " " },
		"no preferred":      func(o *Options) { o.Preferred = "" },
		"unknown preferred": func(o *Options) { o.Preferred = "eu-west-1" },
		"twice":             func(o *Options) { o.Regions[1].Name, o.Regions[1].KeyID = west, f.arns[west] },
		"no name":           func(o *Options) { o.Regions = []Region{{KeyID: "alias/asherah"}}; o.Preferred = "" },
		"malformed name":    func(o *Options) { o.Regions[0].Name, o.Regions[0].KeyID = "us_west/2", "alias/asherah" },
		"other region":      func(o *Options) { o.Regions[0].KeyID = f.arns[east] },
		"malformed ARN":     func(o *Options) { o.Regions[0].KeyID = "arn:aws:kms:us-west-2:key/1" },
		"ARN of a bucket":   func(o *Options) { o.Regions[0].KeyID = "arn:aws:s3:us-west-2:" + awstest.Account + ":key/1" },
		"malformed id":      func(o *Options) { o.Regions[0].KeyID = "alias/a b" },
		"endpoint":          func(o *Options) { o.Regions[0].Endpoint = "kms.example.com" },
		"user in endpoint":  func(o *Options) { o.Regions[0].Endpoint = "https://user:password@example.com" },
		"negative":          func(o *Options) { o.Budget = -1 },
		"half credentials":  func(o *Options) { o.AWS.AccessKeyID = "AKID" },
		"FIPS and endpoint": func(o *Options) { o.AWS.Lookup = f.Environment("AWS_USE_FIPS_ENDPOINT", "true") },
	} {
		o := f.options()
		change(&o)
		k, err := New(o)
		if k != nil || envelope.CodeOf(err) != envelope.Configuration {
			t.Errorf("%s: %v, %v", name, k, err)
			continue
		}
		discreet(t, err)
		if strings.Contains(err.Error(), "password") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
