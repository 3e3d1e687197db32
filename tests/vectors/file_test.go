// Package vectors runs the interoperability vectors of this directory (README.md) against the Go interface.
package vectors

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"testing"
)

// file is what a vector file and a scenario of dynamodb-wire.json have in common.
type file struct {
	name      string // of the file, and of the scenario where it has several
	Service   string
	Product   string
	Suffix    string    `json:"region_suffix"`
	KMS       masterKey `json:"kms"`
	Metastore []row
	Cases     []vector
}

// masterKey is a static master key, or the keys of AWS KMS in several regions.
type masterKey struct {
	Type   string
	KeyHex string `json:"key_hex"`

	Preferred string            `json:"preferred_region"`
	RegionMap map[string]string `json:"region_map"`
	Down      []string          `json:"down_regions"`
}

// row is a row of the table encryption_key; keyRecord is the column's text, which may be no JSON on purpose.
type row struct {
	ID        string
	Created   int64
	KeyRecord string `json:"key_record"`
	Edited    bool   // not as the canonical SDK wrote it
}

type vector struct {
	Name           string
	Partition      string
	DRR            string
	Expect         string
	Plaintext      []byte `json:"plaintext_base64"`
	Normative      *bool
	CacheDependent bool `json:"cache_dependent"`
	Override       struct {
		Service *string
		Product *string
		Suffix  *string    `json:"region_suffix"`
		KMS     *masterKey `json:"kms"`
	}
}

func (v *vector) normative() bool { return v.Normative == nil || *v.Normative }

// place is everything that the key hierarchy of a case hangs from. keyHex is that of a static master key, otherwise aws is
// set.
type place struct {
	service, product, suffix, keyHex string
	aws                              *awsKeys
}

// place is that of the file, with what the case overrides.
func (f *file) place(v *vector) place {
	p := place{f.Service, f.Product, f.Suffix, f.KMS.KeyHex, nil}
	if o := v.Override.Service; o != nil {
		p.service = *o
	}
	if o := v.Override.Product; o != nil {
		p.product = *o
	}
	if o := v.Override.Suffix; o != nil {
		p.suffix = *o
	}
	if o := v.Override.KMS; o != nil {
		p.keyHex = o.KeyHex
	}
	return p
}

func decode(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readFile(t *testing.T, name string) *file {
	t.Helper()
	f := &file{name: name}
	decode(t, name, f)
	return f
}

// attribute is a value as DynamoDB spells it.
type attribute struct {
	S    string
	N    string
	BOOL bool
	M    map[string]attribute
}

func (a attribute) number(t *testing.T) int64 {
	t.Helper()
	n, err := strconv.ParseInt(a.N, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// readScenarios reads dynamodb-wire.json: the items of its tables become rows, since what is tried here is the records.
func readScenarios(t *testing.T, name string) []*file {
	t.Helper()
	var whole struct {
		Service   string
		Product   string
		KMS       masterKey `json:"kms"`
		Scenarios []struct {
			Name   string
			Suffix string `json:"region_suffix"`
			Items  []map[string]attribute
			Cases  []vector
		}
	}
	decode(t, name, &whole)
	var files []*file
	for _, s := range whole.Scenarios {
		f := &file{
			name: name + ": " + s.Name, Service: whole.Service, Product: whole.Product, Suffix: s.Suffix, KMS: whole.KMS,
			Cases: s.Cases,
		}
		for _, item := range s.Items {
			f.Metastore = append(f.Metastore, row{
				ID: item["Id"].S, Created: item["Created"].number(t), KeyRecord: itemRecord(t, item["KeyRecord"].M), Edited: true,
			})
		}
		files = append(files, f)
	}
	return files
}

func itemRecord(t *testing.T, item map[string]attribute) string {
	t.Helper()
	record := map[string]any{"Created": item["Created"].number(t), "Key": item["Key"].S}
	if item["Revoked"].BOOL {
		record["Revoked"] = true
	}
	if parent, ok := item["ParentKeyMeta"]; ok {
		record["ParentKeyMeta"] = map[string]any{"KeyId": parent.M["KeyId"].S, "Created": parent.M["Created"].number(t)}
	}
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (p place) masterKey(t *testing.T) []byte {
	t.Helper()
	key, err := hex.DecodeString(p.keyHex)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
