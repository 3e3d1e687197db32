package config

import "strings"

// nearest returns the known field whose name is closest to name, "" if none is close.
func nearest(name string) string {
	const longest = 64
	if len(name) > longest {
		return ""
	}
	best, least := "", len(name)/2+1
	for i := range fields {
		if d := distance(strings.ToLower(name), strings.ToLower(fields[i].name)); d < least {
			best, least = fields[i].name, d
		}
	}
	return best
}

// distance is the number of bytes to insert, delete, replace or swap with their neighbour to get from a to b, no byte
// being touched twice.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
