//go:build race

package tray_test

// raced says that the race detector is on.
const raced = true
