//go:build !race

package seccache

const raceEnabled = false
