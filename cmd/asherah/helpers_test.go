package main

import (
	"time"

	"github.com/awnumar/memguard"
)

func buffer(text string) *memguard.LockedBuffer { return memguard.NewBufferFromBytes([]byte(text)) }

// waitPast waits until a second is over.
func waitPast(second int64) {
	for time.Now().Unix() <= second {
		time.Sleep(20 * time.Millisecond)
	}
}
