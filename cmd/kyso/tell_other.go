//go:build !windows

package main

// tellWithoutWindow does nothing: the three lines on the standard error tell it.
func tellWithoutWindow(string) {}
