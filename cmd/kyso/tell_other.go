//go:build !windows

package main

import "kyso/app/explain"

// tellWithoutWindow does nothing: the three lines on the standard error tell it.
func tellWithoutWindow(explain.Message) {}
