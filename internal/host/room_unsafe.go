//go:build host_unsafe || host_no_headroom

package host

// HeadRoom does nothing in this test build.
func HeadRoom() {}
