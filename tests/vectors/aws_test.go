package vectors

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
	awskms "github.com/libasherah/libasherah/internal/kms/aws"
	"github.com/libasherah/libasherah/internal/kms/awstest"
	"github.com/libasherah/libasherah/internal/seccache"
)

// awsKeys is AWS KMS as a case has it. anyKey asks as the first Go plugin does, without the name of the key.
type awsKeys struct {
	cloud  *awstest.Cloud
	keys   masterKey
	anyKey bool
}

var awsFiles = []string{"aws-kms-v1.json", "aws-kms-v2.json"}

// newCloud makes a cloud with all regions and keys that a file names.
func newCloud(t *testing.T, keys ...masterKey) *awstest.Cloud {
	t.Helper()
	names := map[string]bool{}
	for _, k := range keys {
		for name := range k.RegionMap {
			names[name] = true
		}
	}
	c := awstest.New(t, slices.Sorted(maps.Keys(names))...)
	for _, k := range keys {
		for name, arn := range k.RegionMap {
			c.Region(name).AddVectorKey(arn)
		}
	}
	return c
}

func (f *file) cloud(t *testing.T) *awstest.Cloud {
	t.Helper()
	keys := []masterKey{f.KMS}
	for i := range f.Cases {
		if o := f.Cases[i].Override.KMS; o != nil {
			keys = append(keys, *o)
		}
	}
	return newCloud(t, keys...)
}

// awsPlace is the place of a case under AWS KMS.
func (f *file) awsPlace(c *awstest.Cloud, v *vector, anyKey bool) place {
	p := f.place(v)
	p.keyHex, p.aws = "", &awsKeys{c, f.KMS, anyKey}
	if v.Override.KMS != nil {
		p.aws.keys = *v.Override.KMS
	}
	return p
}

// open makes the KMS. Regions that are down refuse everything.
func (a *awsKeys) open(t *testing.T, arena *seccache.Arena) (closingKMS, error) {
	t.Helper()
	for _, name := range a.cloud.Regions() {
		a.cloud.Region(name).Fail(nil)
		if slices.Contains(a.keys.Down, name) {
			a.cloud.Region(name).Fail(&awstest.Fault{Status: 400, Code: "DisabledException"})
		}
	}
	o := awskms.Options{
		Preferred: a.keys.Preferred, AnyKey: a.anyKey, Memory: arena,
		AttemptTimeout: 30 * time.Second, HedgeDelay: 30 * time.Second, Budget: time.Minute,
		AWS: awsconf.Options{Lookup: a.cloud.Environment()},
	}
	for _, name := range slices.Sorted(maps.Keys(a.keys.RegionMap)) {
		o.Regions = append(o.Regions, awskms.Region{
			Name: name, KeyID: a.keys.RegionMap[name], Endpoint: a.cloud.Region(name).URL,
		})
	}
	k, err := awskms.New(o)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// strictAWS are our decisions about the informational cases: with the key named in the request, and with AnyKey.
var strictAWS = map[string][2]string{
	"master key ARN has changed since":                   {"error", "ok"},
	"master key ARN has changed since, read with aws-v1": {"error", "ok"},
	"master key ARN has changed since, read with aws-v2": {"error", "ok"},
	// Of several keys of a region each is tried.
	"two keks of one region, the first one good": {"ok", "ok"},
	"two keks of one region, the last one good":  {"ok", "ok"},
	// A spoilt key of one region does not keep the others from opening.
	"encryptedKek not base64": {"ok", "ok"},
}

// TestAWS runs every case of both generations of the plugin, on every store, as either of them asks.
func TestAWS(t *testing.T) {
	before := seccache.ReadStats().LiveSecrets
	for _, name := range awsFiles {
		f := readFile(t, name)
		cloud := f.cloud(t)
		for store, open := range stores {
			made := metastores(t, f, open)
			for i, anyKey := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s on %s, any key %v", name, store, anyKey), func(t *testing.T) {
					count := map[string]int{}
					decided := 0
					for j := range f.Cases {
						v := &f.Cases[j]
						expect := v.Expect
						if !v.normative() {
							expect = strictAWS[v.Name][i]
							decided++
						}
						p := f.awsPlace(cloud, v, anyKey)
						plaintext, err := decryptFresh(t, p, made[p.suffix], v)
						if expect == "ok" && v.Expect == "error" {
							if err != nil || len(plaintext) == 0 { // what it is the vector does not say
								t.Errorf("%s: %d bytes, %v; want them opened", v.Name, len(plaintext), err)
							}
						} else {
							check(t, v, expect, plaintext, err)
						}
						count[v.Expect]++
					}
					if count["ok"] != 19 || count["error"] != 12 || decided != 5 {
						t.Errorf("ran %v, of which we have decided %d", count, decided)
					}
				})
			}
		}
	}
	if after := seccache.ReadStats().LiveSecrets; after != before {
		t.Errorf("%d secrets are left", after-before)
	}
}

