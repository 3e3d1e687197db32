package envelope

import (
	"context"
	"time"
)

// What tests of package envelope_test look at inside. They are in a package of their own because the memory metastore
// and the static KMS import this one.

var (
	EncodeBase64  = encodeBase64
	DecodeBase64  = decodeBase64
	DecodedLen    = decodedLen
	Base64Len     = base64Len
	SealedKeyText = sealedKeyText
)

const MaxID = maxID

// Parts are those of a record.
type Parts struct {
	Key, Data, ParentID []byte
	ParentCreated       int64
}

func partsOf(r dataRowRecord) Parts { return Parts{r.key, r.data, r.parentID, r.parentCreated} }

func ScanRecord(text []byte) (Parts, bool) {
	r, ok := scanRecord(text)
	return partsOf(r), ok
}

// ScanRecordOf scans with the head of records under this key.
func ScanRecordOf(text []byte, id string, created int64) (Parts, bool) {
	r, ok := scanRecordOf(text, recordHead(quoteJSON(id), created))
	return partsOf(r), ok
}

func ParseRecord(text []byte) (Parts, error) {
	r, err := parseRecord(text)
	return partsOf(r), err
}

// Accepts is partition.accepts for a partition of these ids.
func Accepts(partition, service, product, suffix, keyID string) bool {
	return newPartition(partition, service, product, suffix).accepts([]byte(keyID))
}

// Expired is Policy.expired at a wall clock of so many nanoseconds.
func Expired(p Policy, created, wall int64) bool { return p.expired(created, instant{wall: wall}) }

// Freshness says of a key last seen at one instant whether it is fresh, early or stale at another.
func Freshness(seenWall int64, seenMono time.Duration, wall int64, mono, interval time.Duration) string {
	k := &key{}
	k.see(instant{seenWall, seenMono}, false, interval)
	return [...]string{"fresh", "early", "stale"}[k.freshness(instant{wall, mono}, interval)]
}

// Sighting is one answer of the metastore about a key.
type Sighting struct {
	At      time.Duration
	Revoked bool
}

// AfterSightings returns what a key knows after these answers came in: whether it is revoked, and when it was last
// looked for.
func AfterSightings(sightings ...Sighting) Sighting {
	k := &key{}
	for _, s := range sightings {
		k.see(instant{int64(s.At), s.At}, s.Revoked, time.Hour)
	}
	return Sighting{k.seen.Load().at.mono, k.revoked.Load()}
}

// SetSealLimits changes when keys that have sealed much are warned of and replaced.
func (f *Factory) SetSealLimits(warn, rotate, check uint64) {
	f.sealLimits = sealLimits{warn, rotate, check}
}

// Poisoned says that a panic has closed the factory for good.
func (f *Factory) Poisoned() bool { return f.poisoned.Load() }

// Refreshing says how many keys are being looked at early at this moment.
func (f *Factory) Refreshing() int { return len(f.refreshers) }

// Rotations says for how many ids a rotation is under way or waits, and for how many one is remembered at all.
func (f *Factory) Rotations() (busy, all int) {
	f.rotations.mu.Lock()
	defer f.rotations.mu.Unlock()
	for _, r := range f.rotations.byID {
		if r.busy {
			busy++
		}
	}
	return busy, len(f.rotations.byID)
}

// Rotators says how many rotations may be under way in the background.
func (f *Factory) Rotators() int {
	f.rotations.mu.Lock()
	defer f.rotations.mu.Unlock()
	return f.rotations.workers
}

// SetSlowAnswer changes how long an answer of metastore or KMS takes that is slow.
func (f *Factory) SetSlowAnswer(d time.Duration) { f.store.slowAfter, f.kms.slowAfter = d, d }

// RevocationDue says whether it is to be told that a key is revoked.
func (f *Factory) RevocationDue(name KeyMeta) bool {
	return f.revocations.due(name, f.now().mono, 1<<63-1)
}

// Reminders says of how many keys it is remembered that they were told to be revoked.
func (f *Factory) Reminders() int { return len(f.revocations.last) }

// Watched reports whether what a KMS tells with ctx is told to anyone.
func Watched(ctx context.Context) bool { return ctx.Value(requestsKey{}) != nil }
