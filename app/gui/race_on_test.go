//go:build race

package gui_test

// slower is how much slower the race detector makes what is measured.
const slower = 20
