package awskms

import (
	"errors"
	"fmt"
	"strings"
)

var errBarred = errors.New("it was down and is not asked for a while")

// RegionStats are the counts of a region since the KMS was made.
type RegionStats struct {
	Region   string
	Requests uint64 // that have ended, of every kind
	Failures uint64 // of these
	LeftOut  uint64 // system keys that the region has not wrapped
	Down     bool   // it is not asked, but to find out whether it is back
}

// Stats returns the counts of all regions, in the order in which they are asked.
func (k *KMS) Stats() []RegionStats {
	list := make([]RegionStats, len(k.regions))
	for i, r := range k.regions {
		list[i] = RegionStats{r.name, r.requests.Load(), r.failures.Load(), r.leftOut.Load(), r.breaker.open()}
	}
	return list
}

// regions names the regions of a blob, for an error. The names are those of the record.
func (b *blob) regions() string {
	const most = 8
	var names []string
	for i, k := range b.keks {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%.40q", k.region))
	}
	return strings.Join(names, ", ")
}
