package sqltype

import (
	"fmt"
	"strings"
	"time"
)

// DateTime counts 1/300 of a second, "ticks" here.
const ticksPerSecond = 300

var (
	firstDateTime      = time.Date(1753, 1, 1, 0, 0, 0, 0, time.UTC)
	firstSmallDateTime = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	endSmallDateTime   = time.Date(2079, 6, 7, 0, 0, 0, 0, time.UTC)
	firstTime          = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	endTime            = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// RoundTime is t as a type of time can hold it, or error 242.
func RoundTime(t time.Time, from, to Type) (time.Time, error) {
	rounded := round(t, to)
	first, end := firstTime, endTime
	switch to.Kind {
	case DateTime:
		first = firstDateTime
	case SmallDateTime:
		first, end = firstSmallDateTime, endSmallDateTime
	}
	if utc := rounded.UTC(); utc.Before(first) || !utc.Before(end) {
		return t, Errorf(242, 3, "The conversion of a %s data type to a %s data type resulted in an out-of-range value.",
			from.Name(), to.Name())
	}
	return rounded, nil
}

func round(t time.Time, to Type) time.Time {
	second := t.Truncate(time.Second)
	ns := t.Sub(second)
	switch to.Kind {
	case DateTime:
		ticks := (int64(ns)*ticksPerSecond + int64(time.Second)/2) / int64(time.Second)
		return second.Add(time.Duration((ticks*int64(time.Second) + ticksPerSecond/2) / ticksPerSecond))
	case SmallDateTime:
		return t.Truncate(time.Minute).Add((t.Sub(t.Truncate(time.Minute)) + 30*time.Second).Truncate(time.Minute))
	case Date:
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	default:
		unit := time.Second
		for range to.Scale {
			unit /= 10
		}
		return second.Add((ns + unit/2).Truncate(unit))
	}
}

func (c Conversion) toTime(v any, from, to Type) (any, error) {
	var t time.Time
	switch v := v.(type) {
	case time.Time:
		t = v
	case string:
		parsed, err := parseTime(v, from, to)
		if err != nil {
			return nil, err
		}
		t, from = parsed, Type{Kind: from.Kind, Scale: 7}
	case int64:
		t = firstSmallDateTime.AddDate(0, 0, int(v))
	case bool:
		t = firstSmallDateTime
	case float64:
		t = firstSmallDateTime.Add(time.Duration(v * 24 * float64(time.Hour)))
	}
	if to.Kind != DateTimeOffset {
		if _, offset := t.Zone(); offset != 0 && c.Dropped != nil {
			c.Dropped(t)
		}
		t = wall(t)
	}
	if from.Kind == DateTime && to.Kind > DateTime && c.Compat < 130 {
		t = t.Truncate(time.Second).Add((t.Sub(t.Truncate(time.Second)) + time.Millisecond/2).Truncate(time.Millisecond))
	}
	switch {
	case to.Kind == Time:
		t = time.Date(1, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	case from.Kind == Time:
		t = firstSmallDateTime.Add(t.Sub(firstTime))
	}
	rounded, err := RoundTime(t, from, to)
	if err != nil {
		return nil, err
	}
	if to.Kind == Time && rounded.Day() > 1 {
		rounded = firstTime
	}
	if !rounded.Equal(t) && c.Rounded != nil {
		c.Rounded(t, rounded)
	}
	return rounded, nil
}

// wall is the same reading of the clock in UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

var dayLayouts = []string{"2006-01-02", "20060102", "2006/01/02", "2006.01.02"}

var clockLayouts = []string{"", " 15:04", " 15:04:05", "T15:04:05"}

// parseTime reads texts of the forms whose meaning does not depend on language: yyyy-mm-dd or yyyymmdd, then hh:mi[:ss
// [.fraction]] behind a blank or a T, then Z or +hh:mm.
func parseTime(s string, from, to Type) (time.Time, error) {
	trimmed := strings.TrimSpace(s)
	bad := Errorf(241, 1, "Conversion failed when converting date and/or time from character string.")
	if trimmed == "" {
		return firstSmallDateTime, nil
	}
	digits := fractionDigits(trimmed)
	if digits > 7 || digits > 3 && isLegacyTime(to) {
		return time.Time{}, bad
	}
	zones := []string{"", "Z", " -07:00", "-07:00"}
	if isLegacyTime(to) {
		zones = zones[:2]
	}
	for _, day := range dayLayouts {
		for _, clock := range clockLayouts {
			for _, zone := range zones {
				if t, err := time.Parse(day+clock+zone, trimmed); err == nil {
					return t, nil
				} else if strings.Contains(err.Error(), "out of range") {
					return time.Time{}, Errorf(242, 3, "The conversion of a %s data type to a %s data type resulted in an "+
						"out-of-range value.", from.Name(), to.Name())
				}
			}
		}
	}
	if to.Kind == Time {
		for _, clock := range clockLayouts[1:3] {
			if t, err := time.Parse(clock[1:], trimmed); err == nil {
				return t.AddDate(1, 0, 0), nil
			}
		}
	}
	return time.Time{}, bad
}

func fractionDigits(s string) int {
	colon := strings.LastIndexByte(s, ':')
	point := strings.LastIndexByte(s, '.')
	if point < 0 || colon < 0 || point < strings.IndexByte(s, ':') {
		return 0
	}
	n := 0
	for _, r := range s[point+1:] {
		if r < '0' || r > '9' {
			break
		}
		n++
	}
	return n
}

// formatTime is the text of a time in a style of CONVERT; 0 is the type's own.
func formatTime(t time.Time, from Type, style int) string {
	digits := from.Scale
	if isLegacyTime(from) {
		digits = 3
		if style == 0 || style == 100 {
			return t.Format("Jan _2 2006 ") + fmt.Sprintf("%7s", t.Format("3:04PM"))
		}
	}
	fraction := ""
	if digits > 0 {
		unit := time.Second
		for range digits {
			unit /= 10
		}
		fraction = fmt.Sprintf(".%0*d", digits, (time.Duration(t.Nanosecond())+unit/2)/unit)
	}
	zone := ""
	if from.Kind == DateTimeOffset {
		zone = t.Format(" -07:00")
	}
	switch {
	case style == 112:
		return t.Format("20060102")
	case from.Kind == Date || style == 23:
		return t.Format("2006-01-02")
	case from.Kind == Time:
		return t.Format("15:04:05") + fraction
	case style == 120 || style == 20:
		return t.Format("2006-01-02 15:04:05") + zone
	case style == 126 || style == 127:
		if t.Nanosecond() == 0 {
			fraction = ""
		}
		return t.Format("2006-01-02T15:04:05") + fraction + strings.TrimSpace(zone)
	default:
		return t.Format("2006-01-02 15:04:05") + fraction + zone
	}
}
