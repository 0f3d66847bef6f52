package main

// Main runs the command for the script tests.
func Main() int { return start() }
