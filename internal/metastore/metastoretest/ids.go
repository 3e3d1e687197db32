package metastoretest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// similar ids are equal to some collation, driver or normalisation.
var similar = [][]string{
	{"_IK_Alice_s_p", "_IK_alice_s_p", "_IK_ALICE_s_p", "_IK_aLICE_s_p"},
	{"_IK_p", "_IK_p ", "_IK_p  ", " _IK_p", "_IK_p\t", "_IK_p\n", "_IK_p\u00a0", "_IK_p\x00", "_IK_p\x00\x00"},
	{"_IK_\u00e9", "_IK_e\u0301", "_IK_e", "_IK_\u00c9"},                              // normal forms, accents
	{"_IK_\u212b", "_IK_\u00c5", "_IK_A\u030a"},                                       // singleton: Angstrom sign
	{"_IK_stra\u00dfe", "_IK_strasse", "_IK_STRASSE"},                                 // expansion
	{"_IK_\ufb01", "_IK_fi"},                                                          // compatibility
	{"_IK_\uff11", "_IK_1", "_IK_\u0661"},                                             // other digits
	{"_IK_i", "_IK_\u0131", "_IK_I", "_IK_\u0130"},                                    // Turkish
	{"_IK_a\u200db", "_IK_ab", "_IK_a\u00adb", "_IK_a\ufeffb"},                        // ignorable
	{"_IK_\U0001f511", "_IK_\U0001f512", "_IK_?", "_IK_\ufffd", "_IK_??", "_IK_????"}, // beyond the BMP
	{"1", "01", "1.0", "1e0", "+1", "0x1"},                                            // column affinity
	{"", " "},
}

// awkward ids break quoting, escaping or pattern matching.
var awkward = []string{
	"'", "''", `"`, "`", `\`, `\'`, ";", "--", "/*", "'; DROP TABLE encryption_key; --", "%", "_", "[a]", "$1", "?1",
	":id", "@id", "{}", "\r\n", "\x01\x02\x7f", "\u2028\u2029", "<&>", "日本語", "\u202eabc",
	"\U0001f469\u200d\U0001f4bb", "\U0010ffff",
}

func testIDs(t *testing.T, h Harness) {
	for _, ids := range append(slices.Clip(similar), awkward) {
		m := h.Open(t)
		var stored []*envelope.KeyRecord
		for i, id := range ids {
			r := record(id, noon, fmt.Sprint(i))
			loaded, err := m.LoadLatest(t.Context(), id)
			if loaded != nil || (err != nil && !h.MayRefuseIDs) {
				t.Errorf("LoadLatest(%q) before it is stored = %+v, %v", id, loaded, err)
			}
			switch ok, err := m.Store(t.Context(), id, noon, r); {
			case ok && err == nil:
				stored = append(stored, r)
			case err != nil && h.MayRefuseIDs:
				t.Logf("%q is refused: %v", id, err)
			default:
				t.Errorf("Store(%q) beside %q = %v, %v", id, ids[:i], ok, err)
			}
		}
		for _, r := range stored {
			mustLoad(t, m, r, true)
		}
		if len(stored) == 0 {
			t.Errorf("every one of %q is refused", ids)
		}
	}
}

// testLongIDs: an id is stored whole or refused, and never cut so that it meets another one.
func testLongIDs(t *testing.T, h Harness) {
	m := h.Open(t)
	for _, n := range []int{200, 255, 256, 440, 450, 512, 767, 1024, 3072, 4000, 4001, 8000, 65535, 65536, 1 << 20} {
		for _, letter := range []string{"a", "é", "🔑"} {
			prefix := fmt.Sprintf("%d%s", n, strings.Repeat(letter, n/len(letter)))
			ids := []string{prefix + "1", prefix + "2"}
			if letter == "a" { // SQL has blanks that are too much at the end cut without a word
				ids = append(ids, prefix[:n]+"  ")
			}
			for i, id := range ids {
				r := record(id, noon, fmt.Sprint(i))
				stored, err := m.Store(t.Context(), id, noon, r)
				switch {
				case !h.HoldsID(id):
					if stored || envelope.CodeOf(err) != envelope.InvalidArgument {
						t.Errorf("Store with an id of %d bytes = %v, %v; want InvalidArgument", len(id), stored, err)
					}
					got, err := m.LoadLatest(t.Context(), id)
					if got != nil || err != nil && envelope.CodeOf(err) != envelope.InvalidArgument {
						t.Errorf("LoadLatest with an id of %d bytes = %+v, %v; want no record", len(id), got, err)
					}
				case !stored || err != nil:
					t.Errorf("Store with an id of %d bytes = %v, %v", len(id), stored, err)
				default:
					mustLoad(t, m, r, true)
				}
			}
		}
	}
}