// wire is a file of exchanges with KMS.
type wire struct {
	Service   string
	Product   string
	Scenarios []struct {
		Name      string
		Plugin    string
		KMS       masterKey `json:"kms"`
		Exchanges []struct {
			Region string
			Target string `json:"x_amz_target"`
			Body   string `json:"request_body"`
		}
		Record   string `json:"system_key_record"`
		Envelope string `json:"system_key_envelope"`
	}
}

// TestAWSWire: in each recorded situation we ask the same regions the same things as the canonical plugin did, and
// write an envelope of the same form.
func TestAWSWire(t *testing.T) {
	scenarios := 0
	for _, name := range []string{"aws-kms-wire-v1.json", "aws-kms-wire-v2.json"} {
		var w wire
		decode(t, name, &w)
		for _, s := range w.Scenarios {
			t.Run(name+": "+s.Name, func(t *testing.T) {
				scenarios++
				keys := &awsKeys{newCloud(t, s.KMS), s.KMS, s.Plugin == "aws-v1"}
				arena := seccache.Open(seccache.Prefer)
				k, err := keys.open(t, arena)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = k.Close() }()
				var written string
				if strings.HasPrefix(s.Name, "wrap") {
					key, err := arena.NewSecret(32)
					if err != nil {
						t.Fatal(err)
					}
					defer key.Destroy()
					text, err := k.EncryptKey(t.Context(), key, 0, false)
					if err != nil {
						t.Fatal(err)
					}
					written = string(text)
				} else {
					record, err := envelope.ParseKeyRecord([]byte(s.Record))
					if err != nil {
						t.Fatal(err)
					}
					key, err := k.DecryptKey(t.Context(), record.Key, record.Created, false)
					if err != nil {
						t.Fatal(err)
					}
					key.Destroy()
				}
				var asked, want []string
				for _, c := range keys.cloud.Calls() {
					asked = append(asked, c.Region+" TrentService."+c.Op+" "+spelt(t, c.Body))
				}
				for _, e := range s.Exchanges {
					want = append(want, e.Region+" "+e.Target+" "+spelt(t, e.Body))
				}
				if strings.HasPrefix(s.Name, "wrap") { // the order of Encrypt is not fixed
					slices.Sort(asked)
					slices.Sort(want)
				}
				if !slices.Equal(asked, want) {
					t.Errorf("asked\n%s\nwant\n%s", strings.Join(asked, "\n"), strings.Join(want, "\n"))
				}
				if written != "" && shape(t, written) != shape(t, s.Envelope) {
					t.Errorf("wrote\n%s\nwhere the canonical SDK wrote\n%s", written, s.Envelope)
				}
			})
		}
	}
	if scenarios != 8 {
		t.Errorf("%d scenarios", scenarios)
	}
}

// spelt writes a request in one way, with a data key in the clear left out, which is random.
func spelt(t *testing.T, body string) string {
	t.Helper()
	var members map[string]string
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatal(err)
	}
	if key, ok := members["Plaintext"]; ok {
		plain, err := base64.StdEncoding.DecodeString(key)
		members["Plaintext"] = fmt.Sprint(len(plain), " bytes, ", err)
	}
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// kmsEnvelope is declared in the order of the canonical Go SDK's.
type kmsEnvelope struct {
	EncryptedKey []byte `json:"encryptedKey"`
	KMSKeks      []struct {
		Region       string `json:"region"`
		ARN          string `json:"arn"`
		EncryptedKek []byte `json:"encryptedKek"`
	} `json:"kmsKeks"`
}

// shape is what of an envelope is not random, after it was found to be in canonical form. The order of the regions is
// not fixed, except for the first.
func shape(t *testing.T, text string) string {
	t.Helper()
	var e kmsEnvelope
	if err := canonical([]byte(text), &e); err != nil {
		t.Error(err)
	}
	lines := []string{fmt.Sprint(len(e.EncryptedKey), " ", e.KMSKeks[0].Region)}
	for _, k := range e.KMSKeks {
		lines = append(lines, fmt.Sprint(k.Region, " ", k.ARN, " ", len(k.EncryptedKek)))
	}
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}

// TestAWSWritten: a record written under AWS KMS is read again, by a session whose requests are the other plugin's and
// by each region alone.
func TestAWSWritten(t *testing.T) {
	f := readFile(t, awsFiles[1])
	cloud := f.cloud(t)
	p := f.awsPlace(cloud, &vector{}, false)
	store := &textStore{}
	record := newWriter(t, p, store, noon).encrypt(t, "partition", []byte("payload"))
	for name, arn := range f.KMS.RegionMap {
		alone := p
		alone.aws = &awsKeys{cloud, masterKey{Preferred: name, RegionMap: map[string]string{name: arn}}, true}
		s, err := newWriter(t, alone, store, noon).Session("partition")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.DecryptBytes(t.Context(), record); err != nil || string(got) != "payload" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		s.Close()
	}
}
