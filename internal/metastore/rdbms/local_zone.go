package rdbms

import (
	"context"
	"errors"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// Some clients write into a column without zone what the clock on their wall shows. Those rows are found by both
// spellings of a time, and the time of creation in the record itself says which of them a row has.

// localTimes is how rows in local time are read besides those in UTC.
type localTimes struct {
	zone *time.Location
	// load takes id, created and created in the zone, and gives at most two rows; latest takes id, and gives the rows that
	// are not older than the newest one by more than zones can differ, the newest first.
	load, latest statement
}

func (l *layout) readLocal(zone *time.Location, load, latest string) {
	l.local = &localTimes{zone: zone, load: statement{text: load}, latest: statement{text: latest}}
}

var errOtherTime = errors.New("created is neither in UTC nor in the zone of LocalZone the time in the record")

// created returns the time of creation of a row whose column says column, read as UTC, and whose record says recorded.
func (l *localTimes) created(column, recorded int64) (int64, error) {
	if column == recorded || column == wallClock(recorded, l.zone) {
		return recorded, nil
	}
	return 0, errOtherTime
}

// wallClock is the moment at which a clock in UTC shows what one in zone shows at created.
func wallClock(created int64, zone *time.Location) int64 {
	_, offset := time.Unix(created, 0).In(zone).Zone()
	return created + int64(offset)
}

// loadLocal is Load where rows are in UTC or in local time. A row that was found by one spelling may be, by the other,
// that of another moment.
func (m *Metastore) loadLocal(ctx context.Context, l *layout, id string, created int64) (*envelope.KeyRecord, error) {
	boundID, _ := l.bindID(id)
	utc, _ := l.bindCreated(created)
	local, valid := l.bindCreated(wallClock(created, l.local.zone))
	if !valid {
		local = utc
	}
	rows, err := m.query(ctx, &l.local.load, boundID, utc, local)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		record, err := m.record(l, id, r)
		if err != nil {
			return nil, err
		}
		if record.Created == created {
			return record, nil
		}
	}
	return nil, nil
}

// loadLatestLocal is LoadLatest where rows are in UTC or in local time, so that the largest value in the column need
// not be the latest one.
func (m *Metastore) loadLatestLocal(ctx context.Context, l *layout, id string) (*envelope.KeyRecord, error) {
	bound, _ := l.bindID(id)
	rows, err := m.query(ctx, &l.local.latest, bound)
	if err != nil {
		return nil, err
	}
	var latest *envelope.KeyRecord
	for _, r := range rows {
		record, err := m.record(l, id, r)
		if err != nil {
			return nil, err
		}
		if latest == nil || record.Created > latest.Created {
			latest = record
		}
	}
	return latest, nil
}
