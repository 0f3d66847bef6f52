//go:build !linux

package remote

// Harden does nothing here: these systems write no core dumps by default.
func Harden() error { return nil }
