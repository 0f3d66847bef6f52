package tray

import "context"

// available is always so on macOS.
func available(context.Context) bool { return true }

// native gives the picture in the form that the system wants.
func native(png []byte) []byte { return png }
