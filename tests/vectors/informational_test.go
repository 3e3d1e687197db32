package vectors

import (
	"testing"
)

// strict are the informational cases that we have decided on, with what must come out.
var strict = map[string]string{
	// A member comes once.
	"duplicate Data, last one wins":    "error",
	"duplicate Data, first one good":   "error",
	"duplicate Key objects are merged": "error",
	"Key then Key null":                "error",
	// A value has its type, and a time is a whole number.
	"Key.Created a fraction":          "error",
	"Key.Created in exponent form":    "error",
	"Key.Created with a leading zero": "error",
	"Data as an array of numbers":     "error",
	"Key.Key as an array of numbers":  "error",
	"metastore: Revoked the number 1": "error",
	"tab inside base64":               "error",
	// A record is one JSON object of valid Unicode.
	"lone surrogate in an unknown field":               "error",
	"metastore: something after the key_record's JSON": "error",
	"ParentKeyMeta.Created zero in a fresh session":    "error",
	// Keys have 32 bytes.
	"data row key of 16 bytes": "error",
	"data row key of 24 bytes": "error",
	"data row key of 31 bytes": "error",
	// Ids are compared whole: after the unsuffixed id of a session with a suffix comes "_" or nothing.
	"record of product quirksmore in a suffixed session of product quirks": "error",
	"the same in an unsuffixed session":                                    "error",
	"partition a of service b_c, opened as itself":                         "ok",
	// The column decides when a key was made, not the text beside it. A system key has no parent.
	"metastore: Created of the system key record differs from its column": "ok",
	"metastore: system key with a ParentKeyMeta":                          "ok",
	// null is absent.
	"Revoked null":            "ok",
	"metastore: Revoked null": "ok",
	"escaped field name":      "ok",
}

// TestInformational runs the cases that are not required either way. Those that we have decided on are asserted, the
// others are shown with -v.
func TestInformational(t *testing.T) {
	const ok, errors = 27, 11
	f := readFile(t, "go-json-leniency.json")
	count := map[string]int{}
	decided := 0
	for store, open := range stores {
		made := metastores(t, f, open)
		for i := range f.Cases {
			v := &f.Cases[i]
			if v.normative() {
				t.Errorf("%s is required", v.Name)
			}
			p := f.place(v)
			plaintext, err := decryptFresh(t, p, made[p.suffix], v)
			if expect, found := strict[v.Name]; found {
				check(t, v, expect, plaintext, err)
				decided++
			} else {
				t.Logf("%s: %s: canonical Go: %s; we: %v", store, v.Name, v.Expect, err)
			}
			count[v.Expect]++
		}
	}
	if count["ok"] != ok*len(stores) || count["error"] != errors*len(stores) {
		t.Errorf("ran %v on %d stores; want %d ok and %d error on each", count, len(stores), ok, errors)
	}
	if decided != len(strict)*len(stores) {
		t.Errorf("%d of our %d decisions were checked on %d stores", decided, len(strict), len(stores))
	}
}
