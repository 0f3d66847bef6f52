//go:build !linux

package main

import "time"

// processStart is when main began.
func processStart(began time.Time) time.Time { return began }

// threadTime is not known here.
func threadTime() time.Duration { return 0 }
