//go:build !race

package gui_test

// slower is 1: nothing watches what is measured.
const slower = 1
