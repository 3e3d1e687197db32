package metastoretest

import (
	"testing"
	"time"
	_ "time/tzdata" // the zone below must exist on every machine

	"github.com/libasherah/libasherah/internal/envelope"
)

// testCreated: times are exact to the second, in the right order, whatever the zone of the process, and refused where
// the column cannot hold them. Two of them are 01:30 on the clocks of New York, an hour apart.
func testCreated(t *testing.T, h Harness) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	local := time.Local
	time.Local = zone
	defer func() { time.Local = local }()

	m := h.Open(t)
	var stored []*envelope.KeyRecord
	for _, created := range []int64{
		-62135596801, -62135596800, // around year 1
		-2208988801, -86400, -60, -1, 0, 1, 59, 60, 946684800,
		1710053999, 1710054000, // the clocks go forward
		1730611800, 1730615400, // 01:30 before and after they go back
		1710037799, 1710037800, 1710039600, 1730597400, // in UTC 02:29:59, 02:30 and 03:00, and 01:30, of these two days
		1 << 31, 1<<31 - 1, 1<<31 + 60, 1 << 32, 1<<32 + 1, // 2038 and 2106
		4102444800, 32503680000, 253402300799, // 2100, 3000, end of 9999
		253402300800, 1 << 40, 1 << 53, 1<<62 - 1,
	} {
		r := record("_IK_p_s_p", created, "")
		ok, err := m.Store(t.Context(), r.ID, created, r)
		switch {
		case !h.HoldsCreated(created):
			if ok || envelope.CodeOf(err) != envelope.InvalidArgument {
				t.Errorf("Store at %d = %v, %v; want InvalidArgument", created, ok, err)
			}
			if got, err := m.Load(t.Context(), r.ID, created); got != nil || err != nil {
				t.Errorf("Load at %d = %+v, %v; want no record and no error", created, got, err)
			}
		case !ok || err != nil:
			t.Errorf("Store at %d = %v, %v", created, ok, err)
		default:
			stored = append(stored, r)
		}
	}
	var newest *envelope.KeyRecord
	for _, r := range stored {
		mustLoad(t, m, r, false)
		if newest == nil || r.Created > newest.Created {
			newest = r
		}
	}
	mustLoad(t, m, newest, true)
}
